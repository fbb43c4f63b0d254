//! Name change requests: what a server of DHCP asks of the one that updates the DNS.
//!
//! A request is a datagram: two bytes of length, most significant first, and that many bytes of JSON. Keywords, values and
//! what may be left out are Kea's, whose servers and whose `kea-dhcp-ddns` may be at either end.

use std::fmt;
use std::net::IpAddr;

use crate::dhcid::Dhcid;
use crate::name::Name;

mod read;
mod written;

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

fn wrong(reason: impl fmt::Display) -> RequestError {
    RequestError(reason.to_string())
}

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
        let request = read::request(json)?;
        if !request.forward && !request.reverse {
            return Err(wrong("Invalid Request, forward and reverse flags are both false"));
        }
        Ok(request)
    }

    /// The datagram of it.
    #[must_use]
    pub fn to_datagram(&self) -> Vec<u8> {
        written::datagram(self, None)
    }

    /// The datagram of it for a `kea-dhcp-ddns` of Kea before 2.5, which wants to know when the lease expires
    /// (`YYYYMMDDHHMMSS`), although it does nothing with it, and knows two ways to resolve conflicts.
    #[must_use]
    pub fn to_older_datagram(&self, expires_on: &str) -> Vec<u8> {
        written::datagram(self, Some(expires_on))
    }

    /// The JSON of it, in one line, its keywords in Kea's order.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = Vec::with_capacity(written::USUAL);
        self.write_json(&mut json);
        String::from_utf8(json).unwrap_or_default()
    }

    /// Writes the same behind what is there.
    pub(crate) fn write_json(&self, out: &mut Vec<u8>) {
        written::write(self, None, out);
    }
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
