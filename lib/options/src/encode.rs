//! From the text of an `option-data` entry to the bytes of the option.

use crate::error::Why;
use crate::fit::Fitted;
use crate::{
    DataType, Definition, Definitions, OptionError, Parameter, Universe, hex, is_space_name, special,
    split::split, value,
};

/// The parameters of an `option-data` entry that decide its bytes (manual, "Standard DHCPv4 Options",
/// "Standard DHCPv6 Options").
#[derive(Clone, Copy, Debug, Default)]
pub struct OptionText<'a> {
    /// `space`; empty means `dhcp4` or `dhcp6`.
    pub space: &'a str,
    /// `code`
    pub code: Option<i64>,
    /// `name`
    pub name: Option<&'a str>,
    /// `data`
    pub data: Option<&'a str>,
    /// `csv-format`. When it is not given, an option with a definition is read as values and one without as
    /// hexadecimal, except in the global `option-data` list, where Kea takes it for true and so asks for a
    /// definition.
    pub csv_format: Option<bool>,
    /// `never-send`: such an entry needs no data.
    pub never_send: bool,
}

/// An option as configured: which one, and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// Which protocol it is of.
    pub universe: Universe,
    /// The space the option belongs to, as written (`vendor-4491` stays that).
    pub space: String,
    /// The option code.
    pub code: u16,
    /// The payload: fields of the option, then those sub-options its own text had.
    pub data: Vec<u8>,
    /// How many bytes of `data` come before the sub-options.
    pub fields_len: usize,
    /// The space of the sub-options it carries; empty when it carries none.
    pub encapsulates: String,
    /// How many bytes at the end of hexadecimal data belong to no field of the option. They are not part of `data`.
    pub left_over: usize,
}

/// Most bytes an option may have, all its parts joined.
pub(crate) const MAX_PAYLOAD: usize = u16::MAX as usize;

impl Definitions {
    /// Encodes an `option-data` entry.
    ///
    /// Without a definition, a code and hexadecimal data are enough. With one, `data` is read as values
    /// separated by commas unless `csv-format` is false; a comma that is part of a value is written `\,`.
    /// As in Kea, values and bytes beyond those the definition asks for are ignored.
    ///
    /// # Errors
    /// Whatever Kea refuses: neither code nor name, an unknown name, a name that is not that of the code, a
    /// reserved code, data that is not a value of the option's type.
    pub fn encode(&self, text: &OptionText<'_>) -> Result<Encoded, OptionError> {
        let universe = self.universe();
        let space = if text.space.is_empty() { universe.space() } else { text.space };
        let (code, definition) = self.identify(space, text)?;
        let label = || match definition {
            Some(definition) => format!("option '{space}.{}' ({code})", definition.name),
            None => format!("option {code} of space '{space}'"),
        };
        let encoded = |Fitted { bytes, fields_len, left_over }| Encoded {
            universe,
            space: space.to_owned(),
            code,
            data: bytes,
            fields_len,
            encapsulates: definition.map_or("", |definition| &definition.encapsulates).to_owned(),
            left_over,
        };
        if text.never_send && text.data.is_none() {
            return Ok(encoded(Fitted::whole(Vec::new())));
        }
        let data = text.data.unwrap_or_default();
        let fault = |why: Why| OptionError::new(Parameter::Data, format!("{}: {why}", label()));
        let fitted = match definition {
            Some(definition) if text.csv_format != Some(false) => {
                let bytes = definition.values_to_bytes(data).map_err(fault)?;
                definition.fit(bytes).map_err(fault)?
            }
            _ => {
                let bytes = hex::data_bytes(data)
                    .ok_or_else(|| fault(format!("'{data}' is not a string of hexadecimal digits").into()))?;
                match definition {
                    Some(definition) => definition.fit(bytes).map_err(fault)?,
                    None => Fitted::whole(bytes),
                }
            }
        };
        if fitted.bytes.len() > MAX_PAYLOAD {
            let len = fitted.bytes.len();
            return Err(fault(
                format!("{len} bytes are more than the {MAX_PAYLOAD} an option can have").into(),
            ));
        }
        Ok(encoded(fitted))
    }

    /// Which option an entry is about, and its definition if it has one.
    fn identify(
        &self,
        space: &str,
        text: &OptionText<'_>,
    ) -> Result<(u16, Option<&Definition>), OptionError> {
        if !is_space_name(space) {
            return Err(OptionError::new(Parameter::Space, format!("invalid option space name '{space}'")));
        }
        let universe = self.universe();
        let other = universe.other();
        if space == other.space() {
            let reserved =
                format!("the option space '{}' is reserved for {}", other.space(), other.protocol());
            return Err(OptionError::new(Parameter::Space, reserved));
        }
        if let Some(name) = text.name.filter(|name| name.contains(' ')) {
            return Err(OptionError::new(
                Parameter::Name,
                format!("invalid option name '{name}': a space character is not allowed"),
            ));
        }
        let code = text
            .code
            .map(|code| {
                let most = universe.max_code();
                u16::try_from(code).ok().filter(|&code| code <= most).ok_or_else(|| {
                    OptionError::new(
                        Parameter::Code,
                        format!("invalid option code '{code}', it must be between 0 and {most}"),
                    )
                })
            })
            .transpose()?;
        let definition = match (code, text.name) {
            (Some(code), _) => self.by_code(space, code),
            (None, Some(name)) => self.by_name(space, name),
            (None, None) => {
                return Err(OptionError::new(
                    Parameter::Entry,
                    "option-data needs a 'code' or a 'name' to say which option it is",
                ));
            }
        };
        let Some(code) = code.or(definition.map(|definition| definition.code)) else {
            let name = text.name.unwrap_or_default();
            return Err(OptionError::new(
                Parameter::Name,
                format!("definition for the option '{space}.{name}' does not exist"),
            ));
        };
        if space == universe.space()
            && let Some(meaning) = universe.reserved(code)
        {
            return Err(OptionError::new(
                Parameter::Code,
                format!("invalid option code '{code}': reserved for {meaning}"),
            ));
        }
        match (definition, text.name) {
            (None, name) if text.csv_format == Some(true) => Err(OptionError::new(
                name.map_or(Parameter::Code, |_| Parameter::Name),
                format!(
                    "definition for the option '{space}.{}' having code '{code}' does not exist, \
                     and csv-format needs one",
                    name.unwrap_or_default()
                ),
            )),
            (Some(definition), Some(name)) if definition.name != name => Err(OptionError::new(
                Parameter::Name,
                format!(
                    "specified option name '{name}' does not match the option definition: \
                     code {code} is '{space}.{}'",
                    definition.name
                ),
            )),
            _ => Ok((code, definition)),
        }
    }
}

impl Definition {
    /// The bytes of comma separated values.
    fn values_to_bytes(&self, data: &str) -> Result<Vec<u8>, Why> {
        let mut out = Vec::new();
        if self.data_type == DataType::Internal {
            if data.trim().is_empty() {
                return Err("no value is given".into());
            }
            if let Some(bytes) = special::from_text(self, data) {
                return bytes;
            }
            // An internal type nobody has a notation for is text.
            return Ok(data.into());
        }
        let values = split(data, ',', true);
        let mut write = |at: usize, data_type| -> Result<(), Why> {
            let text = values[at].trim_matches([' ', '\t', '\n']);
            value::write(data_type, self.tuple_length_bytes(), text, &mut out).map_err(|expected| {
                format!("value {} '{text}' ({data_type}) is not {expected}", at + 1).into()
            })
        };
        let single = [self.data_type];
        let types: &[DataType] = match self.data_type {
            DataType::Empty if values.is_empty() => &[],
            DataType::Empty => {
                return Err(format!("it takes no value, but '{data}' is given").into());
            }
            DataType::Record => &self.fields,
            _ if self.array => &[],
            _ if values.is_empty() => return Err("no value is given".into()),
            _ => &single,
        };
        if values.len() < types.len() {
            return Err(format!("it needs {} values, but {} are given", types.len(), values.len()).into());
        }
        for (at, data_type) in types.iter().enumerate() {
            write(at, *data_type)?;
        }
        if self.array {
            let last = self.fields.last().copied().unwrap_or(self.data_type);
            for at in types.len()..values.len() {
                write(at, last)?;
            }
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(name: &str, data: &str) -> Result<Vec<u8>, OptionError> {
        let text = OptionText { name: Some(name), data: Some(data), ..OptionText::default() };
        Definitions::v4().encode(&text).map(|encoded| encoded.data)
    }

    fn encode_hex(code: i64, data: &str) -> Result<Vec<u8>, OptionError> {
        let text = OptionText {
            code: Some(code),
            data: Some(data),
            csv_format: Some(false),
            ..OptionText::default()
        };
        Definitions::v4().encode(&text).map(|encoded| encoded.data)
    }

    /// Values as the manual writes them, for options of every shape.
    #[test]
    fn values_become_bytes() {
        let cases: &[(&str, &str, &[u8])] = &[
            ("routers", "192.0.2.1, 192.0.2.2", &[192, 0, 2, 1, 192, 0, 2, 2]),
            ("routers", "", &[]),
            ("subnet-mask", "255.255.255.0", &[255, 255, 255, 0]),
            ("time-offset", "-3600", &[0xff, 0xff, 0xf1, 0xf0]),
            ("domain-name", "example.org", b"example.org"),
            ("boot-file-name", r"a\,b", b"a,b"),
            ("ip-forwarding", "true", &[1]),
            ("path-mtu-plateau-table", "68, 296", &[0, 68, 1, 40]),
            ("domain-search", "a.b, c", b"\x01a\x01b\0\x01c\0"),
            ("status-code", "1, no", b"\x01no"),
            ("slp-directory-agent", "1, 10.0.0.1, 10.0.0.2", &[1, 10, 0, 0, 1, 10, 0, 0, 2]),
            ("slp-service-scope", "false, x", b"\0x"),
            ("fqdn", "4, 0, 0, a", b"\x04\0\0\x01a\0"),
            ("rdnss-selection", "1, 10.0.0.1, 10.0.0.2, a, b", b"\x01\x0a\0\0\x01\x0a\0\0\x02\x01a\0\x01b\0"),
            ("v4-portparams", "2, 1/4", &[2, 4, 0x10, 0]),
            (
                "option-6rd",
                "2, 32, 2001:db8::, 10.0.0.1",
                &[2, 32, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1],
            ),
            ("vivco-suboptions", "4491, 02 6869", &[0, 0, 0x11, 0x8b, 2, b'h', b'i']),
            ("vivco-suboptions", "4491, ", &[0, 0, 0x11, 0x8b]),
            ("vivso-suboptions", "4491", &[0, 0, 0x11, 0x8b, 0]),
            ("v4-sztp-redirect", "https://a, b", b"\0\x09https://a\0\x01b"),
            (
                "classless-static-route",
                "10.0.0.0/8 - 10.0.0.1, 0.0.0.0/0 - 10.0.0.2",
                &[8, 10, 10, 0, 0, 1, 0, 10, 0, 0, 2],
            ),
            ("v4-dnr", "1, a.", &[0, 6, 0, 1, 3, 1, b'a', 0]),
            ("user-class", "0102", &[1, 2]),
            ("vendor-encapsulated-options", "", &[]),
            // Values beyond the one that is asked for are ignored, as Kea ignores them.
            ("domain-name", "a.org, b.org", b"a.org"),
        ];
        for (name, data, bytes) in cases {
            assert_eq!(encode(name, data).as_deref(), Ok(*bytes), "{name} '{data}'");
        }
    }

    /// The same for options of DHCPv6.
    #[test]
    fn values_of_dhcpv6_become_bytes() {
        let encode = |name, data| {
            let text = OptionText { name: Some(name), data: Some(data), ..OptionText::default() };
            Definitions::v6().encode(&text).map(|encoded| encoded.data)
        };
        let address = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        let cases: &[(&str, &str, &[u8])] = &[
            ("dns-servers", "2001:db8::1", &address),
            ("domain-search", "a.b, c", b"\x01a\x01b\0\x01c\0"),
            ("oro", "23, 24", &[0, 23, 0, 24]),
            ("preference", "255", &[255]),
            ("status-code", "3, no", b"\0\x03no"),
            ("vendor-class", "4491, 00026869", b"\0\0\x11\x8b\0\x02hi"),
            ("vendor-opts", "4491", &[0, 0, 0x11, 0x8b]),
            ("client-fqdn", "1, a.b", b"\x01\x01a\x01b\0"),
            ("bootfile-param", "root=/dev/sda2, quiet", b"\0\x0eroot=/dev/sda2\0\x05quiet"),
            ("nii", "1, 3, 16", &[1, 3, 16]),
            ("rapid-commit", "", &[]),
            ("s46-cont-mape", "", &[]),
            ("pd-exclude", "2001:db8::/20", &[20, 0x20, 0x01, 0x00]),
            ("v6-dnr", "1, a.", &[0, 1, 0, 3, 1, b'a', 0]),
        ];
        for (name, data, bytes) in cases {
            assert_eq!(encode(name, data).as_deref(), Ok(*bytes), "{name} '{data}'");
        }
        for (name, data, why) in [
            ("dns-servers", "192.0.2.1", "is not an IPv6 address"),
            ("vendor-class", "4491, 00036869", "cut short"),
            ("client-fqdn", "5, a", "exclude each other"),
            ("routers", "192.0.2.1", "does not exist"),
        ] {
            let error = encode(name, data).unwrap_err();
            assert!(error.text.contains(why), "{name} '{data}': {error}");
        }
    }

    /// Values that are none are refused in words that lead to them.
    #[test]
    fn wrong_values_are_refused() {
        for (name, data, why) in [
            ("routers", "192.0.2.1, nonsense", "value 2 'nonsense' (ipv4-address) is not an IPv4 address"),
            ("subnet-mask", "", "no value is given"),
            ("domain-name", "", "no value is given"),
            ("client-system", "", "field 1 (uint16)"),
            ("domain-search", "", "field 1 (fqdn)"),
            ("domain-search", "a..b", "it has an empty label"),
            ("status-code", "1", "needs 2 values"),
            ("fqdn", "9, 0, 0, a", "exclude each other"),
            ("vivco-suboptions", "4491, 03 6869", "cut short"),
            ("vendor-encapsulated-options", "1", "takes no value"),
            ("classless-static-route", " ", "no value is given"),
            ("classless-static-route", "10.0.0.0/8", "is not a route"),
            ("default-ip-ttl", "256", "integer between 0 and 255"),
        ] {
            let error = encode(name, data).unwrap_err();
            assert_eq!(error.parameter, Parameter::Data);
            assert!(error.text.contains(why), "{name} '{data}': {error}");
        }
    }

    /// Hexadecimal data must be what the option can hold; an option nobody defined holds anything.
    #[test]
    fn hexadecimal_data_fits_its_option() {
        assert_eq!(encode_hex(3, "0x c0").map_err(|error| error.parameter), Err(Parameter::Data));
        assert_eq!(encode_hex(3, "c0:00:02:01").as_deref(), Ok(&[192, 0, 2, 1][..]));
        assert_eq!(encode_hex(15, "'example.org'").as_deref(), Ok(&b"example.org"[..]));
        assert_eq!(encode_hex(15, "61 00 00").as_deref(), Ok(&b"a"[..]));
        assert_eq!(encode_hex(119, "0161 c0 00").map_err(|error| error.parameter), Err(Parameter::Data));
        assert_eq!(encode_hex(119, "0161000162c000").as_deref(), Ok(&b"\x01a\0\x01b\x01a\0"[..]));
        assert_eq!(encode_hex(211, "010203").as_deref(), Ok(&[1, 2, 3][..]));
        let impossible = [
            (3, "c00002"),
            (15, "0000"),
            (15, ""),
            (79, "02"),
            (81, "000000 612e2e62"),
            (121, "08"),
            (125, "000004d2 03 0101"),
            (137, "00"),
            (162, "00"),
        ];
        for (code, data) in impossible {
            assert!(encode_hex(code, &data.replace(' ', "")).is_err(), "{code} '{data}'");
        }
    }

    /// Hexadecimal data that is longer than its option is cut, as in Kea, and it is said by how much.
    #[test]
    fn long_hexadecimal_data_is_cut() {
        let cases: [(i64, &str, &[u8], usize); 7] = [
            (1, "ffffff0005", &[255, 255, 255, 0], 1),
            (2, "00000e10ffff", &[0, 0, 14, 16], 2),
            (78, "010a0000010a00", &[1, 10, 0, 0, 1], 2),
            (81, "0400000161000162", &[4, 0, 0, 1, b'a', 0], 2),
            (81, "040000016101ff", b"\x04\0\0\x01a\x01\xff", 0),
            (125, "000004d20301010500001e61", &[0, 0, 4, 210, 3, 1, 1, 5], 4),
            (137, "01610002", b"\x01a\0", 1),
        ];
        for (code, data, sent, left_over) in cases {
            let text = OptionText {
                code: Some(code),
                data: Some(data),
                csv_format: Some(false),
                ..OptionText::default()
            };
            let encoded = Definitions::v4().encode(&text).unwrap_or_else(|error| panic!("{code}: {error}"));
            assert_eq!((&encoded.data[..], encoded.left_over), (sent, left_over), "{code}");
            assert_eq!(encoded.fields_len, sent.len());
        }
    }

    /// Which option an entry is about must be said, and said without contradiction.
    #[test]
    fn options_are_identified() {
        let definitions = Definitions::v4();
        let parameter = |text: OptionText<'_>| definitions.encode(&text).map_err(|error| error.parameter);
        let base = OptionText { data: Some("01"), ..OptionText::default() };
        let cases = [
            (base, Parameter::Entry),
            (OptionText { code: Some(256), ..base }, Parameter::Code),
            (OptionText { code: Some(-1), ..base }, Parameter::Code),
            (OptionText { code: Some(0), ..base }, Parameter::Code),
            (OptionText { code: Some(255), ..base }, Parameter::Code),
            (OptionText { name: Some("no such"), ..base }, Parameter::Name),
            (OptionText { name: Some("no-such"), ..base }, Parameter::Name),
            (OptionText { code: Some(3), name: Some("subnet-mask"), ..base }, Parameter::Name),
            (OptionText { code: Some(3), space: "-x", ..base }, Parameter::Space),
            (OptionText { code: Some(3), space: "dhcp6", ..base }, Parameter::Space),
            (OptionText { code: Some(230), csv_format: Some(true), ..base }, Parameter::Code),
        ];
        for (text, expected) in cases {
            assert_eq!(parameter(text), Err(expected), "{text:?}");
        }
        assert_eq!(parameter(OptionText { code: Some(255), space: "other", ..base }).unwrap().data, [1]);
        assert_eq!(parameter(OptionText { code: Some(230), ..base }).unwrap().data, [1]);
        let never = OptionText { code: Some(3), never_send: true, ..OptionText::default() };
        assert_eq!(parameter(never).unwrap().data, []);
        let vendor =
            OptionText { name: Some("tftp-servers"), space: "vendor-4491", data: Some("10.0.0.1"), ..base };
        assert_eq!(parameter(vendor).unwrap().data, [10, 0, 0, 1]);
    }
}
