//! The arguments of a command, read in the words that Kea has for what is wrong with them.
//!
//! Kea adds to them where in the text of the command the value stands; that is not kept here.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr};

use kotare_config::json::format::{Shape, text};
use kotare_control::{Request, Response, ResultCode};
use kotare_model::{ClientId, Duid, HwAddr, TooLong};
use serde_json::{Map, Value as Json};

/// Why a command is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// What kind of refusal it is.
    pub(crate) result: ResultCode,
    /// The reason.
    pub(crate) text: String,
}

impl Refused {
    /// At odds with the state of the server.
    pub(crate) fn conflict(text: impl Into<String>) -> Self {
        Self { result: ResultCode::Conflict, text: text.into() }
    }

    /// There is nothing to do it with.
    pub(crate) fn empty(text: impl Into<String>) -> Self {
        Self { result: ResultCode::Empty, text: text.into() }
    }

    /// Wrong, or failed.
    pub(crate) fn error(text: impl Into<String>) -> Self {
        Self { result: ResultCode::Error, text: text.into() }
    }
}

impl From<String> for Refused {
    fn from(text: String) -> Self {
        Self::error(text)
    }
}

impl From<&str> for Refused {
    fn from(text: &str) -> Self {
        Self::error(text)
    }
}

impl From<Refused> for Response {
    fn from(refused: Refused) -> Self {
        Self::failed(refused.result, refused.text)
    }
}

/// The arguments of a command: a map.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arguments<'a>(&'a Map<String, Json>);

impl<'a> Arguments<'a> {
    /// The arguments of `request`; `missing` is what is said when there are none.
    pub(crate) fn of(request: &'a Request, missing: impl Into<String>) -> Result<Self, String> {
        Self::if_any(request)?.ok_or_else(|| missing.into())
    }

    /// A map among the arguments.
    pub(crate) fn within(value: &'a Json) -> Result<Self, String> {
        value.as_object().map(Self).ok_or_else(|| "get(string) called on a non-map Element".to_owned())
    }

    /// The arguments of `request`, if there are any.
    pub(crate) fn if_any(request: &'a Request) -> Result<Option<Self>, String> {
        match &request.arguments {
            None => Ok(None),
            Some(value) => Self::within(value).map(Some),
        }
    }

    /// What they are called.
    pub(crate) fn keys(self) -> impl Iterator<Item = &'a str> {
        self.0.keys().map(String::as_str)
    }

    /// The value under `name`, whatever it is.
    pub(crate) fn get(self, name: &str) -> Option<&'a Json> {
        self.0.get(name)
    }

    fn required(self, name: &str) -> Result<&'a Json, String> {
        self.get(name).ok_or_else(|| format!("missing parameter '{name}'"))
    }

    /// A string that must be there.
    pub(crate) fn text(self, name: &str) -> Result<&'a str, String> {
        self.required(name)?.as_str().ok_or_else(|| wrong_type(name))
    }

    /// A string, if it is there.
    pub(crate) fn text_if_any(self, name: &str) -> Result<Option<&'a str>, String> {
        self.get(name).map(|_| self.text(name)).transpose()
    }

    /// A truth value, `false` if it is not there.
    pub(crate) fn truth(self, name: &str) -> Result<bool, String> {
        match self.get(name) {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or_else(|| wrong_type(name)),
        }
    }

    /// An integer, if it is there.
    pub(crate) fn integer_if_any(self, name: &str) -> Result<Option<i64>, String> {
        self.get(name).map(|value| value.as_i64().ok_or_else(|| wrong_type(name))).transpose()
    }

    /// An integer of a smaller type that must be there.
    pub(crate) fn number<N: TryFrom<i64>>(self, name: &str) -> Result<N, String> {
        self.number_if_any(name)?.ok_or_else(|| format!("missing parameter '{name}'"))
    }

    /// An integer of a smaller type, if it is there.
    pub(crate) fn number_if_any<N: TryFrom<i64>>(self, name: &str) -> Result<Option<N>, String> {
        let Some(number) = self.integer_if_any(name)? else { return Ok(None) };
        match N::try_from(number) {
            Ok(small) => Ok(Some(small)),
            Err(_) => Err(format!("out of range value ({number}) specified for parameter '{name}'")),
        }
    }

    /// An IP address that must be there.
    pub(crate) fn ip_address(self, name: &str) -> Result<IpAddr, String> {
        let text = self.text(name)?;
        ip_address(text).map_err(|reason| format!("Failed to convert '{text}' to address: {reason}"))
    }
}

impl std::fmt::Display for Arguments<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&text(&Json::Object(self.0.clone()), Shape::Line))
    }
}

fn wrong_type(name: &str) -> String {
    format!("invalid type specified for parameter '{name}'")
}

/// An IP address of either family.
pub(crate) fn ip_address(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| format!("Failed to convert string to address '{text}': Invalid argument"))
}

/// An IPv4 address; for one of the other family there are `words`.
pub(crate) fn ipv4<D: Display>(address: IpAddr, words: impl FnOnce(IpAddr) -> D) -> Result<Ipv4Addr, String> {
    match address {
        IpAddr::V4(address) => Ok(address),
        IpAddr::V6(_) => Err(words(address).to_string()),
    }
}

/// A hardware address: pairs of digits with colons; none for an empty text. The hardware type is Ethernet.
pub(crate) fn hardware_address(text: &str) -> Result<HwAddr, String> {
    HwAddr::new(HwAddr::ETHERNET, &separated(text, ':')?)
        .map_err(|_| "address vector size exceeds MAX_HWADDR_LEN".to_owned())
}

/// A client identifier, see [`identifier`].
pub(crate) fn client_id(text: &str) -> Result<ClientId, String> {
    identifier(text, 2, ClientId::new)
}

/// A DUID, see [`identifier`].
pub(crate) fn duid(text: &str) -> Result<Duid, String> {
    identifier(text, Duid::MIN, Duid::new)
}

/// An identifier of at least so many bytes: pairs of digits with colons or spaces, or digits alone, with `0x` or without.
fn identifier<T>(
    text: &str,
    least: usize,
    make: impl FnOnce(&[u8]) -> Result<T, TooLong>,
) -> Result<T, String> {
    let bytes = match [':', ' '].into_iter().find(|&separator| text.contains(separator)) {
        Some(separator) => separated(text, separator)?,
        None => {
            together(text).ok_or_else(|| format!("'{text}' is not a valid string of hexadecimal digits"))?
        }
    };
    if bytes.len() < least {
        return Err(format!("identifier is too short ({}), at least {least} is required", bytes.len()));
    }
    make(&bytes).map_err(|TooLong { given, limit }| {
        format!("identifier is too large ({given}), at most {limit} is required")
    })
}

fn separated(text: &str, separator: char) -> Result<Vec<u8>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let byte = |digits: &str| {
        if digits.is_empty() && text.contains(separator) {
            return Err(format!(
                "two consecutive separators ('{separator}') specified in a decoded string '{text}'"
            ));
        }
        if digits.len() > 2 {
            return Err(format!("invalid format of the decoded string '{text}'"));
        }
        match digits.chars().find(|digit| !digit.is_ascii_hexdigit()) {
            Some(no_digit) => {
                Err(format!("'{no_digit}' is not a valid hexadecimal digit in decoded string '{text}'"))
            }
            // One or two digits fit a byte.
            None => Ok(u8::from_str_radix(digits, 16).unwrap_or_default()),
        }
    };
    text.split(separator).map(byte).collect()
}

/// Digits without anything between them. Of an odd number, the first stands for itself.
fn together(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x").filter(|digits| !digits.is_empty()).unwrap_or(text);
    let digits = format!("{}{digits}", if digits.len().is_multiple_of(2) { "" } else { "0" });
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    digits.as_bytes().chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is wrong with a value is said as Kea says it, and which one it is.
    #[test]
    fn wrong_values_are_named() {
        let request = Request::new("x").with(json!({"n": 300, "s": "x", "a": "1.2.3", "t": 1}));
        let arguments = Arguments::of(&request, "").unwrap();
        let wrong = |name| format!("invalid type specified for parameter '{name}'");
        assert_eq!(arguments.text("gone"), Err("missing parameter 'gone'".into()));
        assert_eq!(arguments.text("n"), Err(wrong("n")));
        assert_eq!(arguments.text("s"), Ok("x"));
        assert_eq!(arguments.truth("t"), Err(wrong("t")));
        assert_eq!(arguments.truth("gone"), Ok(false));
        assert_eq!(arguments.integer_if_any("s"), Err(wrong("s")));
        assert_eq!(
            arguments.number_if_any::<u8>("n"),
            Err("out of range value (300) specified for parameter 'n'".into())
        );
        assert_eq!(arguments.number_if_any::<u16>("n"), Ok(Some(300)));
        let no_address = "Failed to convert '1.2.3' to address: Failed to convert string to address '1.2.3': \
                          Invalid argument";
        assert_eq!(arguments.ip_address("a"), Err(no_address.into()));
        let no_map = Request::new("x").with(json!([]));
        assert!(Arguments::if_any(&no_map).is_err());
        assert_eq!(Arguments::of(&Request::new("x"), "none").err(), Some("none".into()));
    }

    /// Identifiers are read in every form that Kea reads, and nothing else is.
    #[test]
    fn identifiers_are_read() {
        let hardware = |text| hardware_address(text).map(|address| address.as_bytes().to_vec());
        assert_eq!(hardware("1a:b:1C"), Ok(vec![0x1a, 0xb, 0x1c]));
        assert_eq!(hardware(""), Ok(vec![]));
        assert_eq!(
            hardware("1a::1c"),
            Err("two consecutive separators (':') specified in a decoded string '1a::1c'".into())
        );
        assert_eq!(hardware("1a1b"), Err("invalid format of the decoded string '1a1b'".into()));
        assert_eq!(hardware("1g"), Err("'g' is not a valid hexadecimal digit in decoded string '1g'".into()));
        assert_eq!(hardware(&["00"; 21].join(":")), Err("address vector size exceeds MAX_HWADDR_LEN".into()));
        let client = |text| client_id(text).map(|id| id.as_bytes().to_vec());
        for text in ["01:02:ff", "1 2 ff", "0102ff", "0x0102ff", "102ff"] {
            assert_eq!(client(text), Ok(vec![1, 2, 0xff]), "{text}");
        }
        assert_eq!(duid("01:02:3").map(|id| id.as_bytes().to_vec()), Ok(vec![1, 2, 3]));
        assert_eq!(duid("0102"), Err("identifier is too short (2), at least 3 is required".into()));
        assert_eq!(
            duid(&"00".repeat(131)),
            Err("identifier is too large (131), at most 130 is required".into())
        );
        assert_eq!(client("01"), Err("identifier is too short (1), at least 2 is required".into()));
        assert_eq!(client(""), Err("identifier is too short (0), at least 2 is required".into()));
        for text in ["0x", "zz", "é"] {
            assert_eq!(client(text), Err(format!("'{text}' is not a valid string of hexadecimal digits")));
        }
        assert_eq!(
            client(&"00".repeat(256)),
            Err("identifier is too large (256), at most 255 is required".into())
        );
    }
}
