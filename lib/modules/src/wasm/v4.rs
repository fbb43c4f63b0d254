//! Messages of DHCPv4.

use std::sync::Arc;

use kotare_config::v4::Config4;
use kotare_engine::hooks::v4::{
    Asked4, Hooks4, Lease4Select, LeaseDraft4, Link4, Pkt4Receive, Pkt4Send, Sending4, Subnet4Select,
};
use kotare_engine::hooks::{Step, Verdict};
use kotare_engine::v4::{Edited4, Query4};
use kotare_model::{Lease4, Lifetime, SubnetId};
use kotare_wasm::{
    DhcpOption, Edit, Lease, LeaseVerdict, Point, Protocol, Query, ReceivedVerdict, Relay, Reply,
    SubnetVerdict,
};
use kotare_wire::v4::{Message, OptionCode};

use super::verdict::{self, Fault};
use super::{Asking, Classes, ThirdParty};

/// What a reply is made of: how long its lease holds, where options stand, what it is, whose and for whom it is, and what relay
/// agents want back.
const FIXED: [u16; 6] = [
    OptionCode::LEASE_TIME.0 as u16,
    OptionCode::OVERLOAD.0 as u16,
    OptionCode::MESSAGE_TYPE.0 as u16,
    OptionCode::SERVER_IDENTIFIER.0 as u16,
    OptionCode::CLIENT_IDENTIFIER.0 as u16,
    OptionCode::RELAY_AGENT_INFORMATION.0 as u16,
];
/// The greatest code of an option.
const CODES: u16 = 254;

impl Asking for Lease4 {
    const SPOKEN: Protocol = Protocol::Dhcpv4;

    fn classes(config: &Config4) -> Classes {
        Classes::of(config.classes.iter().map(|(id, class)| (id, &*class.name)))
    }

    fn register(hooks: &mut Hooks4, module: &Arc<ThirdParty<Self>>, points: &[Point]) {
        if points.contains(&Point::Received) {
            hooks.pkt4_receive.push(module.clone());
        }
        if points.contains(&Point::Subnet) {
            hooks.subnet4_select.push(module.clone());
        }
        if points.contains(&Point::Lease) {
            hooks.lease4_select.push(module.clone());
        }
        if points.contains(&Point::Reply) {
            hooks.pkt4_send.push(module.clone());
        }
    }
}

/// The options of a message, the pieces of each put together.
fn options_of(message: Message<'_>) -> Vec<DhcpOption> {
    let mut options: Vec<DhcpOption> = Vec::with_capacity(16);
    for (code, value) in message.options() {
        let code = code.0.into();
        match options.iter_mut().find(|option| option.code == code) {
            Some(option) => option.value.extend_from_slice(value),
            None => options.push(DhcpOption { code, value: value.to_vec() }),
        }
    }
    options
}

/// Those of one that modules before may have changed.
fn options_after(edited: &Edited4<'_>) -> Vec<DhcpOption> {
    if !edited.is_changed() {
        return options_of(edited.message());
    }
    let option = |code: u16| {
        let value = edited.option(OptionCode(code as u8))?;
        Some(DhcpOption { code, value: value.bytes().collect() })
    };
    (1..=CODES).filter_map(option).collect()
}

/// The relay agent that a message came through.
fn relays_of(message: Message<'_>, query: &Query4) -> Vec<Relay> {
    let agent = query.relay_agent(message);
    if query.relay.is_none() && agent.is_none() {
        return Vec::new();
    }
    let sub_options = agent.iter().flat_map(|agent| agent.sub_options());
    vec![Relay {
        link: query.relay.map(|relay| relay.octets().to_vec()).unwrap_or_default(),
        peer: Vec::new(),
        options: sub_options
            .map(|(code, value)| DhcpOption { code: code.0.into(), value: value.to_vec() })
            .collect(),
    }]
}

impl ThirdParty<Lease4> {
    /// What the module is shown of a message with these options.
    fn view(&self, message: Message<'_>, query: &Query4, options: Vec<DhcpOption>) -> Query {
        let client = &query.client;
        Query {
            message_type: query.kind.message_type().0,
            transaction: query.transaction,
            interface: query.interface.to_string(),
            hardware_type: client.hwaddr.htype(),
            hardware_address: client.hwaddr.as_bytes().to_vec(),
            client_id: client.id.as_ref().map(|id| id.as_bytes().to_vec()),
            relays: relays_of(message, query),
            options,
            classes: self.classes.shown(&query.classes),
        }
    }

    fn asked(&self, Asked4 { message, query, .. }: Asked4<'_>) -> Query {
        self.view(message, query, options_of(message))
    }

    fn select(&self, asked: Asked4<'_>, link: &mut Link4<'_>) -> Verdict {
        let selected = link.subnet().map(|subnet| subnet.id.0);
        let answer = self.ask("subnet", asked.query, |module| {
            let verdict = module.subnet(&self.asked(asked), selected)?;
            match verdict {
                SubnetVerdict::Select(id) if !link.select(SubnetId(id)) => {
                    Err(Fault::Wrong(format!("there is no subnet {id}")))
                }
                verdict => Ok(verdict),
            }
        });
        match answer {
            Some(SubnetVerdict::None) => {
                link.leave();
                Verdict::Skip
            }
            Some(SubnetVerdict::Drop) => {
                self.keeper.dropped(asked.query.is_rehearsed());
                Verdict::Drop(None)
            }
            Some(SubnetVerdict::GoOn | SubnetVerdict::Select(_)) | None => Verdict::Continue,
        }
    }
}

impl Pkt4Receive for ThirdParty<Lease4> {
    fn pkt4_receive(&self, query: &mut Query4, edited: &mut Edited4<'_>) -> Verdict {
        let answer = self.ask("received", query, |module| {
            let view = self.view(edited.message(), query, options_after(edited));
            verdict::received(module.received(&view)?)
        });
        match answer {
            Some(ReceivedVerdict::GoOn(classes)) => self.classes.join(&classes, &mut query.classes),
            Some(ReceivedVerdict::Drop) => {
                self.keeper.dropped(query.is_rehearsed());
                return Verdict::Drop(None);
            }
            None => {}
        }
        Verdict::Continue
    }
}

impl Subnet4Select for ThirdParty<Lease4> {
    fn subnet4_select<'a>(&'a self, asked: Asked4<'a>, link: &'a mut Link4<'_>) -> Step<'a> {
        Step::Now(self.select(asked, link))
    }

    fn waits(&self) -> bool {
        false
    }
}

impl Lease4Select for ThirdParty<Lease4> {
    fn lease4_select(&self, asked: Asked4<'_>, draft: &mut LeaseDraft4<'_>) -> Verdict {
        let answer = self.ask("lease", asked.query, |module| {
            let lifetime = draft.lease.valid_lifetime.0;
            let shown = Lease {
                address: draft.lease.address.octets().to_vec(),
                prefix_length: 32,
                subnet: draft.subnet.id.0,
                valid_lifetime: lifetime,
                preferred_lifetime: lifetime,
                hostname: draft.lease.hostname.to_string(),
                is_offer: draft.offer,
                is_renewal: draft.renews,
            };
            match module.lease(&self.asked(asked), &shown)? {
                LeaseVerdict::GoOn => Ok(Verdict::Continue),
                LeaseVerdict::HoldFor(wanted) => {
                    let (valid, _) = verdict::lifetimes(wanted, lifetime)?;
                    draft.lease.valid_lifetime = Lifetime(valid);
                    Ok(Verdict::Continue)
                }
                LeaseVerdict::Refuse => Ok(Verdict::Skip),
            }
        });
        answer.unwrap_or(Verdict::Continue)
    }
}

impl Pkt4Send for ThirdParty<Lease4> {
    fn pkt4_send(&self, asked: Asked4<'_>, _: Sending4, reply: &mut Edited4<'_>) {
        let answer = self.ask("reply", asked.query, |module| {
            let (message, yiaddr) = (reply.message(), reply.message().yiaddr());
            let shown = Reply {
                message_type: message.message_type().map_or(0, |kind| kind.0),
                address: if yiaddr.is_unspecified() { Vec::new() } else { yiaddr.octets().to_vec() },
                options: options_after(reply),
            };
            verdict::edits(module.reply(&self.asked(asked), &shown)?, &FIXED, CODES, usize::MAX)
        });
        for edit in answer.into_iter().flatten() {
            match edit {
                Edit::Remove(code) => _ = reply.remove(OptionCode(code as u8)),
                Edit::Set(DhcpOption { code, value }) => {
                    if let Err(error) = reply.set(OptionCode(code as u8), &value) {
                        self.keeper.no_room(asked.query, code, error);
                    }
                }
            }
        }
    }
}
