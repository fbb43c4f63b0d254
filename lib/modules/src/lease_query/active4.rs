//! How a lease of DHCPv4 is told of: DHCPLEASEACTIVE (RFC 4388 §6.4.2, RFC 6926 §8).

use std::net::Ipv4Addr;

use kotare_config::v4::{Subnet4, TeeTimes};
use kotare_engine::v4::relay_agent_of;
use kotare_model::{ClientId, Lease4, Lifetime, Timestamp};
use kotare_wire::v4::{MessageType, Op, OptionCode, OptionValue, Writer};
use kotare_wire::{HardwareType, NoRoom};

use super::elapsed;

/// What is told of a lease, and how.
pub(super) struct Active<'a> {
    /// The lease.
    pub(super) lease: &'a Lease4,
    /// Its subnet.
    pub(super) subnet: &'a Subnet4,
    /// What time it is.
    pub(super) now: Timestamp,
    /// `xid` of the query.
    pub(super) transaction: u32,
    /// `giaddr` of the query.
    pub(super) relay: Ipv4Addr,
    /// What the server calls itself, if it says so.
    pub(super) server: Option<Ipv4Addr>,
    /// Which other addresses the client has.
    pub(super) others: &'a [Ipv4Addr],
    /// Whether it is one of many, which tell what time it is (option 152).
    pub(super) bulk: bool,
}

impl Active<'_> {
    /// Writes it; says how long it is. Of the client's other addresses so many are named as there is room for.
    pub(super) fn write(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let Self { lease, subnet, now, .. } = self;
        let agent = lease.user_context.as_deref().and_then(relay_agent_of);
        let mut writer = Writer::new(buffer)?;
        writer.op(Op::REPLY).xid(self.transaction).giaddr(self.relay).ciaddr(lease.address);
        writer.chaddr(HardwareType(lease.hwaddr.htype()), lease.hwaddr.as_bytes());
        writer.message_type(MessageType::LEASEACTIVE)?;
        if let Some(agent) = &agent {
            writer.relay_agent(OptionValue::new(agent))?;
        }
        let age = elapsed(*lease, *now);
        let (left, t1, t2) = times(&subnet.params.tee_times, lease.valid_lifetime, age);
        number(&mut writer, OptionCode::LEASE_TIME, left)?;
        if let Some(server) = self.server {
            writer.option(OptionCode::SERVER_IDENTIFIER, &server.octets())?;
        }
        for (code, time) in [(OptionCode::RENEWAL_TIME, t1), (OptionCode::REBINDING_TIME, t2)] {
            if let Some(time) = time {
                number(&mut writer, code, time)?;
            }
        }
        if let Some(id) = lease.client_id.as_ref().map(ClientId::as_bytes) {
            writer.option(OptionCode::CLIENT_IDENTIFIER, id)?;
        }
        number(&mut writer, OptionCode::CLIENT_LAST_TRANSACTION_TIME, age)?;
        if self.bulk {
            number(&mut writer, OptionCode::BASE_TIME, u32::try_from(now.0).unwrap_or(u32::MAX))?;
        }
        // Each 255 bytes take two more.
        let fit = (writer.room() * 255 / 257).saturating_sub(2) / 4;
        let others: Vec<u8> = self.others.iter().take(fit).flat_map(Ipv4Addr::octets).collect();
        if !others.is_empty() {
            writer.option(OptionCode::ASSOCIATED_IP, &others)?;
        }
        Ok(writer.finish())
    }
}

fn number(writer: &mut Writer<'_>, code: OptionCode, number: u32) -> Result<(), NoRoom> {
    writer.option(code, &number.to_be_bytes())
}

/// What is left of a lease that is so old, and of its T1 and T2 as far as T1 < T2 < that holds.
fn times(times: &TeeTimes, lifetime: Lifetime, age: u32) -> (u32, Option<u32>, Option<u32>) {
    if lifetime == Lifetime::INFINITE {
        return (lifetime.0, None, None);
    }
    let left = lifetime.0.saturating_sub(age);
    let part = |percent: f64| times.calculate.then(|| (percent * f64::from(lifetime.0)).round() as u32);
    let of = |time: Option<u32>, ceiling| time?.checked_sub(age).filter(|&time| time > 0 && time < ceiling);
    let t2 = of(times.rebind.map(|time| time.0).or_else(|| part(times.t2_percent)), left);
    let t1 = of(times.renew.map(|time| time.0).or_else(|| part(times.t1_percent)), t2.unwrap_or(left));
    (left, t1, t2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left is told, and no timer that has passed or would come too late.
    #[test]
    fn times_are_what_is_left() {
        let tee = |renew: Option<u32>, rebind: Option<u32>, calculate| TeeTimes {
            renew: renew.map(Lifetime),
            rebind: rebind.map(Lifetime),
            calculate,
            t1_percent: 0.5,
            t2_percent: 0.875,
        };
        let of = |tee, age| times(&tee, Lifetime(1000), age);
        assert_eq!(of(tee(None, None, false), 100), (900, None, None));
        assert_eq!(of(tee(None, None, true), 100), (900, Some(400), Some(775)));
        assert_eq!(of(tee(None, None, true), 500), (500, None, Some(375)));
        assert_eq!(of(tee(None, None, true), 900), (100, None, None));
        assert_eq!(of(tee(Some(300), Some(1200), true), 100), (900, Some(200), None));
        assert_eq!(of(tee(None, None, true), 2000), (0, None, None));
        assert_eq!(times(&tee(None, None, true), Lifetime::INFINITE, 7), (u32::MAX, None, None));
    }
}
