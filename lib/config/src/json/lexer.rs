//! Text to tokens: comments, includes, strings, numbers.
//!
//! What is wrong with a text is told by its place and kind and never repeated: where a comma is missing the value of a
//! password is as likely as any other to be what stands in the wrong place.

use compact_str::CompactString;

use super::include::Inputs;
use super::{Diagnostics, Source};

/// The smallest meaningful piece of text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    OpenMap,
    CloseMap,
    OpenList,
    CloseList,
    Comma,
    Colon,
    String(CompactString),
    Int(i64),
    Real(f64),
    Bool(bool),
    Null,
    End,
}

/// Why a text is not JSON; reading stops here.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) source: Source,
    pub(super) message: String,
    pub(super) hint: String,
}

/// Takes tokens from a text and the files it includes.
pub(super) struct Lexer<'a> {
    inputs: Inputs,
    warnings: &'a mut Diagnostics,
}

type Result<T> = std::result::Result<T, Fault>;

impl<'a> Lexer<'a> {
    /// A lexer at the start of `inputs`.
    pub(super) fn new(inputs: Inputs, warnings: &'a mut Diagnostics) -> Self {
        Self { inputs, warnings }
    }

    /// The next token and where it begins. After the end comes the end.
    pub(super) fn next(&mut self) -> Result<(Token, Source)> {
        self.skip_blank()?;
        let input = self.inputs.current();
        let source = input.source();
        let Some(byte) = input.peek() else { return Ok((Token::End, source)) };
        let token = match byte {
            b'{' => Token::OpenMap,
            b'}' => Token::CloseMap,
            b'[' => Token::OpenList,
            b']' => Token::CloseList,
            b',' => Token::Comma,
            b':' => Token::Colon,
            b'"' => return Ok((Token::String(self.string()?), source)),
            b'-' | b'+' | b'.' | b'0'..=b'9' => return Ok((self.number()?, source)),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => return Ok((self.word()?, source)),
            _ => {
                let rest = &input.text[input.at..(input.at + 4).min(input.text.len())];
                let shown = match rest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next()) {
                    Some(character) => format!("{character:?}"),
                    None => format!("the byte 0x{byte:02x}"),
                };
                return Err(self.fault(source, format!("unexpected character {shown}"), ""));
            }
        };
        input.skip(1);
        Ok((token, source))
    }

    /// A warning that does not stop reading.
    pub(super) fn warn(&mut self, source: &Source, message: &str, hint: &str) {
        self.warnings.warning_with_hint(source, message, hint);
    }

    /// The fault `message` at `source`, saying through which files one comes there.
    pub(super) fn fault(&self, source: Source, message: impl Into<String>, hint: &str) -> Fault {
        let chain = self.inputs.chain(&source);
        let separator = if hint.is_empty() || chain.is_empty() { "" } else { "; " };
        Fault { source, message: message.into(), hint: format!("{hint}{separator}{chain}") }
    }

    /// Skips white space and comments, enters included files and comes back from them.
    fn skip_blank(&mut self) -> Result<()> {
        loop {
            let input = self.inputs.current();
            match input.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.skip_white(),
                Some(b'#') => self.skip_line(),
                Some(b'/') if input.starts_with(b"//") => self.skip_line(),
                Some(b'/') if input.starts_with(b"/*") => self.skip_comment()?,
                Some(b'<') if input.starts_with(b"<?") => self.enter_include()?,
                None if self.inputs.leave() => self.leave_include()?,
                _ => return Ok(()),
            }
        }
    }

    fn skip_line(&mut self) {
        let input = self.inputs.current();
        let rest = &input.text[input.at..];
        let length = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        input.skip(length);
    }

    fn skip_comment(&mut self) -> Result<()> {
        let input = self.inputs.current();
        let source = input.source();
        let end = input.text[input.at + 2..].windows(2).position(|pair| pair == b"*/");
        match end {
            Some(length) => input.skip(length + 4),
            None => return Err(self.fault(source, "the comment is never closed", "end it with */")),
        }
        Ok(())
    }

    /// `<?include "file"` has been reached: goes on with the first token of the file.
    fn enter_include(&mut self) -> Result<()> {
        let source = self.inputs.current().source();
        let name = self.directive();
        let Some(name) = name else {
            return Err(self.fault(source, "this is no directive", "the only one is <?include \"file\"?>"));
        };
        let included = self.inputs.include(&name);
        included.map_err(|error| self.fault(source, format!("cannot include \"{name}\": {error}"), ""))
    }

    /// The name in `<?include "name"`.
    fn directive(&mut self) -> Option<String> {
        let input = self.inputs.current();
        input.skip(2);
        self.skip_white();
        let input = self.inputs.current();
        if !input.starts_with(b"include") {
            return None;
        }
        input.skip(7);
        self.skip_white();
        let input = self.inputs.current();
        let rest = input.text[input.at..].strip_prefix(b"\"")?;
        let length =
            rest.iter().position(|byte| matches!(byte, b'"' | b'\n')).filter(|&length| length > 0)?;
        let name = (rest[length] == b'"').then(|| String::from_utf8(rest[..length].to_vec()).ok()).flatten();
        input.skip(length + 2);
        name
    }

    /// The included file has ended: `?>` must follow in the including one.
    fn leave_include(&mut self) -> Result<()> {
        self.skip_white();
        let input = self.inputs.current();
        if !input.starts_with(b"?>") {
            let source = input.source();
            return Err(self.fault(source, "the directive is not closed", "write <?include \"file\"?>"));
        }
        input.skip(2);
        Ok(())
    }

    fn skip_white(&mut self) {
        let input = self.inputs.current();
        let rest = &input.text[input.at..];
        let length = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
        input.skip(length.unwrap_or(rest.len()));
    }

    /// `true`, `false` or `null`.
    fn word(&mut self) -> Result<Token> {
        let input = self.inputs.current();
        let source = input.source();
        let rest = &input.text[input.at..];
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let length = rest.iter().position(|byte| !is_word(byte)).unwrap_or(rest.len());
        let word = String::from_utf8_lossy(&rest[..length]).into_owned();
        input.skip(length);
        let (token, shown) = match word.to_ascii_lowercase().as_str() {
            "true" => (Token::Bool(true), "true"),
            "false" => (Token::Bool(false), "false"),
            "null" => (Token::Null, "null"),
            _ => {
                let hint = "strings and keywords stand in double quotes";
                return Err(self.fault(source, "unexpected word", hint));
            }
        };
        if word != shown {
            return Err(self.fault(source, format!("{word} must be written {shown}"), ""));
        }
        Ok(token)
    }

    /// A number; Kea allows leading zeros and a fraction without digits on one side, but no plus sign.
    fn number(&mut self) -> Result<Token> {
        let input = self.inputs.current();
        let source = input.source();
        let text = number_prefix(&input.text[input.at..]).to_owned();
        input.skip(text.len());
        if text.starts_with('+') {
            let hint = "leave the plus sign out";
            return Err(self.fault(source, "this is not a number", hint));
        }
        let digits = text.strip_prefix('-').unwrap_or(&text);
        let is_int = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.is_empty();
        if digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit() {
            self.warn(&source, "the number has leading zeros", "leave them out; they do not mean octal");
        }
        if is_int {
            return match text.parse() {
                Ok(number) => Ok(Token::Int(number)),
                Err(_) => {
                    let hint = "integers lie between -2^63 and 2^63-1";
                    Err(self.fault(source, "the number is too large", hint))
                }
            };
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Token::Real(number)),
            Ok(_) => Err(self.fault(source, "the number is too large", "")),
            Err(_) => Err(self.fault(source, "this is not a number", "")),
        }
    }

    /// A string with its escapes resolved; the opening quote is next.
    fn string(&mut self) -> Result<CompactString> {
        let open = self.inputs.current().source();
        self.inputs.current().skip(1);
        let mut string = CompactString::default();
        loop {
            let input = self.inputs.current();
            let rest = &input.text[input.at..];
            let plain = rest.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\');
            let plain = plain.unwrap_or(rest.len());
            match std::str::from_utf8(&rest[..plain]) {
                Ok(text) => string.push_str(text),
                Err(error) => {
                    let bad = rest[error.valid_up_to()];
                    input.skip(error.valid_up_to());
                    let source = input.source();
                    let message = format!("the string is not UTF-8: it has the byte 0x{bad:02x}");
                    return Err(self.fault(source, message, "save the file as UTF-8"));
                }
            }
            input.skip(plain);
            match input.peek() {
                Some(b'"') => {
                    input.skip(1);
                    return Ok(string);
                }
                Some(b'\\') => string.push(self.escape()?),
                Some(b'\n' | b'\r') | None => {
                    return Err(self.fault(open, "the string is not closed on its line", ""));
                }
                Some(control) => {
                    let source = input.source();
                    let message = format!("the string has the control character 0x{control:02x}");
                    let hint = format!("write it \\u{control:04x}");
                    return Err(self.fault(source, message, &hint));
                }
            }
        }
    }

    /// The character that `\…` stands for.
    fn escape(&mut self) -> Result<char> {
        let input = self.inputs.current();
        let source = input.source();
        let character = match input.text.get(input.at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(source),
            _ => {
                let hint = "a backslash itself is written \\\\";
                return Err(self.fault(source, "no such escape in a string", hint));
            }
        };
        input.skip(2);
        Ok(character)
    }

    /// `\uXXXX`, or two of them for a character beyond U+FFFF (RFC 8259 §7).
    fn unicode_escape(&mut self, source: Source) -> Result<char> {
        let input = self.inputs.current();
        let units = [input.at, input.at + 6].map(|at| code_unit(&input.text, at));
        let (character, length) = match units {
            [Some(high @ 0xd800..=0xdbff), Some(low @ 0xdc00..=0xdfff)] => {
                (char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)), 12)
            }
            [Some(unit), _] => (char::from_u32(unit), 6),
            [None, _] => (None, 0),
        };
        match character {
            Some(character) => {
                input.skip(length);
                Ok(character)
            }
            None => {
                let hint = "write \\u with four hexadecimal digits, and characters beyond U+FFFF as a pair";
                Err(self.fault(source, "no such character escape in a string", hint))
            }
        }
    }
}

/// The value of `\uXXXX` at `at`, if that is what stands there.
fn code_unit(text: &[u8], at: usize) -> Option<u32> {
    let digits = text.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |value, &digit| Some(value * 16 + char::from(digit).to_digit(16)?))
}

/// The longest start of `text` in the form of a number.
fn number_prefix(text: &[u8]) -> &str {
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    end += digits(end);
    if text.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if let Some(b'e' | b'E') = text.get(end) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'-' | b'+')));
        match digits(end + 1 + sign) {
            0 => {}
            exponent => end += 1 + sign + exponent,
        }
    }
    std::str::from_utf8(&text[..end]).unwrap_or_default()
}
