//! What the commands are given, with Kea's words for what is wrong with it.

use std::net::IpAddr;

use kotare_config::json::format::{Shape, text};
use kotare_config::v4::identifier_bytes;
use kotare_config::v6::HostIdType;
use kotare_control::Request;
use kotare_model::SubnetId;
use serde_json::{Map, Value as Json};

use crate::arguments::{Arguments, ip_address};

/// The highest subnet id.
const HIGHEST_ID: i64 = u32::MAX as i64 - 1;

/// Where reservations are looked for and changed (`operation-target`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Where the command does it by default: changes in databases, everything else everywhere.
    Default,
    /// In the configuration.
    Memory,
    /// In databases.
    Database,
    /// Everywhere.
    All,
}

impl Target {
    /// Whether a command that shows something looks into the configuration.
    pub(super) fn shows_memory(self) -> bool {
        self != Self::Database
    }

    /// Whether a command that shows something looks into databases.
    pub(super) fn shows_databases(self) -> bool {
        self != Self::Memory
    }

    /// Whether a command that changes something does that in databases.
    pub(super) fn changes_databases(self) -> bool {
        self != Self::Memory
    }

    /// Whether a command that changes something does that in the configuration.
    pub(super) fn changes_memory(self) -> bool {
        matches!(self, Self::Memory | Self::All)
    }
}

/// What a reservation is looked for by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum By {
    Address(IpAddr),
    Identifier(HostIdType, Vec<u8>),
}

/// What a command was given, in one line, as the log has it.
pub(super) fn told(request: &Request) -> String {
    let arguments = request.arguments.as_ref();
    arguments.map_or_else(|| "(missing parameters)".to_owned(), |arguments| text(arguments, Shape::Line))
}

/// The map of arguments of a command that shows or removes something.
pub(super) fn map(request: &Request) -> Result<Arguments<'_>, String> {
    const MISSING: &str = "Parameters missing or are not a map.";
    match &request.arguments {
        Some(Json::Object(_)) => Arguments::of(request, MISSING),
        _ => Err(MISSING.to_owned()),
    }
}

/// `operation-target`.
pub(super) fn target(arguments: Arguments<'_>) -> Result<Target, String> {
    match arguments.text_if_any("operation-target")? {
        None | Some("default") => Ok(Target::Default),
        Some("memory") => Ok(Target::Memory),
        Some("database") => Ok(Target::Database),
        Some("all") => Ok(Target::All),
        Some(other) => Err(format!(
            "The 'operation-target' value ({other}) is not within expected set: (memory, database, all, default)"
        )),
    }
}

/// An integer in a range.
pub(super) fn number(arguments: Arguments<'_>, name: &str, highest: i64) -> Result<Option<u64>, String> {
    match arguments.integer_if_any(name)? {
        None => Ok(None),
        Some(number @ 0..) if number <= highest => Ok(Some(number.unsigned_abs())),
        Some(number) => {
            Err(format!("The '{name}' value ({number}) is not within expected range: (0 - {highest})"))
        }
    }
}

/// An integer in a range that must be there.
pub(super) fn required(arguments: Arguments<'_>, name: &str, highest: i64) -> Result<u64, String> {
    number(arguments, name, highest)?.ok_or_else(|| format!("missing parameter '{name}'"))
}

/// `subnet-id`, if it is there.
pub(super) fn subnet(arguments: Arguments<'_>) -> Result<Option<SubnetId>, String> {
    Ok(number(arguments, "subnet-id", HIGHEST_ID)?.map(|id| SubnetId(id as u32)))
}

/// `subnet-id`, which must be there.
pub(super) fn required_subnet(arguments: Arguments<'_>) -> Result<SubnetId, String> {
    Ok(SubnetId(required(arguments, "subnet-id", HIGHEST_ID)? as u32))
}

/// `identifier-type` and `identifier`; `missing` begins what is said when one is missing.
pub(super) fn identifier(
    arguments: Arguments<'_>,
    missing: &str,
) -> Result<(HostIdType, Vec<u8>, String), String> {
    let text = |name: &str| {
        let text = arguments.get(name).and_then(Json::as_str);
        text.ok_or_else(|| format!("{missing}'{name}' is either missing or not a string."))
    };
    let (kind, id) = (text("identifier-type")?, text("identifier")?);
    let bytes = identifier_bytes(id).ok_or("Unable to parse 'identifier' value.")?;
    if bytes.is_empty() {
        return Err("Unable to query for empty 'identifier'.".to_owned());
    }
    let known = HostIdType::of(kind).ok_or("Value of 'identifier-type' was not recognized.")?;
    let hint = format!("'identifier-type' set to \"{kind}\" and 'identifier' to \"{id}\"");
    Ok((known, bytes, hint))
}

/// What one reservation is looked for by, and in which subnet.
pub(super) fn one(arguments: Arguments<'_>) -> Result<(SubnetId, By), String> {
    let named = ["ip-address", "identifier-type", "identifier"].map(|name| arguments.get(name));
    let subnet = match named {
        [None, None, None] => Some(required_subnet(arguments)?),
        _ => subnet(arguments)?,
    };
    target(arguments)?;
    let without = |command: &str, hint: &str, what: &str| {
        format!(
            "missing parameter 'subnet-id', use '{command}' with {hint} to get the list of reservations with this {what}"
        )
    };
    if let [Some(address), ..] = named {
        let address = address.as_str().ok_or("'ip-address' is not a string.")?;
        let parsed = ip_address(address)?;
        let hint = format!("'ip-address' set to \"{address}\"");
        let subnet = subnet.ok_or_else(|| without("reservation-get-by-address", &hint, "address"))?;
        return Ok((subnet, By::Address(parsed)));
    }
    let (kind, bytes, hint) = identifier(arguments, "No 'ip-address' provided and ")?;
    let subnet = subnet.ok_or_else(|| without("reservation-get-by-id", &hint, "identifier"))?;
    Ok((subnet, By::Identifier(kind, bytes)))
}

/// The reservation that a command brings, without its subnet, and that.
pub(super) fn reservation(
    given: &Map<String, Json>,
) -> Result<(Map<String, Json>, Option<SubnetId>), String> {
    let mut reservation = given.clone();
    let Some(id) = reservation.shift_remove("subnet-id") else { return Ok((reservation, None)) };
    let id = id.as_i64().ok_or("'subnet-id' parameter is not integer.")?;
    if !(0..=HIGHEST_ID).contains(&id) {
        return Err(format!("subnet-id: {id} is invalid, must be between 0 and {HIGHEST_ID} (inclusive)."));
    }
    Ok((reservation, Some(SubnetId(id as u32))))
}
