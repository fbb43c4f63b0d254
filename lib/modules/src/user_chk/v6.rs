//! Users of DHCPv6, known by their DUIDs.

use std::fmt;
use std::net::Ipv6Addr;
use std::sync::Arc;

use kotare_engine::hooks::v6::{Asked6, Hooks6, Link6, Pkt6Send, Sending6, Subnet6Select};
use kotare_engine::hooks::{Step, Verdict6};
use kotare_engine::v6::{Edited6, Query6};
use kotare_model::{Duid, Lease6};
use kotare_wire::v6::{Association, OptionCode, Options};

use super::registry::{Kind, User};
use super::{Checked, UserCheck, look_up};

/// Suboptions of cable modems' vendor options: the file a modem is configured by, and where it comes from.
const CONFIG_FILE: u16 = 33;
const TFTP_SERVERS: u16 = 32;

impl Checked for Lease6 {
    fn register(hooks: &mut Hooks6, module: Arc<UserCheck>) {
        hooks.subnet6_select.push(module.clone());
        hooks.pkt6_send.push(module);
    }
}

/// Who sent a message, if it says so.
fn id(query: &Query6) -> Option<&[u8]> {
    query.duid().map(Duid::as_bytes)
}

impl Subnet6Select for UserCheck {
    fn subnet6_select<'a>(&'a self, asked: Asked6<'a>, link: &'a mut Link6<'_>) -> Step<'a, Verdict6> {
        let is_known = id(asked.query).is_some_and(|id| self.registry.users().find(Kind::Duid, id).is_some());
        if let Some(last) = self.last.filter(|_| !is_known) {
            link.select(last);
        }
        Step::Now(Verdict6::Continue)
    }

    fn waits(&self) -> bool {
        false
    }
}

impl Pkt6Send for UserCheck {
    fn pkt6_send(&self, asked: Asked6<'_>, _: Sending6, reply: &mut Edited6<'_>) {
        let (Some(id), Some(given)) = (id(asked.query), given(reply)) else { return };
        let users = self.registry.users();
        let (user, is_known) = look_up(&users, Kind::Duid, id);
        let customized =
            |user| reply.option(OptionCode::VENDOR_OPTS).and_then(|value| customized(value, user));
        if let Some(value) = user.and_then(customized) {
            // What has no room stays as it was.
            let _ = reply.set_first(OptionCode::VENDOR_OPTS, &value);
        }
        if let Some(duid) = asked.query.duid().filter(|_| !asked.query.is_rehearsed()) {
            self.conclude("DUID", duid, given, is_known);
        }
    }
}

/// What a reply gives: an address, or a prefix of this length.
struct Given(Ipv6Addr, Option<u8>);

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            None => self.0.fmt(f),
            Some(len) => write!(f, "{}/{len}", self.0),
        }
    }
}

/// The first address or else the first prefix, if it was given.
fn given(reply: &Edited6<'_>) -> Option<Given> {
    let (value, within) = match reply.option(OptionCode::IA_NA) {
        Some(value) => (value, OptionCode::IAADDR),
        None => (reply.option(OptionCode::IA_PD)?, OptionCode::IAPREFIX),
    };
    let association = Association::read(value)?;
    let find = |wanted| association.options.clone().find(|(code, _)| *code == wanted).map(|(_, value)| value);
    if find(OptionCode::STATUS_CODE).is_some_and(|status| status.first_chunk() != Some(&[0, 0])) {
        return None;
    }
    let value = find(within)?;
    let (address, len) = match within {
        OptionCode::IAADDR => (value, None),
        _ => (value.get(9..)?, value.get(8)),
    };
    Some(Given(Ipv6Addr::from(*address.first_chunk::<16>()?), len.copied()))
}

/// A vendor's options with what is set for a user in place of what they say; nothing if nothing is set.
fn customized(value: &[u8], user: &User) -> Option<Vec<u8>> {
    let set = [(CONFIG_FILE, &user.bootfile), (TFTP_SERVERS, &user.tftp_server)];
    let set: Vec<_> = set.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let (vendor, options) = value.split_at_checked(4).filter(|_| !set.is_empty())?;
    let mut customized = vendor.to_vec();
    let mut add = |code: u16, value: &[u8]| {
        customized.extend(code.to_be_bytes());
        // Options come from options, and settings from lines: neither is longer than a length can say, or it is cut.
        let value = &value[..value.len().min(u16::MAX.into())];
        customized.extend((value.len() as u16).to_be_bytes());
        customized.extend(value);
    };
    for (code, value) in Options::new(options).filter(|(code, _)| !set.iter().any(|(own, _)| *own == code.0))
    {
        add(code.0, value);
    }
    set.iter().for_each(|(code, value)| add(*code, value.as_bytes()));
    Some(customized)
}
