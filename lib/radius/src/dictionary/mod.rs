//! What attributes are called, what their values are, and what numbers among these are called.

mod read;

use std::collections::HashMap;
use std::fmt;

use crate::known;

pub use read::MAX_DICTIONARY;

/// What is known where there is no dictionary: the attributes of RFC 2865 to RFC 2869, RFC 3162, RFC 4818 and RFC 6911.
const STANDARD: &str = include_str!("standard.dictionary");

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any bytes, up to 253.
    String,
    /// A number of 32 bits.
    Integer,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// A prefix of IPv6.
    Ipv6Prefix,
    /// What a vendor defines.
    Vendor,
}

/// An attribute that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// What it is called.
    pub name: Box<str>,
    /// Its number.
    pub code: u8,
    /// What its value is.
    pub kind: Kind,
    /// The vendor that defines it; 0 for none.
    pub vendor: u32,
}

/// Names of attributes and of their values. Names of each vendor are their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dictionary {
    by_code: HashMap<(u32, u8), Definition>,
    by_name: HashMap<(u32, Box<str>), u8>,
    values: HashMap<(u32, u8, Box<str>), u32>,
    names: HashMap<(u32, u8, u32), Box<str>>,
}

/// What this client needs to know the meaning of.
const NEEDED: [(u8, &str, Kind); 18] = [
    (known::USER_NAME, "User-Name", Kind::String),
    (known::USER_PASSWORD, "User-Password", Kind::String),
    (known::NAS_IP_ADDRESS, "NAS-IP-Address", Kind::Ipv4),
    (known::NAS_PORT, "NAS-Port", Kind::Integer),
    (6, "Service-Type", Kind::Integer),
    (known::FRAMED_IP_ADDRESS, "Framed-IP-Address", Kind::Ipv4),
    (known::REPLY_MESSAGE, "Reply-Message", Kind::String),
    (known::CLASS, "Class", Kind::String),
    (known::VENDOR_SPECIFIC, "Vendor-Specific", Kind::Vendor),
    (known::CALLING_STATION_ID, "Calling-Station-Id", Kind::String),
    (known::ACCT_STATUS_TYPE, "Acct-Status-Type", Kind::Integer),
    (known::ACCT_DELAY_TIME, "Acct-Delay-Time", Kind::Integer),
    (known::ACCT_SESSION_ID, "Acct-Session-Id", Kind::String),
    (known::MESSAGE_AUTHENTICATOR, "Message-Authenticator", Kind::String),
    (known::FRAMED_POOL, "Framed-Pool", Kind::String),
    (known::NAS_IPV6_ADDRESS, "NAS-IPv6-Address", Kind::Ipv6),
    (known::DELEGATED_IPV6_PREFIX, "Delegated-IPv6-Prefix", Kind::Ipv6Prefix),
    (known::FRAMED_IPV6_ADDRESS, "Framed-IPv6-Address", Kind::Ipv6),
];

impl Dictionary {
    /// The standard attributes.
    pub fn standard() -> Self {
        // A test reads it.
        Self::read("standard", |_| Ok(STANDARD.to_owned())).unwrap_or_default()
    }

    /// The attribute of a number.
    pub fn of_code(&self, code: u8, vendor: u32) -> Option<&Definition> {
        self.by_code.get(&(vendor, code))
    }

    /// The attribute of a name, which may be another one for the same number.
    pub fn of_name(&self, name: &str, vendor: u32) -> Option<&Definition> {
        self.of_code(*self.by_name.get(&(vendor, name.into()))?, vendor)
    }

    /// The number of a vendor, from its name or its digits.
    pub fn vendor(&self, text: &str) -> Option<u32> {
        self.value(known::VENDOR_SPECIFIC, 0, text).or_else(|| number(text))
    }

    /// What a value of an attribute means.
    pub fn value(&self, code: u8, vendor: u32, name: &str) -> Option<u32> {
        self.values.get(&(vendor, code, name.into())).copied()
    }

    /// What a value of an attribute is called.
    pub fn value_name(&self, code: u8, vendor: u32, value: u32) -> Option<&str> {
        self.names.get(&(vendor, code, value)).map(|name| &**name)
    }

    /// What an attribute is called.
    pub fn name(&self, code: u8) -> impl fmt::Display {
        match self.of_code(code, 0) {
            Some(definition) => definition.name.to_string(),
            None => format!("Attribute-{code}"),
        }
    }

    /// Adds an attribute, or another name for one.
    fn define(&mut self, definition: Definition) -> Result<(), String> {
        let Definition { name, code, kind, vendor } = &definition;
        let (code, kind, vendor) = (*code, *kind, *vendor);
        let named = self.of_name(name, vendor).filter(|it| it.name == *name);
        let coded = || self.of_code(code, vendor);
        if let Some(other) = named.or_else(coded).filter(|other| {
            let same = other.name == *name;
            other.kind != kind || same && other.code != code
        }) {
            let of = |vendor| if vendor == 0 { String::new() } else { format!(" vendor {vendor}") };
            let (before, other_name) =
                (&other.name, if other.name == *name { String::new() } else { format!("'{name}' ") });
            return Err(format!(
                "Illegal attribute redefinition of '{before}'{} type {} value type {} by {other_name}{code} {kind}",
                of(vendor),
                other.code,
                other.kind
            ));
        }
        self.by_name.entry((vendor, name.clone())).or_insert(code);
        self.by_code.entry((vendor, code)).or_insert(definition);
        Ok(())
    }

    /// Names a value.
    fn call(&mut self, code: u8, vendor: u32, name: &str, value: u32) -> Result<(), String> {
        match self.value(code, vendor, name) {
            Some(other) if other == value => Ok(()),
            Some(other) if code == known::VENDOR_SPECIFIC => {
                Err(format!("Illegal vendor id redefinition of '{name}' value {other} by {value}"))
            }
            Some(other) => {
                let attribute = self.of_code(code, vendor).map_or("", |definition| &*definition.name);
                let within = if vendor == 0 { String::new() } else { format!(" in vendor {vendor}") };
                Err(format!(
                    "Illegal integer constant redefinition of '{name}' for attribute '{attribute}'{within} value {other} by {value}"
                ))
            }
            None => {
                self.values.insert((vendor, code, name.into()), value);
                self.names.entry((vendor, code, value)).or_insert_with(|| name.into());
                Ok(())
            }
        }
    }

    /// What this client needs is there, and means what it has to.
    fn check(&self) -> Result<(), String> {
        for (code, name, kind) in NEEDED {
            let Some(found) = self.of_name(name, 0) else {
                return Err(format!("missing standard attribute definition for '{name}'"));
            };
            let wrong = format!("incorrect standard attribute definition for '{name}':");
            if found.code != code {
                return Err(format!("{wrong} type is {}, must be {code}", found.code));
            }
            if found.kind != kind {
                return Err(format!("{wrong} value type is {}, must be {kind}", found.kind));
            }
        }
        Ok(())
    }
}

/// A number of 32 bits; a negative one is read as the same bits.
pub(crate) fn number(text: &str) -> Option<u32> {
    let number: i64 = text.parse().ok()?;
    u32::try_from(number).ok().or_else(|| i32::try_from(number).ok().map(i32::cast_unsigned))
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "string" => Self::String,
            "integer" | "date" => Self::Integer,
            "ipaddr" => Self::Ipv4,
            "ipv6addr" => Self::Ipv6,
            "ipv6prefix" => Self::Ipv6Prefix,
            "vsa" => Self::Vendor,
            _ => return None,
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Ipv4 => "ipaddr",
            Self::Ipv6 => "ipv6addr",
            Self::Ipv6Prefix => "ipv6prefix",
            Self::Vendor => "vsa",
        })
    }
}
