//! What commands give of a lease of either family.

use std::fmt::Display;

use kotare_config::json::format::{Shape, text};
use kotare_model::{HostName, LeaseState, Lifetime, SubnetId, Timestamp};
use serde_json::{Map, Value as Json};

use crate::arguments::{Arguments, Refused};

/// The subnet that is given, if one is.
pub(super) fn subnet_id(arguments: Arguments<'_>) -> Result<Option<SubnetId>, String> {
    Ok(arguments.number_if_any::<u32>("subnet-id")?.filter(|id| *id != 0).map(SubnetId))
}

/// That there is no such subnet, an address is not in it, or an address is in none.
pub(super) struct NoSubnet<'a> {
    pub(super) ip: &'a str,
    pub(super) address: &'a dyn Display,
}

impl NoSubnet<'_> {
    pub(super) fn unknown(&self, id: SubnetId) -> Refused {
        let ip = self.ip;
        Refused::conflict(format!(
            "Invalid subnet-id: No {ip} subnet with subnet-id={id} currently configured."
        ))
    }

    pub(super) fn another(&self, prefix: &dyn Display, id: SubnetId) -> Refused {
        let address = self.address;
        Refused::conflict(format!("The address {address} does not belong to subnet {prefix}, subnet-id={id}"))
    }

    pub(super) fn none(&self) -> Refused {
        let address = self.address;
        Refused::conflict(format!(
            "subnet-id not specified and failed to find a subnet for address {address}"
        ))
    }
}

/// A lifetime, if it is given.
pub(super) fn lifetime(arguments: Arguments<'_>, name: &str) -> Result<Option<Lifetime>, String> {
    Ok(arguments.number_if_any(name)?.map(Lifetime))
}

/// When the client was heard, by when its lease ends.
pub(super) fn cltt(
    arguments: Arguments<'_>,
    address: &dyn Display,
    valid: Lifetime,
    now: Timestamp,
) -> Result<Timestamp, String> {
    match arguments.integer_if_any("expire")? {
        None => Ok(now),
        Some(..=0) => Err(format!("expiration time must be positive for address {address}")),
        Some(expires) if expires < i64::from(valid.0) => {
            Err(format!("expiration time must be greater than valid lifetime for address {address}"))
        }
        Some(expires) => Ok(Timestamp(expires - i64::from(valid.0))),
    }
}

/// The name of a client, and where it counts as registered.
pub(super) struct Name {
    pub(super) fqdn_fwd: bool,
    pub(super) fqdn_rev: bool,
    pub(super) hostname: HostName,
}

impl Name {
    pub(super) fn of(arguments: Arguments<'_>) -> Result<Self, String> {
        let (fqdn_fwd, fqdn_rev) = (arguments.truth("fqdn-fwd")?, arguments.truth("fqdn-rev")?);
        let hostname = arguments.text_if_any("hostname")?.unwrap_or_default().to_ascii_lowercase();
        if hostname.is_empty() && (fqdn_fwd || fqdn_rev) {
            return Err("No hostname specified and either forward or reverse fqdn was set to true.".into());
        }
        Ok(Self { fqdn_fwd, fqdn_rev, hostname: HostName::from(hostname) })
    }
}

/// `state`.
pub(super) fn state(arguments: Arguments<'_>) -> Result<LeaseState, String> {
    let state = arguments.number_if_any::<u8>("state")?.unwrap_or_default();
    LeaseState::from_number(u32::from(state)).ok_or_else(|| {
        format!(
            "Invalid state value: {state}, supported values are: 0 (default), 1 (declined), 2 (expired-reclaimed), 3 \
             (released) and 4 (registered)"
        )
    })
}

/// A user context as answers show it. What is no JSON, in a file that somebody edited, cannot be shown as some.
pub(super) fn shown_context(context: Option<&str>) -> Option<Json> {
    let mut context = context.and_then(|text| serde_json::from_str::<Json>(text).ok())?;
    context.sort_all_objects();
    Some(context)
}

/// `user-context` with `comment` in it.
pub(super) fn user_context(arguments: Arguments<'_>) -> Result<Option<Box<str>>, String> {
    let context = match arguments.get("user-context") {
        None => None,
        Some(Json::Object(map)) => Some(map),
        Some(other) => {
            return Err(format!("Invalid user context '{}' is not a JSON map.", text(other, Shape::Line)));
        }
    };
    // The order of Kea's maps.
    let shown = |map: &Map<String, Json>| {
        let mut map = Json::Object(map.clone());
        map.sort_all_objects();
        text(&map, Shape::Line)
    };
    match (context, arguments.get("comment")) {
        (None, None) => Ok(None),
        (Some(context), None) => Ok(Some(shown(context).into())),
        (Some(context), Some(comment)) if context.contains_key("comment") => Err(format!(
            "Duplicated comment entry '{}' in user context '{}'",
            text(comment, Shape::Line),
            shown(context)
        )),
        (context, Some(comment)) => {
            let mut context = context.cloned().unwrap_or_default();
            context.insert("comment".to_owned(), comment.clone());
            Ok(Some(shown(&context).into()))
        }
    }
}
