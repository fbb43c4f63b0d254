//! Commands that list leases: `lease4-get-all`, `lease4-get-page`, `lease4-get-by-…`.

use std::net::Ipv4Addr;

use kotare_control::Request;
use kotare_model::{LeaseState, SubnetId};
use kotare_store::By4;
use serde_json::Value as Json;

use super::scene::{Done, Scene};
use super::shown;
use crate::arguments::{Arguments, Refused, client_id, hardware_address, ip_address, ipv4};

/// `lease4-get-all`.
pub(super) fn all(scene: &Scene, request: &Request) -> Done {
    let mut found = shown::none();
    let mut take = |subnet| {
        scene.each(None, subnet, |lease| {
            found.push(&shown::lease(&lease));
            Ok(true)
        })
    };
    match Arguments::if_any(request)? {
        None => take(None)?,
        Some(arguments) => {
            let subnets = arguments.get("subnets").ok_or("'subnets' parameter not specified")?;
            let subnets = subnets.as_array().ok_or("'subnets' parameter must be a list")?;
            for subnet in subnets {
                let number = subnet.as_i64().ok_or("listed subnet identifiers must be numbers")?;
                let id =
                    u32::try_from(number).map_err(|_| format!("out of range subnet identifier {number}"))?;
                take(Some(SubnetId(id)))?;
            }
        }
    }
    Ok(shown::leases(found, "."))
}

/// `lease4-get-page`.
pub(super) fn page(scene: &Scene, request: &Request) -> Done {
    let arguments = Arguments::of(request, "no parameters specified for the lease4-get-page command")?;
    let from = arguments.get("from").ok_or("'from' parameter not specified")?;
    let from = match from.as_str().ok_or("'from' parameter must be a string")? {
        "start" => None,
        text => {
            let address = ip_address(text).map_err(|_| {
                "'from' parameter value is neither 'start' keyword nor a valid IPv4 address".to_owned()
            })?;
            let words = |address| format!("'from' parameter value {address} is not an IPv4 address");
            Some(ipv4(address, words)?).filter(|address| *address != Ipv4Addr::UNSPECIFIED)
        }
    };
    let limit = arguments.get("limit").ok_or("'limit' parameter not specified")?;
    let limit = limit.as_i64().ok_or("'limit' parameter must be a number")?;
    let limit = match u32::try_from(limit) {
        Ok(0) => return Err("'limit' parameter must not be 0.".into()),
        Ok(limit) => limit as usize,
        Err(_) => return Err("'limit' parameter is not a 32 bit unsigned integer.".into()),
    };
    let mut found = shown::none();
    scene.each(from, None, |lease| {
        found.push(&shown::lease(&lease));
        Ok(found.len() < limit)
    })?;
    Ok(shown::page(found))
}

/// The arguments of a command that cannot do without.
fn required(request: &Request) -> Result<Arguments<'_>, Refused> {
    match Arguments::if_any(request) {
        Ok(Some(arguments)) => Ok(arguments),
        Ok(None) | Err(_) => Err("Command arguments missing or a not a map.".into()),
    }
}

/// A text that the command cannot do without.
fn text<'a>(arguments: Arguments<'a>, name: &str) -> Result<&'a str, Refused> {
    let value = arguments.get(name).ok_or_else(|| format!("'{name}' parameter not specified"))?;
    Ok(value.as_str().ok_or_else(|| format!("'{name}' parameter must be a string"))?)
}

/// `lease4-get-by-hw-address`.
pub(super) fn by_hw_address(scene: &Scene, request: &Request) -> Done {
    let text = text(required(request)?, "hw-address")?;
    if text.is_empty() {
        return Err("'hw-address' parameter must not be empty".into());
    }
    let address = hardware_address(text).map_err(|reason| format!("bad 'hw-address' parameter: {reason}"))?;
    by(scene, By4::HwAddr(&address))
}

/// `lease4-get-by-client-id`.
pub(super) fn by_client_id(scene: &Scene, request: &Request) -> Done {
    let text = text(required(request)?, "client-id")?;
    let id = client_id(text).map_err(|reason| format!("bad 'client-id' parameter: {reason}"))?;
    by(scene, By4::ClientId(id.as_bytes()))
}

/// `lease4-get-by-hostname`.
pub(super) fn by_hostname(scene: &Scene, request: &Request) -> Done {
    let name = text(required(request)?, "hostname")?.to_ascii_lowercase();
    if name.is_empty() {
        return Err("'hostname' parameter is empty".into());
    }
    by(scene, By4::Hostname(&name))
}

fn by(scene: &Scene, by: By4<'_>) -> Done {
    let mut found = scene.get(by)?;
    found.sort_unstable_by_key(|lease| lease.address);
    let mut shown = shown::none();
    found.iter().for_each(|lease| shown.push(&shown::lease(lease)));
    Ok(shown::leases(shown, "."))
}

/// `lease4-get-by-state`.
pub(super) fn by_state(scene: &Scene, request: &Request) -> Done {
    let arguments = required(request)?;
    let state = state(arguments.get("state").ok_or("'state' parameter not specified")?)?;
    let subnet = match arguments.get("subnet-id") {
        None => 0,
        Some(value) => {
            let number = value.as_i64().ok_or("'subnet-id' parameter must be a number")?;
            u32::try_from(number).map_err(|_| "'subnet-id' parameter must be a 32 bit unsigned integer")?
        }
    };
    let wanted = LeaseState::from_number(state);
    let mut found = shown::none();
    if let Some(wanted) = wanted {
        scene.each(None, Some(SubnetId(subnet)).filter(|_| subnet != 0), |lease| {
            if lease.state == wanted {
                found.push(&shown::lease(&lease));
            }
            Ok(true)
        })?;
    }
    let name = wanted.map_or_else(|| state.to_string(), |wanted| format!("{} ({state})", wanted.name()));
    let place = if subnet == 0 { String::new() } else { format!(" in subnet {subnet}") };
    Ok(shown::leases(found, &format!(" with state {name}{place}.")))
}

/// A state, by number or by name.
fn state(value: &Json) -> Result<u32, Refused> {
    let Some(name) = value.as_str() else {
        // As in Kea the lowest 32 bits count.
        let number = value.as_i64().ok_or("'state' parameter must be a number or a string")?;
        return Ok(number as u32);
    };
    let states = (0..).map_while(LeaseState::from_number);
    match name {
        "" => Err("'state' parameter is empty".into()),
        "assigned" => Ok(LeaseState::Assigned as u32),
        name => states
            .into_iter()
            .find(|state| state.name() == name)
            .map(|state| state as u32)
            .ok_or_else(|| format!("'state' parameter value ({name}) is not recognized").into()),
    }
}
