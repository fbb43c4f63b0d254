//! Leases that commands add, change and delete.

use std::net::IpAddr;

use kotare_control::{Response, ResultCode, Watcher};
use kotare_model::{Duid, HwAddr, SubnetId};
use serde_json::Value as Json;

use super::accounting::Event;
use super::messages::RADIUS_HOOK_FAILED;
use super::{Radius, Served};
use crate::arguments::{Arguments, client_id};
use crate::bulk::{Done, each_sent, each_written};

/// What a command says of a lease.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) address: IpAddr,
    pub(super) subnet: SubnetId,
    pub(super) hwaddr: Option<HwAddr>,
    pub(super) client_id: Option<Vec<u8>>,
    pub(super) duid: Option<Duid>,
    /// The length of a prefix, if it is one.
    pub(super) prefix_len: Option<u8>,
}

impl<L: Served> Watcher for Radius<L> {
    fn hears_of(&self, command: &str) -> bool {
        self.accounting.is_some() && deed::<L>(command).is_some()
    }

    fn heard(&self, command: &str, arguments: Option<&Json>, response: &Response) {
        let (Some(deed), Some(arguments)) = (deed::<L>(command), arguments) else { return };
        let is_partner = arguments.get("origin").and_then(Json::as_str) == Some("ha-partner");
        if response.result != ResultCode::Success || is_partner && !self.settings.peer_updates {
            return;
        }
        if deed == "bulk-apply" {
            // Of what is removed the lease itself says more.
            each_sent::<L>(arguments, response, |done, lease| {
                if done == Done::Kept {
                    self.tell_of(&lease, Event::Update);
                }
            });
            return each_written(arguments, response, |done, lease| {
                if done == Done::Kept {
                    self.tell_written(command, lease, Event::Update);
                }
            });
        }
        let event = match deed {
            "add" => Event::Add,
            "update" => Event::Update,
            // Of what is removed the lease itself says more, where that may be told.
            _ if self.settings.peer_updates => return,
            _ => Event::Delete,
        };
        self.tell_written(command, arguments, event);
    }
}

impl<L: Served> Radius<L> {
    /// Tells of a lease as a command has it.
    fn tell_written(&self, command: &str, lease: &Json, event: Event) {
        match told(lease) {
            Ok(told) => {
                let session = L::session_of(&self.settings.calling, &told);
                session.into_iter().for_each(|session| self.tell(session, event));
            }
            // A lease may be named by less than a server can be told of.
            Err(_) if event == Event::Delete => {}
            Err(reason) => RADIUS_HOOK_FAILED(format_args!("command_processed: {command}"), reason),
        }
    }
}

fn deed<L: Served>(command: &str) -> Option<&str> {
    command.strip_prefix(L::COMMANDS).filter(|deed| ["add", "update", "del", "bulk-apply"].contains(deed))
}

fn told(arguments: &Json) -> Result<Told, String> {
    let arguments = Arguments::within(arguments)?;
    let text = arguments.text("ip-address")?;
    let address = text.parse().map_err(|_| format!("'{text}' is no address"))?;
    let hwaddr = |text: &str| {
        let bytes = kotare_config::schema::bytes(text);
        bytes.and_then(|bytes| HwAddr::new(HwAddr::ETHERNET, &bytes).ok())
    };
    let duid = |text: &str| kotare_config::schema::bytes(text).and_then(|bytes| Duid::new(&bytes).ok());
    let id = arguments.text_if_any("client-id")?;
    let is_prefix = arguments.get("type").and_then(Json::as_str) == Some("IA_PD");
    Ok(Told {
        address,
        subnet: SubnetId(arguments.number_if_any("subnet-id")?.unwrap_or_default()),
        hwaddr: arguments.text_if_any("hw-address")?.and_then(hwaddr),
        client_id: id.and_then(|id| client_id(id).ok()).map(|id| id.as_bytes().to_vec()),
        duid: arguments.text_if_any("duid")?.and_then(duid),
        prefix_len: if is_prefix { Some(arguments.number("prefix-len")?) } else { None },
    })
}
