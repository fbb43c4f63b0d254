//! Messages of DHCPv6: of relayed ones, those of clients.

use std::sync::Arc;

use kotare_config::v6::Config6;
use kotare_engine::hooks::v6::{
    Asked6, Hooks6, Lease6Select, LeaseDraft6, Link6, Pkt6Receive, Pkt6Send, Sending6, Subnet6Select,
};
use kotare_engine::hooks::{Step, Verdict, Verdict6};
use kotare_engine::v6::{Edited6, Query6};
use kotare_model::{Lease6, Lifetime, SubnetId};
use kotare_wasm::{
    DhcpOption, Edit, Lease, LeaseVerdict, Point, Protocol, Query, ReceivedVerdict, Relay, Reply,
    SubnetVerdict,
};
use kotare_wire::v6::{Message, OptionCode};

use super::verdict::{self, Fault};
use super::{Asking, Classes, ThirdParty};

/// What a reply is made of: whose it is, what its client has, and whether that was done.
const FIXED: [u16; 9] = [
    OptionCode::CLIENTID.0,
    OptionCode::SERVERID.0,
    OptionCode::IA_NA.0,
    OptionCode::IA_TA.0,
    OptionCode::IAADDR.0,
    OptionCode::RELAY_MSG.0,
    OptionCode::IA_PD.0,
    OptionCode::IAPREFIX.0,
    OptionCode::DHCPV4_MSG.0,
];

impl Asking for Lease6 {
    const SPOKEN: Protocol = Protocol::Dhcpv6;

    fn classes(config: &Config6) -> Classes {
        Classes::of(config.classes.iter().map(|(id, class)| (id, &*class.name)))
    }

    fn register(hooks: &mut Hooks6, module: &Arc<ThirdParty<Self>>, points: &[Point]) {
        if points.contains(&Point::Received) {
            hooks.pkt6_receive.push(module.clone());
        }
        if points.contains(&Point::Subnet) {
            hooks.subnet6_select.push(module.clone());
        }
        if points.contains(&Point::Lease) {
            hooks.lease6_select.push(module.clone());
        }
        if points.contains(&Point::Reply) {
            hooks.pkt6_send.push(module.clone());
        }
    }
}

fn options_of<'a>(options: impl Iterator<Item = (OptionCode, &'a [u8])>) -> Vec<DhcpOption> {
    options.map(|(code, value)| DhcpOption { code: code.0, value: value.to_vec() }).collect()
}

/// The options of a message that modules before may have changed.
fn options_after(edited: &Edited6<'_>) -> Vec<DhcpOption> {
    options_of(edited.options().into_iter())
}

/// The relay agents that a message came through.
fn relays_of(message: Message<'_>) -> Vec<Relay> {
    let relays = message.relays().map(|relay| Relay {
        link: relay.link_address().octets().to_vec(),
        peer: relay.peer_address().octets().to_vec(),
        options: options_of(relay.options().filter(|(code, _)| *code != OptionCode::RELAY_MSG)),
    });
    relays.collect()
}

impl ThirdParty<Lease6> {
    /// What the module is shown of a message with these options.
    fn view(&self, message: Message<'_>, query: &Query6, options: Vec<DhcpOption>) -> Query {
        let hwaddr = query.client.hwaddr.as_ref().map(|hwaddr| &hwaddr.address);
        Query {
            message_type: query.kind.message_type().0,
            transaction: query.transaction,
            interface: query.interface.to_string(),
            hardware_type: hwaddr.map_or(0, |hwaddr| hwaddr.htype()),
            hardware_address: hwaddr.map(|hwaddr| hwaddr.as_bytes().to_vec()).unwrap_or_default(),
            client_id: query.duid().map(|duid| duid.as_bytes().to_vec()),
            relays: relays_of(message),
            options,
            classes: self.classes.shown(&query.classes),
        }
    }

    fn asked(&self, Asked6 { message, query, .. }: Asked6<'_>) -> Query {
        self.view(message, query, options_of(message.options()))
    }

    fn select(&self, asked: Asked6<'_>, link: &mut Link6<'_>) -> Verdict6 {
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

impl Pkt6Receive for ThirdParty<Lease6> {
    fn pkt6_receive(&self, query: &mut Query6, edited: &mut Edited6<'_>) -> Verdict6 {
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

impl Subnet6Select for ThirdParty<Lease6> {
    fn subnet6_select<'a>(&'a self, asked: Asked6<'a>, link: &'a mut Link6<'_>) -> Step<'a, Verdict6> {
        Step::Now(self.select(asked, link))
    }

    fn waits(&self) -> bool {
        false
    }
}

impl Lease6Select for ThirdParty<Lease6> {
    fn lease6_select(&self, asked: Asked6<'_>, draft: &mut LeaseDraft6<'_>) -> Verdict6 {
        let answer = self.ask("lease", asked.query, |module| {
            let lease = &*draft.lease;
            let preferred = lease.preferred_lifetime.0;
            let shown = Lease {
                address: lease.address.octets().to_vec(),
                prefix_length: lease.prefix_len,
                subnet: draft.subnet.id.0,
                valid_lifetime: lease.valid_lifetime.0,
                preferred_lifetime: preferred,
                hostname: lease.hostname.to_string(),
                is_offer: draft.offer,
                is_renewal: draft.renews,
            };
            match module.lease(&self.asked(asked), &shown)? {
                LeaseVerdict::GoOn => Ok(Verdict::Continue),
                LeaseVerdict::HoldFor(wanted) => {
                    let (valid, preferred) = verdict::lifetimes(wanted, preferred)?;
                    draft.lease.valid_lifetime = Lifetime(valid);
                    draft.lease.preferred_lifetime = Lifetime(preferred);
                    Ok(Verdict::Continue)
                }
                LeaseVerdict::Refuse => Ok(Verdict::Skip),
            }
        });
        answer.unwrap_or(Verdict::Continue)
    }
}

impl Pkt6Send for ThirdParty<Lease6> {
    fn pkt6_send(&self, asked: Asked6<'_>, _: Sending6, reply: &mut Edited6<'_>) {
        let answer = self.ask("reply", asked.query, |module| {
            let shown = Reply {
                message_type: reply.message().message_type().0,
                address: Vec::new(),
                options: options_after(reply),
            };
            let longest = u16::MAX.into();
            verdict::edits(module.reply(&self.asked(asked), &shown)?, &FIXED, u16::MAX, longest)
        });
        for edit in answer.into_iter().flatten() {
            match edit {
                Edit::Remove(code) => _ = reply.remove(OptionCode(code)),
                Edit::Set(DhcpOption { code, value }) => {
                    if let Err(error) = reply.set(OptionCode(code), &value) {
                        self.keeper.no_room(asked.query, code, error);
                    }
                }
            }
        }
    }
}
