//! Reading dictionaries: lines of words, in files that include others.

use crate::known;

use super::{Definition, Dictionary, Kind, number};

/// So many bytes are read of a dictionary with all that it includes.
pub const MAX_DICTIONARY: usize = 4 << 20;
/// So deep files include each other.
const DEEPEST: usize = 5;

/// A dictionary that is being read.
struct Reader<F> {
    dictionary: Dictionary,
    /// The text of a file.
    text: F,
    /// Whose attributes follow.
    vendor: u32,
    /// How many bytes may still come.
    room: usize,
}

impl Dictionary {
    /// Reads the dictionary of a path, with all that it includes. `text` gives the text of a file, or says why it cannot.
    ///
    /// # Errors
    /// What is wrong and where, or what is missing that this client needs.
    pub fn read(path: &str, text: impl FnMut(&str) -> Result<String, String>) -> Result<Self, String> {
        let mut reader = Reader { dictionary: Self::default(), text, vendor: 0, room: MAX_DICTIONARY };
        reader.file(path, 0)?;
        if reader.vendor != 0 {
            let vendor = reader.vendor;
            return Err(format!(
                "vendor definitions were not properly closed: vendor {vendor} is still open"
            ));
        }
        reader.dictionary.check()?;
        Ok(reader.dictionary)
    }
}

impl<F: FnMut(&str) -> Result<String, String>> Reader<F> {
    fn file(&mut self, path: &str, depth: usize) -> Result<(), String> {
        if depth >= DEEPEST {
            return Err("Too many nested $INCLUDE".to_owned());
        }
        let text = (self.text)(path).map_err(|error| format!("can't open dictionary '{path}': {error}"))?;
        let room = self.room.checked_sub(text.len());
        self.room = room
            .ok_or_else(|| format!("dictionary '{path}': all files have more than {MAX_DICTIONARY} bytes"))?;
        for (at, line) in text.lines().enumerate() {
            let comma = if depth > 0 { "," } else { "" };
            self.line(line, depth)
                .map_err(|error| format!("{error} at line {} in dictionary '{path}'{comma}", at + 1))?;
        }
        Ok(())
    }

    fn line(&mut self, line: &str, depth: usize) -> Result<(), String> {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let Some(first) = words.first() else { return Ok(()) };
        let wanted = match *first {
            "ATTRIBUTE" | "VALUE" => 4,
            "VENDOR" => 3,
            "$INCLUDE" | "BEGIN-VENDOR" | "END-VENDOR" => 2,
            other => return Err(format!("unknown dictionary entry '{other}'")),
        };
        match words[..] {
            _ if words.len() != wanted => Err(format!("expected {wanted} tokens, got {}", words.len())),
            ["ATTRIBUTE", name, code, kind] => self.attribute(name, code, kind),
            ["VALUE", attribute, name, value] => self.value(attribute, name, value),
            ["VENDOR", name, id] => {
                let id = integer(id)?;
                if id == 0 {
                    return Err(RESERVED.to_owned());
                }
                self.dictionary.call(known::VENDOR_SPECIFIC, 0, name, id)
            }
            ["BEGIN-VENDOR", name] => self.begin(name),
            ["END-VENDOR", name] => self.end(name),
            [_, path] => self.file(path, depth + 1),
            _ => Ok(()),
        }
    }

    fn attribute(&mut self, name: &str, code: &str, kind: &str) -> Result<(), String> {
        let number: i64 = code.parse().map_err(|_| format!("can't parse attribute type {code}"))?;
        // Servers number what they use among themselves so.
        let Ok(code) = u8::try_from(number) else { return Ok(()) };
        let kind = Kind::of(kind).ok_or_else(|| format!("unknown AttrValueType name {kind}"))?;
        let vendor = self.vendor;
        if kind == Kind::Vendor && (vendor != 0 || code != known::VENDOR_SPECIFIC) {
            return Err("only Vendor-Specific (26) attribute can have the vsa data type".to_owned());
        }
        self.dictionary.define(Definition { name: name.into(), code, kind, vendor })
    }

    fn value(&mut self, attribute: &str, name: &str, value: &str) -> Result<(), String> {
        let vendor = self.vendor;
        let within = if vendor == 0 { String::new() } else { format!(" in vendor {vendor}") };
        let found = self.dictionary.of_name(attribute, vendor);
        let found = found.ok_or_else(|| format!("unknown attribute '{attribute}'{within}"))?;
        if found.kind != Kind::Integer {
            return Err(format!("attribute '{attribute}'{within} is not an integer attribute"));
        }
        let code = found.code;
        self.dictionary.call(code, vendor, name, integer(value)?)
    }

    fn begin(&mut self, name: &str) -> Result<(), String> {
        if self.vendor != 0 {
            return Err(format!("unsupported embedded begin vendor, {} is still open", self.vendor));
        }
        self.vendor = self.named(name)?;
        if self.vendor == 0 { Err(RESERVED.to_owned()) } else { Ok(()) }
    }

    fn end(&mut self, name: &str) -> Result<(), String> {
        if self.vendor == 0 {
            return Err("no matching begin vendor".to_owned());
        }
        let ended = self.named(name)?;
        if ended != self.vendor {
            return Err(format!("begin vendor {} and end vendor {ended} do not match", self.vendor));
        }
        self.vendor = 0;
        Ok(())
    }

    fn named(&self, vendor: &str) -> Result<u32, String> {
        self.dictionary.vendor(vendor).ok_or_else(|| format!("can't parse integer value {vendor}"))
    }
}

const RESERVED: &str = "0 is reserved";

fn integer(text: &str) -> Result<u32, String> {
    number(text).ok_or_else(|| format!("can't parse integer value {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dictionary of the standard one and these lines.
    fn with(lines: &str) -> Result<Dictionary, String> {
        let own = format!("$INCLUDE standard\n{lines}");
        Dictionary::read("own", |path| match path {
            "own" => Ok(own.clone()),
            "standard" => Ok(super::super::STANDARD.to_owned()),
            "again" => Ok("$INCLUDE again".to_owned()),
            _ => Err("No such file or directory".to_owned()),
        })
    }

    /// What is built in has what is needed, and names of its own for numbers.
    #[test]
    fn the_standard_attributes_are_known() {
        let standard = Dictionary::standard();
        standard.check().expect("all that is needed");
        let password = standard.of_name("Password", 0).expect("an older name");
        assert_eq!((&*password.name, password.code), ("User-Password", 2));
        assert_eq!(standard.value(known::ACCT_STATUS_TYPE, 0, "Start"), Some(1));
        assert_eq!(standard.value_name(known::ACCT_STATUS_TYPE, 0, 2), Some("Stop"));
        assert_eq!(standard.name(77).to_string(), "Connect-Info");
        assert_eq!(standard.name(254).to_string(), "Attribute-254");
    }

    /// Attributes of vendors have names and numbers of their own.
    #[test]
    fn vendors_have_attributes() {
        let read = with(
            "VENDOR DSL-Forum 3561 # the one of the manual\n\
             BEGIN-VENDOR DSL-Forum\nATTRIBUTE User-Name 1 integer\nVALUE User-Name Nobody 7\n\
             ATTRIBUTE Other-Name 1 integer\nEND-VENDOR 3561\nATTRIBUTE Big 1000 unknown",
        );
        let read = read.expect("a dictionary");
        assert_eq!(
            (read.vendor("DSL-Forum"), read.vendor("9"), read.vendor("no")),
            (Some(3561), Some(9), None)
        );
        assert_eq!(read.of_name("User-Name", 3561).map(|it| it.kind), Some(Kind::Integer));
        assert_eq!(read.of_name("User-Name", 0).map(|it| it.kind), Some(Kind::String));
        assert_eq!(read.of_name("Other-Name", 3561).map(|it| &*it.name), Some("User-Name"));
        assert_eq!(read.value(1, 3561, "Nobody"), Some(7));
    }

    /// What is wrong is told with its place.
    #[test]
    fn errors_are_told() {
        for (lines, error) in [
            ("ATTRIBUTE A 1", "expected 4 tokens, got 3 at line 2 in dictionary 'own'"),
            ("ATTRIBUTE A x string", "can't parse attribute type x"),
            ("ATTRIBUTE A 200 octets", "unknown AttrValueType name octets"),
            ("ATTRIBUTE A 200 vsa", "only Vendor-Specific (26)"),
            (
                "ATTRIBUTE User-Name 3 string",
                "Illegal attribute redefinition of 'User-Name' type 1 value type string by 3 string",
            ),
            (
                "ATTRIBUTE Else 1 integer",
                "redefinition of 'User-Name' type 1 value type string by 'Else' 1 integer",
            ),
            ("VALUE None A 1", "unknown attribute 'None'"),
            ("VALUE User-Name A 1", "attribute 'User-Name' is not an integer attribute"),
            ("VALUE Acct-Status-Type Start 4294967296", "can't parse integer value 4294967296"),
            (
                "VALUE Acct-Status-Type Start 9",
                "Illegal integer constant redefinition of 'Start' for attribute 'Acct-Status-Type' value 1 by 9",
            ),
            ("VENDOR A 0", "0 is reserved"),
            ("VENDOR A 1\nVENDOR A 2", "Illegal vendor id redefinition of 'A' value 1 by 2 at line 3"),
            ("BEGIN-VENDOR 5", "vendor 5 is still open"),
            ("BEGIN-VENDOR 5\nBEGIN-VENDOR 6", "unsupported embedded begin vendor"),
            ("END-VENDOR 5", "no matching begin vendor"),
            ("BEGIN-VENDOR 5\nEND-VENDOR 6", "begin vendor 5 and end vendor 6 do not match"),
            ("$INCLUDE again", "Too many nested $INCLUDE at line 1 in dictionary 'again', at line 1"),
            ("$INCLUDE nowhere", "can't open dictionary 'nowhere': No such file or directory at line 2"),
            ("what is this", "unknown dictionary entry 'what'"),
        ] {
            let told = with(lines).expect_err(lines);
            assert!(told.contains(error), "{lines}: {told}");
        }
        let missing = Dictionary::read("one", |_| Ok("ATTRIBUTE User-Name 1 string".to_owned()));
        assert_eq!(missing.unwrap_err(), "missing standard attribute definition for 'User-Password'");
        let wrong = Dictionary::read("one", |_| Ok("ATTRIBUTE User-Name 1 integer".to_owned()));
        assert!(wrong.unwrap_err().ends_with("value type is integer, must be string"));
        let mut read = 0;
        let endless = Dictionary::read("0", |path| {
            read += 1;
            let includes = if path == "0" { 1000 } else { 0 };
            Ok(format!("#{}\n", "-".repeat(200)).repeat(1000) + &"$INCLUDE 1\n".repeat(includes))
        });
        assert!(endless.unwrap_err().contains("all files have more than"));
        assert!(read < 100, "{read} files");
    }
}
