//! The commands: what is remembered is shown, changed, written to a file and read from one.

use std::fs::{self, File};
use std::io::Read;

use kotare_config::json::format::{Shape, text};
use kotare_config::v4::identifier_bytes;
use kotare_config::v6::{HostId, HostIdType};
use kotare_control::{Reply, Request, Response, ResultCode, blocking, now};
use kotare_model::SubnetId;
use serde_json::{Map, Value as Json, json};

use super::HostCacheModule;
use super::entry::{self, IDENTIFIERS, digit};
use super::judge;
use super::messages::*;
use crate::edit::gone;
use crate::reserving::Reserving;

/// How long a file of entries may be.
const LONGEST_FILE: u64 = 1 << 28;
/// What is said without arguments.
const MISSING: &str = "no parameters specified for the command";

/// What a command was given, in one line.
fn told(request: &Request) -> String {
    let arguments = request.arguments.as_ref();
    arguments.map_or_else(|| "(missing parameters)".to_owned(), |arguments| text(arguments, Shape::Line))
}

/// `cache-size`.
pub(super) fn size<L: Reserving>(module: &HostCacheModule<L>) -> Reply<'static> {
    let count = module.cache.len();
    HOST_CACHE_COMMAND_SIZE(count);
    now(Response::success(format!("{count} entries.")).with(json!({ "size": count })))
}

/// `cache-clear`.
pub(super) fn clear<L: Reserving>(module: &HostCacheModule<L>) -> Reply<'static> {
    let cache = module.cache.clone();
    blocking(move || {
        cache.clear();
        HOST_CACHE_COMMAND_CLEAR();
        Response::success("Cache cleared.")
    })
}

/// `cache-flush`.
pub(super) fn flush<L: Reserving>(module: &HostCacheModule<L>, request: Request) -> Reply<'static> {
    let count = match &request.arguments {
        None => Err(MISSING),
        Some(count) => match count.as_i64() {
            None => Err("intValue() called on non-integer Element"),
            Some(0) => Err("invalid (0) parameter: please use cache-clear command"),
            Some(..0) => Err("invalid (<0) parameter"),
            Some(count) => Ok(usize::try_from(count).unwrap_or(usize::MAX)),
        },
    };
    let cache = module.cache.clone();
    blocking(move || match count {
        Ok(count) => {
            let removed = cache.flush(count);
            HOST_CACHE_COMMAND_FLUSH();
            Response::success(format!("Cache flushed ({removed} entries removed)."))
        }
        Err(reason) => {
            HOST_CACHE_COMMAND_FLUSH_FAILED(told(&request), reason);
            Response::error(reason)
        }
    })
}

fn returned(entries: Vec<Json>) -> Response {
    let result = if entries.is_empty() { ResultCode::Empty } else { ResultCode::Success };
    let text = format!("{} entries returned.", entries.len());
    Response { result, ..Response::success(text) }.with(entries)
}

/// `cache-get`.
pub(super) fn get<L: Reserving>(module: &HostCacheModule<L>) -> Reply<'static> {
    let Some(server) = module.server.get() else { return now(gone()) };
    let cache = module.cache.clone();
    blocking(move || {
        let entries = entry::shown::<L>(&*server.serving(), &cache.all());
        HOST_CACHE_COMMAND_GET(entries.len());
        returned(entries)
    })
}

/// `cache-get-by-id`.
pub(super) fn get_by_id<L: Reserving>(module: &HostCacheModule<L>, request: Request) -> Reply<'static> {
    let Some(server) = module.server.get() else { return now(gone()) };
    let cache = module.cache.clone();
    blocking(move || match one_id(&request) {
        Ok((kind, bytes)) => {
            let id = HostId { kind, bytes: &bytes };
            let mut all = cache.all();
            all.retain(|known| known.host.id() == id);
            let entries = entry::shown::<L>(&*server.serving(), &all);
            HOST_CACHE_COMMAND_GET_BY_ID(entries.len());
            returned(entries)
        }
        Err(reason) => {
            HOST_CACHE_COMMAND_GET_BY_ID_FAILED(&reason);
            Response::error(reason)
        }
    })
}

/// The arguments of a command that takes a map.
fn map(request: &Request) -> Result<&Map<String, Json>, String> {
    let arguments = request.arguments.as_ref().ok_or(MISSING)?;
    Ok(arguments.as_object().ok_or("invalid (not a map) parameter")?)
}

fn one_id(request: &Request) -> Result<(HostIdType, Vec<u8>), String> {
    let map = map(request)?;
    for (keyword, value) in map {
        if !IDENTIFIERS.contains(&keyword.as_str()) {
            return Err(format!("unknown parameter '{keyword}'"));
        }
        judge::text(keyword, value)?;
    }
    let mut given = map.iter();
    let first = given.next().ok_or("an identifier is required")?;
    if given.next().is_some() {
        return Err("only one identifier can be specified".to_owned());
    }
    identifier(first)
}

fn identifier((keyword, value): (&String, &Json)) -> Result<(HostIdType, Vec<u8>), String> {
    let text = value.as_str().unwrap_or_default();
    if text.is_empty() {
        return Err("invalid (empty) identifier".to_owned());
    }
    let bytes = identifier_bytes(text).filter(|bytes| !bytes.is_empty());
    let known = HostIdType::of(keyword).zip(bytes);
    known.ok_or_else(|| format!("invalid identifier '{text}'"))
}

/// `cache-insert`.
pub(super) fn insert<L: Reserving>(module: &HostCacheModule<L>, request: Request) -> Reply<'static> {
    let Some(server) = module.server.get() else { return now(gone()) };
    let cache = module.cache.clone();
    blocking(move || {
        let inserted = match &request.arguments {
            None => Err(MISSING.to_owned()),
            Some(Json::Array(entries)) => put_all::<L>(&cache, server.serving().config(), entries),
            Some(entry @ Json::Object(_)) => put::<L>(&cache, server.serving().config(), entry),
            Some(_) => Err("invalid (not a map) parameter".to_owned()),
        };
        match inserted {
            Ok((count, overwritten)) => {
                HOST_CACHE_COMMAND_INSERT(count, overwritten);
                let rest = format!("({overwritten} overwritten by more recent entries).");
                Response::success(format!("{count} entries inserted {rest}"))
            }
            Err(reason) => {
                HOST_CACHE_COMMAND_INSERT_FAILED(told(&request), &reason);
                Response::error(reason)
            }
        }
    })
}

/// Remembers an entry; says that it is one and how many it took the place of.
fn put<L: Reserving>(
    cache: &super::Cache<L::Reserved>,
    config: &L::Config,
    entry: &Json,
) -> Result<(usize, usize), String> {
    Ok((1, cache.insert(entry::read::<L>(config, entry)?, true)))
}

/// Reads all entries of a list, then remembers them; says how many there are and how many they took the place of.
fn put_all<L: Reserving>(
    cache: &super::Cache<L::Reserved>,
    config: &L::Config,
    entries: &[Json],
) -> Result<(usize, usize), String> {
    let read = entries.iter().enumerate().map(|(number, entry)| {
        entry::read::<L>(config, entry).map_err(|reason| format!("{reason} (entry {})", number + 1))
    });
    let read = read.collect::<Result<Vec<_>, String>>()?;
    let count = read.len();
    Ok((count, read.into_iter().map(|known| cache.insert(known, true)).sum()))
}

/// The name of the file that a command was given.
fn file_name(request: &Request) -> Result<&str, String> {
    let name = request.arguments.as_ref().ok_or(MISSING)?;
    let name = name.as_str().ok_or("invalid (not a string) parameter")?;
    if name.is_empty() { Err("invalid (empty string) parameter".to_owned()) } else { Ok(name) }
}

/// `cache-write`.
pub(super) fn write<L: Reserving>(module: &HostCacheModule<L>, request: Request) -> Reply<'static> {
    let Some(server) = module.server.get() else { return now(gone()) };
    let cache = module.cache.clone();
    blocking(move || {
        let written = file_name(&request).and_then(|name| {
            let (path, warning) =
                server.data_file(name).map_err(|reason| format!("parameter is invalid: {reason}"))?;
            if let Some(warning) = warning {
                HOST_CACHE_PATH_SECURITY_WARNING(warning);
            }
            let entries = entry::shown::<L>(&*server.serving(), &cache.all());
            let shown = path.display();
            let text = serde_json::to_string_pretty(&entries).map_err(|error| error.to_string())?;
            fs::write(&path, text + "\n")
                .map_err(|error| format!("Unable to open file '{shown}' for writing. {error}"))?;
            Ok((entries.len(), shown.to_string()))
        });
        match written {
            Ok((count, path)) => {
                HOST_CACHE_COMMAND_WRITE(count);
                Response::success(format!("{count} entries dumped to '{path}'."))
            }
            Err(reason) => {
                HOST_CACHE_COMMAND_WRITE_FAILED(told(&request), &reason);
                Response::error(reason)
            }
        }
    })
}

/// `cache-load`. A name without a directory is one of the data directory, as of `cache-write`.
pub(super) fn load<L: Reserving>(module: &HostCacheModule<L>, request: Request) -> Reply<'static> {
    let Some(server) = module.server.get() else { return now(gone()) };
    let cache = module.cache.clone();
    blocking(move || {
        let loaded = file_name(&request).and_then(|name| {
            let path = match name.contains('/') {
                true => name.into(),
                false => server.data_file(name)?.0,
            };
            let unreadable = |error: std::io::Error| format!("cannot read '{}': {error}", path.display());
            let mut text = String::new();
            let file = File::open(&path).map_err(unreadable)?;
            file.take(LONGEST_FILE).read_to_string(&mut text).map_err(unreadable)?;
            let entries: Vec<Json> =
                serde_json::from_str(&text).map_err(|error| format!("'{}': {error}", path.display()))?;
            Ok((put_all::<L>(&cache, server.serving().config(), &entries)?, path))
        });
        match loaded {
            Ok(((count, overwritten), path)) => {
                HOST_CACHE_COMMAND_LOAD(count, overwritten);
                let rest = format!("({overwritten} overwritten by more recent entries).");
                Response::success(format!("{count} entries loaded from '{}' {rest}", path.display()))
            }
            Err(reason) => {
                HOST_CACHE_COMMAND_LOAD_FAILED(told(&request), &reason);
                Response::error(reason)
            }
        }
    })
}

/// `cache-remove`.
pub(super) fn remove<L: Reserving>(module: &HostCacheModule<L>, request: &Request) -> Reply<'static> {
    now(match try_remove(module, request) {
        Ok(was_there) => {
            HOST_CACHE_COMMAND_REMOVE(told(request));
            match was_there {
                true => Response::success("Host removed."),
                false => Response::failed(ResultCode::Empty, "Host not removed (not found)."),
            }
        }
        Err(reason) => {
            HOST_CACHE_COMMAND_REMOVE_FAILED(told(request), &reason);
            Response::error(reason)
        }
    })
}

fn try_remove<L: Reserving>(module: &HostCacheModule<L>, request: &Request) -> Result<bool, String> {
    let map = map(request)?;
    let (mut subnets, mut ids, mut address) = (Vec::new(), Vec::new(), None);
    for (keyword, value) in map {
        match keyword.as_str() {
            "subnet-id" | "subnet-id4" | "subnet-id6" => {
                let id = u32::try_from(judge::number(keyword, value)?);
                let id = id.map_err(|_| format!("'{keyword}' is no id of a subnet"))?;
                subnets.push((keyword.strip_prefix("subnet-id").unwrap_or_default(), SubnetId(id)));
            }
            "ip-address" => {
                address = Some(judge::text(keyword, value)?).filter(|text| !text.is_empty()).map(|_| value)
            }
            _ if IDENTIFIERS.contains(&keyword.as_str()) => {
                judge::text(keyword, value)?;
                ids.push((keyword, value));
            }
            _ => return Err(format!("unknown parameter '{keyword}'")),
        }
    }
    const INCONSISTENT: &str = "inconsistent parameters";
    if subnets.len() > 1 || ids.len() > 1 || address.is_some() && !ids.is_empty() {
        return Err(INCONSISTENT.to_owned());
    }
    let subnet = subnets.pop();
    if let Some(written) = address {
        let (family, subnet) = subnet.ok_or("subnet-id is required")?;
        let address = judge::address("ip-address", written)?;
        if address.is_unspecified() {
            return Err(format!("invalid ip-address '{address}'"));
        }
        if family == if address.is_ipv4() { "6" } else { "4" } {
            return Err(INCONSISTENT.to_owned());
        }
        let own = L::own_address(address);
        return Ok(own.is_some_and(|address| module.cache.remove_address(address, subnet)));
    }
    let id = ids.pop().ok_or("either ip-address or an identifier is required")?;
    if id.1.as_str().is_none_or(str::is_empty) {
        return Err("invalid (empty) identifier".to_owned());
    }
    let (family, subnet) = subnet
        .filter(|(family, _)| !family.is_empty())
        .ok_or("either subnet-id4 or subnet-id6 is required")?;
    let (kind, bytes) = identifier(id)?;
    Ok(family == digit::<L>() && module.cache.remove_client(HostId { kind, bytes: &bytes }, subnet))
}
