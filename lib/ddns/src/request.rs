//! Name change requests: what a server of DHCP asks of the one that updates the DNS.
//!
//! A request is a datagram: two bytes of length, most significant first, and that many bytes of JSON. Keywords, values and
//! what may be left out are Kea's, whose servers and whose `kea-dhcp-ddns` may be at either end.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::dhcid::Dhcid;
use crate::name::Name;

/// The longest datagram that can be a request.
pub const MAX_DATAGRAM: usize = 4096;

/// What becomes of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// It names the address from now on.
    Add,
    /// It names the address no longer.
    Remove,
}

/// How clients are kept from each other's names (RFC 4703, and what Kea offers besides).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ConflictResolution {
    /// A name is of the client whose DHCID record stands beside it.
    #[default]
    CheckWithDhcid,
    /// A name is whose client came last; DHCID records are kept.
    NoCheckWithDhcid,
    /// A name that has a DHCID record is whose client came last; others are left alone.
    CheckExistsWithDhcid,
    /// A name is whose client came last; there are no DHCID records.
    NoCheckWithoutDhcid,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRequest {
    /// What becomes of the name.
    pub change: Change,
    /// Whether the address of the name changes (A, AAAA).
    pub forward: bool,
    /// Whether the name of the address changes (PTR).
    pub reverse: bool,
    /// The name.
    pub fqdn: Name,
    /// The address.
    pub address: IpAddr,
    /// Who the name belongs to.
    pub dhcid: Dhcid,
    /// How long the records may be remembered, in seconds.
    pub lease_length: u32,
    /// How conflicts are resolved.
    pub conflict_resolution: ConflictResolution,
}

/// Why a datagram is no request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestError(String);

impl ConflictResolution {
    /// Every way, as it is written.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::CheckWithDhcid, "check-with-dhcid"),
        (Self::NoCheckWithDhcid, "no-check-with-dhcid"),
        (Self::CheckExistsWithDhcid, "check-exists-with-dhcid"),
        (Self::NoCheckWithoutDhcid, "no-check-without-dhcid"),
    ];

    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let named = Self::ALL.iter().find(|(way, _)| *way == self);
        named.map_or("", |(_, name)| name)
    }
}

impl ChangeRequest {
    /// Reads a datagram.
    ///
    /// # Errors
    /// When it is no request, or one that asks for nothing.
    pub fn from_datagram(datagram: &[u8]) -> Result<Self, RequestError> {
        let (length, rest) =
            datagram.split_first_chunk::<2>().ok_or_else(|| wrong("the datagram is too short"))?;
        let length = usize::from(u16::from_be_bytes(*length));
        let json = rest.get(..length).ok_or_else(|| {
            wrong(format_args!("the datagram promises {length} bytes and has {}", rest.len()))
        })?;
        Self::from_json(json)
    }

    /// Reads the JSON of a datagram.
    ///
    /// # Errors
    /// See [`Self::from_datagram`].
    pub fn from_json(json: &[u8]) -> Result<Self, RequestError> {
        let written: Map<String, Value> = serde_json::from_slice(json)
            .map_err(|error| wrong(format_args!("Malformed NameChangeRequest JSON: {error}")))?;
        let request = Self {
            change: change(&written)?,
            forward: boolean(&written, "forward-change")?,
            reverse: boolean(&written, "reverse-change")?,
            fqdn: parsed(&written, "fqdn")?,
            address: parsed(&written, "ip-address")?,
            dhcid: parsed(&written, "dhcid")?,
            lease_length: lease_length(&written)?,
            conflict_resolution: conflict_resolution(&written)?,
        };
        if !request.forward && !request.reverse {
            return Err(wrong("Invalid Request, forward and reverse flags are both false"));
        }
        Ok(request)
    }

    /// The datagram of it.
    #[must_use]
    pub fn to_datagram(&self) -> Vec<u8> {
        datagram(&self.to_json())
    }

    /// The datagram of it for a `kea-dhcp-ddns` of Kea before 2.5, which wants to know when the lease expires
    /// (`YYYYMMDDHHMMSS`), although it does nothing with it, and knows two ways to resolve conflicts.
    #[must_use]
    pub fn to_older_datagram(&self, expires_on: &str) -> Vec<u8> {
        datagram(&self.written(Some(expires_on)))
    }

    /// The JSON of it, in one line, its keywords in Kea's order.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.written(None)
    }

    fn written(&self, lease_expires_on: Option<&str>) -> String {
        #[derive(Serialize)]
        #[serde(rename_all = "kebab-case")]
        struct Written<'a> {
            change_type: u8,
            forward_change: bool,
            reverse_change: bool,
            fqdn: String,
            ip_address: IpAddr,
            dhcid: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            lease_expires_on: Option<&'a str>,
            lease_length: u32,
            #[serde(skip_serializing_if = "Option::is_none")]
            use_conflict_resolution: Option<bool>,
            conflict_resolution_mode: &'a str,
        }
        let checks = [ConflictResolution::CheckWithDhcid, ConflictResolution::CheckExistsWithDhcid];
        let written = Written {
            change_type: self.change as u8,
            forward_change: self.forward,
            reverse_change: self.reverse,
            fqdn: self.fqdn.to_string(),
            ip_address: self.address,
            dhcid: self.dhcid.to_string(),
            lease_expires_on,
            lease_length: self.lease_length,
            use_conflict_resolution: lease_expires_on.map(|_| checks.contains(&self.conflict_resolution)),
            conflict_resolution_mode: self.conflict_resolution.as_str(),
        };
        serde_json::to_string(&written).unwrap_or_default()
    }
}

/// A datagram of this JSON.
fn datagram(json: &str) -> Vec<u8> {
    // A name has at most 1 KB of text; what comes as a datagram leaves as one.
    let length = u16::try_from(json.len()).unwrap_or(u16::MAX);
    let mut datagram = length.to_be_bytes().to_vec();
    datagram.extend(json.as_bytes().iter().take(length.into()));
    datagram
}

fn wrong(reason: impl fmt::Display) -> RequestError {
    RequestError(reason.to_string())
}

fn value<'a>(written: &'a Map<String, Value>, keyword: &str) -> Result<&'a Value, RequestError> {
    written.get(keyword).ok_or_else(|| wrong(format_args!("NameChangeRequest value missing for: {keyword}")))
}

fn mistyped(keyword: &str, expected: &str, value: &Value) -> RequestError {
    wrong(format_args!("Wrong data type for {keyword}: {value} is no {expected}"))
}

fn text<'a>(written: &'a Map<String, Value>, keyword: &str) -> Result<&'a str, RequestError> {
    let value = value(written, keyword)?;
    value.as_str().ok_or_else(|| mistyped(keyword, "string", value))
}

fn boolean(written: &Map<String, Value>, keyword: &str) -> Result<bool, RequestError> {
    let value = value(written, keyword)?;
    value.as_bool().ok_or_else(|| mistyped(keyword, "boolean", value))
}

fn integer(written: &Map<String, Value>, keyword: &str) -> Result<i64, RequestError> {
    let value = value(written, keyword)?;
    value.as_i64().ok_or_else(|| mistyped(keyword, "integer", value))
}

fn parsed<T: FromStr<Err: fmt::Display>>(
    written: &Map<String, Value>,
    keyword: &str,
) -> Result<T, RequestError> {
    let text = text(written, keyword)?;
    text.parse().map_err(|error| wrong(format_args!("Invalid {keyword} value: {text}, reason: {error}")))
}

fn change(written: &Map<String, Value>) -> Result<Change, RequestError> {
    match integer(written, "change-type")? {
        0 => Ok(Change::Add),
        1 => Ok(Change::Remove),
        other => Err(wrong(format_args!("Invalid data value for change_type: {other}"))),
    }
}

fn lease_length(written: &Map<String, Value>) -> Result<u32, RequestError> {
    let value = integer(written, "lease-length")?;
    u32::try_from(value)
        .map_err(|_| wrong(format_args!("lease_length value {value} is not an unsigned 32-bit integer")))
}

/// The way itself; or what servers before Kea 2.5 said of it, where it is missing.
fn conflict_resolution(written: &Map<String, Value>) -> Result<ConflictResolution, RequestError> {
    if written.contains_key("conflict-resolution-mode") {
        let text = text(written, "conflict-resolution-mode")?;
        let named = ConflictResolution::ALL.into_iter().find(|(_, name)| *name == text);
        return named
            .map(|(way, _)| way)
            .ok_or_else(|| wrong(format_args!("Invalid ConflictResolutionMode: {text}")));
    }
    let check =
        !written.contains_key("use-conflict-resolution") || boolean(written, "use-conflict-resolution")?;
    Ok(if check { ConflictResolution::CheckWithDhcid } else { ConflictResolution::NoCheckWithDhcid })
}

/// As Kea's log shows it: a line for each of its parts.
impl fmt::Display for ChangeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let yes = |is| if is { "yes" } else { "no" };
        let change = match self.change {
            Change::Add => "CHG_ADD",
            Change::Remove => "CHG_REMOVE",
        };
        writeln!(f, "Type: {} ({change})", self.change as u8)?;
        writeln!(f, "Forward Change: {}", yes(self.forward))?;
        writeln!(f, "Reverse Change: {}", yes(self.reverse))?;
        writeln!(f, "FQDN: [{}]", self.fqdn)?;
        writeln!(f, "IP Address: [{}]", self.address)?;
        writeln!(f, "DHCID: [{}]", self.dhcid)?;
        writeln!(f, "TTL: {}", self.lease_length)?;
        writeln!(f, "Conflict Resolution Mode: {}", self.conflict_resolution.as_str())
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RequestError {}
