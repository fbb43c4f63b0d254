//! Leases that commands change.

use std::fmt::Write;

use kotare_config::json::format::{Shape, text};
use kotare_control::{Response, ResultCode, Watcher};
use kotare_model::{Lifetime, SubnetId, Timestamp};
use serde_json::{Map, Value as Json};

use super::messages::LEGAL_LOG_COMMAND_WRITE_ERROR;
use super::words::{For, Legible};
use super::{LegalLog, Logged, Store};
use crate::arguments::{Arguments, client_id};
use crate::bulk::{Done, each_sent, each_written};

/// What a command does to leases.
const DEEDS: [&str; 4] = ["add", "update", "del", "bulk-apply"];

impl<L: Logged> Watcher for LegalLog<L> {
    fn hears_of(&self, command: &str) -> bool {
        deed::<L>(command).is_some()
    }

    fn heard(&self, command: &str, arguments: Option<&Json>, response: &Response) {
        let (Some(deed), Some(arguments)) = (deed::<L>(command), arguments) else { return };
        if response.result != ResultCode::Success {
            return;
        }
        let now = self.server.get().map_or(Timestamp(0), |server| server.now());
        let write = |deed: &str, arguments: &Json| {
            if self.is_silenced(arguments) {
                return;
            }
            match line::<L>(deed, arguments, now) {
                Ok(line) => {
                    let about = about::<L>(deed, arguments);
                    self.leave(about.as_ref().map(|it| it as _), line.as_bytes(), now);
                }
                Err(reason) => LEGAL_LOG_COMMAND_WRITE_ERROR(reason),
            }
        };
        match deed {
            "bulk-apply" => {
                let write = |done, lease| {
                    let deed = if done == Done::Deleted { "del" } else { "update" };
                    write(deed, &by_whom(arguments, lease));
                };
                each_sent::<L>(arguments, response, |done, lease| write(done, lease.shown()));
                each_written(arguments, response, |done, lease| write(done, lease.clone()));
            }
            deed => write(deed, arguments),
        }
        if let Store::Files(files) = &self.store {
            files.wake();
        }
    }
}

/// What the command does, if it is one of those that are logged.
fn deed<L: Logged>(command: &str) -> Option<&str> {
    command.strip_prefix(L::COMMANDS).filter(|deed| DEEDS.contains(deed))
}

/// A lease with who had it changed.
fn by_whom(arguments: &Json, mut lease: Json) -> Json {
    if let (Some(origin), Some(map)) = (arguments.get("origin"), lease.as_object_mut()) {
        map.insert("origin".into(), origin.clone());
    }
    lease
}

impl<L: Logged> LegalLog<L> {
    /// Whether the subnet that is named is not to be logged.
    fn is_silenced(&self, arguments: &Json) -> bool {
        let id = arguments.get("subnet-id").and_then(Json::as_u64);
        let id = id.and_then(|id| u32::try_from(id).ok());
        id.is_some_and(|id| self.silent.contains(&SubnetId(id)))
    }
}

/// The address or the prefix that the line is about, if it is said.
fn about<L: Logged>(deed: &str, written: &Json) -> Option<String> {
    let address = written.get("ip-address").and_then(Json::as_str)?;
    let length = written.get("prefix-len").filter(|_| deed != "del" && is_prefix::<L>(written));
    Some(length.map_or_else(|| address.to_owned(), |length| format!("{address}/{length}")))
}

/// Whether it is about a prefix.
fn is_prefix<L: Logged>(written: &Json) -> bool {
    L::COMMANDS == "lease6-" && matches!(written.get("type").and_then(Json::as_str), Some("IA_PD" | "2"))
}

/// The line of what was done to a lease.
fn line<L: Logged>(deed: &str, written: &Json, now: Timestamp) -> Result<String, String> {
    let arguments = Arguments::within(written)?;
    let is_partner = arguments.get("origin").and_then(Json::as_str) == Some("ha-partner");
    let mut line = if is_partner { "HA partner" } else { "Administrator" }.to_owned();
    let address = arguments.get("ip-address").and_then(Json::as_str);
    if deed == "del" {
        let _ = match address {
            Some(address) => write!(line, " deleted the lease for address: {address}"),
            None => {
                let (kind, id) = (arguments.text("identifier-type")?, arguments.text("identifier")?);
                write!(line, " deleted a lease for a device identified by: {kind} of {id}")
            }
        };
        return Ok(line);
    }
    line += if deed == "add" { " added a lease of" } else { " updated information on the lease of" };
    let address = arguments.text("ip-address")?;
    let of_v6 = L::COMMANDS == "lease6-";
    let _ = match is_prefix::<L>(written) {
        true => write!(line, " prefix: {address}/{}", arguments.number::<u8>("prefix-len")?),
        false => write!(line, " address: {address}"),
    };
    if of_v6 {
        let _ = write!(line, " to a device with DUID: {}", arguments.text("duid")?);
        if let Some(hwaddr) = arguments.get("hw-address").and_then(Json::as_str) {
            let _ = write!(line, ", hardware address: {hwaddr}");
        }
    } else {
        let _ = write!(line, " to a device with hardware address: {}", arguments.text("hw-address")?);
        if let Some(id) = arguments.get("client-id").and_then(Json::as_str) {
            let _ = write!(line, ", client-id: {id}");
            // What follows the digits is what they say, if they can be read.
            let legible = client_id(id).map(|id| Legible(id.as_bytes()).to_string()).unwrap_or_default();
            line += legible.find(" (").map_or("", |at| &legible[at..]);
        }
    }
    if let Some(duration) = duration(arguments, now) {
        let _ = write!(line, " for {}", For(duration));
    }
    if let Some(context) = context(arguments) {
        line += ", context: ";
        line += &text(&context, Shape::Line);
    }
    Ok(line)
}

/// How long the lease is, if it is said.
fn duration(arguments: Arguments<'_>, now: Timestamp) -> Option<Lifetime> {
    let until = || Some(arguments.get("expire")?.as_i64()?.saturating_sub(now.0));
    let seconds = arguments.get("valid-lft").and_then(Json::as_i64).or_else(until)?;
    Some(Lifetime(u32::try_from(seconds).ok().filter(|seconds| *seconds > 0)?))
}

/// The user context with the comment in it.
fn context(arguments: Arguments<'_>) -> Option<Json> {
    let context = arguments.get("user-context").cloned();
    let Some(comment) = arguments.get("comment") else { return context };
    let mut map = context.as_ref().and_then(Json::as_object).cloned().unwrap_or_else(Map::new);
    map.insert("comment".into(), comment.clone());
    Some(map.into())
}
