//! Where a client is, as the arguments of a command tell it: what `subnet4-select-test` and its likes go by.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use kotare_config::schema;
use kotare_control::{Request, Response, ResultCode};
use kotare_expr::{ClassId, ClassSet};
use serde_json::{Map, Value as Json};

/// The arguments of a command that tell where a client is. What is wrong with one is told in Kea's words.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a>(&'a Map<String, Json>);

impl<'a> Told<'a> {
    /// Those of a request.
    ///
    /// # Errors
    /// If there are none, or they are no map.
    pub fn of(request: &'a Request) -> Result<Self, String> {
        let arguments = request.arguments.as_ref().ok_or("empty arguments")?;
        Ok(Self(arguments.as_object().ok_or("arguments must be a map")?))
    }

    /// The keys in the order in which Kea looks at them.
    pub fn keys(self) -> Vec<&'a str> {
        let mut keys: Vec<_> = self.0.keys().map(String::as_str).collect();
        keys.sort_unstable();
        keys
    }

    /// Whether there is an argument of this name.
    pub fn has(self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// The text of an argument that is there.
    ///
    /// # Errors
    /// If it is no text.
    pub fn text(self, key: &str) -> Result<&'a str, String> {
        self.0.get(key).and_then(Json::as_str).ok_or_else(|| format!("'{key}' entry must be a string"))
    }

    fn address(self, key: &str) -> Result<IpAddr, String> {
        let text = self.text(key)?;
        text.parse().map_err(|_| {
            format!("bad '{key}' entry: Failed to convert string to address '{text}': Invalid argument")
        })
    }

    /// The IPv4 address that an argument is.
    ///
    /// # Errors
    /// If it is none.
    pub fn v4(self, key: &str) -> Result<Ipv4Addr, String> {
        match self.address(key)? {
            IpAddr::V4(address) => Ok(address),
            IpAddr::V6(_) => Err(format!("bad '{key}' entry: not IPv4")),
        }
    }

    /// The IPv6 address that an argument is.
    ///
    /// # Errors
    /// If it is none.
    pub fn v6(self, key: &str) -> Result<Ipv6Addr, String> {
        match self.address(key)? {
            IpAddr::V6(address) => Ok(address),
            IpAddr::V4(_) => Err(format!("bad '{key}' entry: not IPv6")),
        }
    }

    /// What a relay agent calls a link: text in quotes, or hexadecimal digits.
    ///
    /// # Errors
    /// If it is neither, or empty.
    pub fn identifier(self, key: &str) -> Result<Vec<u8>, String> {
        let bytes =
            schema::bytes(self.text(key)?).ok_or_else(|| format!("value of '{key}' was not recognized"))?;
        if bytes.is_empty() { Err(format!("'{key}' must be not empty")) } else { Ok(bytes) }
    }

    /// The classes of a list that a configuration knows, which says so by `id`; nothing is for clients of any other.
    ///
    /// # Errors
    /// If it is no list of texts.
    pub fn classes(self, key: &str, id: impl Fn(&str) -> Option<ClassId>) -> Result<ClassSet, String> {
        let list = self.0.get(key).and_then(Json::as_array);
        let list = list.ok_or_else(|| format!("'{key}' entry must be a list"))?;
        let names = list
            .iter()
            .map(|name| name.as_str().ok_or_else(|| format!("'{key}' entry must be a list of strings")));
        names.filter_map(|name| name.map(&id).transpose()).collect()
    }
}

/// What is answered where this subnet was found for a client, which is one of that shared network.
pub fn selected(network: Option<&str>, prefix: impl Display, id: impl Display) -> Response {
    let id = format!("'{prefix}' id {id}");
    Response::success(match network {
        Some(name) => format!("selected shared network '{name}' starting with subnet {id}"),
        None => format!("selected subnet {id}"),
    })
}

/// What is answered where a client has no subnet.
pub fn not_selected() -> Response {
    Response::failed(ResultCode::Empty, "no subnet selected")
}
