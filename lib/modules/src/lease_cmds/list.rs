//! Commands that list leases: `lease4-get-all`, `lease6-get-page`, `lease4-get-by-…`.

use kotare_config::json::format::append_words;
use kotare_control::{Items, Reply, Request, Response, ResultCode};
use kotare_model::{Lease4, Lease6, LeaseState, SubnetId};
use kotare_store::{By4, By6};
use kotare_store_memfile::{append_row, header};
use serde_json::{Value as Json, json};

use super::family::Commanded;
use super::scene::{Done, Scene, command, command_behind};
use super::{LeaseCmds, rows};
use crate::arguments::{Arguments, Refused, client_id, duid, hardware_address, ip_address};

/// `lease4-get-all`, `lease6-get-all`.
pub(super) fn all<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    let mut found = none();
    let mut take = |subnet| {
        scene.each(None, subnet, |lease| {
            found.push(&lease.shown());
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
    Ok(answer::<L>(found, "."))
}

/// `lease4-get-page`, `lease6-get-page`. A partner that asks for one page after the other can wait.
pub(super) fn page_reply<L: Commanded>(module: &LeaseCmds<L>, request: Request) -> Reply<'static> {
    match rows::are_in(&request) {
        true => command_behind(module, request, page),
        false => command(module, request, page),
    }
}

fn page<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    let (ip, number) = (L::WORDS.ip, L::WORDS.number);
    let missing = || format!("no parameters specified for the lease{number}-get-page command");
    let arguments = Arguments::if_any(request)?.ok_or_else(missing)?;
    let from = arguments.get("from").ok_or("'from' parameter not specified")?;
    let from = match from.as_str().ok_or("'from' parameter must be a string")? {
        "start" => None,
        text => {
            let address = ip_address(text).map_err(|_| {
                format!("'from' parameter value is neither 'start' keyword nor a valid {ip} address")
            })?;
            let key = L::key(address);
            let key =
                key.ok_or_else(|| format!("'from' parameter value {address} is not an {ip} address"))?;
            Some(key).filter(|_| !address.is_unspecified())
        }
    };
    let limit = arguments.get("limit").ok_or("'limit' parameter not specified")?;
    let limit = limit.as_i64().ok_or("'limit' parameter must be a number")?;
    let limit = match u32::try_from(limit) {
        Ok(0) => return Err("'limit' parameter must not be 0.".into()),
        Ok(limit) => limit as usize,
        Err(_) => return Err("'limit' parameter is not a 32 bit unsigned integer.".into()),
    };
    if arguments.truth("rows")? {
        return page_of_rows(scene, from, limit);
    }
    let mut found = none();
    scene.each(from, None, |lease| {
        found.push(&lease.shown());
        Ok(found.len() < limit)
    })?;
    let count = found.len();
    Ok(answer::<L>(found, ".").with(json!({"count": count})))
}

/// A page as rows of a lease file, as servers of ours ask for it. It is put into words row by row: all of them at once would
/// keep whoever waits for this processor.
fn page_of_rows<L: Commanded>(scene: &Scene<L>, from: Option<L::Address>, limit: usize) -> Done {
    let (mut row, mut count) = (header::<L>().to_vec(), 0);
    let mut written = "{ \"rows\": \"".to_owned();
    let mut write = |row: &mut Vec<u8>| -> Result<(), Refused> {
        append_words(&mut written, str::from_utf8(row).map_err(|error| error.to_string())?);
        row.clear();
        Ok(())
    };
    scene.each(from, None, |lease| {
        append_row(&lease, false, &mut row);
        write(&mut row)?;
        count += 1;
        Ok(count < limit)
    })?;
    // Where there is no lease, the header is left.
    write(&mut row)?;
    written.push_str(&format!("\", \"count\": {count} }}"));
    Ok(Response { list: Response::written(written).list, ..found::<L>(count, ".") })
}

/// No lease found yet.
fn none() -> Items {
    Items::of("leases")
}

/// Leases found, and what is said of them behind how many they are.
fn answer<L: Commanded>(list: Items, said: &str) -> Response {
    let response = found::<L>(list.len(), said);
    Response { list: Some(list.into()), ..response }
}

/// That so many leases were found.
fn found<L: Commanded>(count: usize, said: &str) -> Response {
    let result = if count > 0 { ResultCode::Success } else { ResultCode::Empty };
    Response { result, ..Response::success(format!("{count} {} lease(s) found{said}", L::WORDS.ip)) }
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

/// `lease4-get-by-hw-address`, `lease6-get-by-hw-address`.
pub(super) fn by_hw_address<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    let text = text(required(request)?, "hw-address")?;
    if text.is_empty() {
        return Err("'hw-address' parameter must not be empty".into());
    }
    let address = hardware_address(text).map_err(|reason| format!("bad 'hw-address' parameter: {reason}"))?;
    by(scene, L::by_hw_address(&address))
}

/// `lease4-get-by-client-id`.
pub(super) fn by_client_id(scene: &Scene<Lease4>, request: &Request) -> Done {
    let text = text(required(request)?, "client-id")?;
    let id = client_id(text).map_err(|reason| format!("bad 'client-id' parameter: {reason}"))?;
    by(scene, By4::ClientId(id.as_bytes()))
}

/// `lease6-get-by-duid`.
pub(super) fn by_duid(scene: &Scene<Lease6>, request: &Request) -> Done {
    let text = text(required(request)?, "duid")?;
    let duid = duid(text).map_err(|reason| format!("bad 'duid' parameter: {reason}"))?;
    by(scene, By6::Duid(duid.as_bytes()))
}

/// `lease4-get-by-hostname`, `lease6-get-by-hostname`.
pub(super) fn by_hostname<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    let name = text(required(request)?, "hostname")?.to_ascii_lowercase();
    if name.is_empty() {
        return Err("'hostname' parameter is empty".into());
    }
    by(scene, L::by_hostname(&name))
}

fn by<'a, L: Commanded>(scene: &'a Scene<L>, by: L::By<'a>) -> Done {
    let mut found = scene.get(by)?;
    found.sort_unstable_by_key(L::address);
    let mut shown = none();
    found.iter().for_each(|lease| shown.push(&lease.shown()));
    Ok(answer::<L>(shown, "."))
}

/// `lease4-get-by-state`, `lease6-get-by-state`.
pub(super) fn by_state<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
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
    let mut found = none();
    if let Some(wanted) = wanted {
        scene.each(None, Some(SubnetId(subnet)).filter(|_| subnet != 0), |lease| {
            if lease.state() == wanted {
                found.push(&lease.shown());
            }
            Ok(true)
        })?;
    }
    let name = wanted.map_or_else(|| state.to_string(), |wanted| format!("{} ({state})", wanted.name()));
    let place = if subnet == 0 { String::new() } else { format!(" in subnet {subnet}") };
    Ok(answer::<L>(found, &format!(" with state {name}{place}.")))
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
