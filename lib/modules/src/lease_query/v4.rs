//! Queries of DHCPv4 by message (RFC 4388).

use std::error::Error;
use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_config::v4::{Config4, SubnetAt};
use kotare_engine::AnyLeases;
use kotare_engine::hooks::v4::{Asked4, Hooks4, LeaseQuery4};
use kotare_engine::hooks::{Answering, Named};
use kotare_engine::v4::{Query4, ReplyKind};
use kotare_model::{Departure4, Lease4, Timestamp};
use kotare_stats::Stat4;
use kotare_store::By4;
use kotare_wire::v4::{Index, Message, Op, OptionCode, SERVER_PORT, Writer};
use kotare_wire::{HardwareType, NoRoom};

use super::active4::Active;
use super::label::Label4;
use super::messages::*;
use super::{LeaseQuery, Queried, active, is_active};

impl Queried for Lease4 {
    const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;
    const PORT: u16 = SERVER_PORT;

    fn register(_: &Config4, hooks: &mut Hooks4, module: LeaseQuery<Self>) {
        hooks.lease_query = Some(Arc::new(module));
    }
}

/// Why a query is not answered: what counts it, and in words.
struct Refused(Stat4, String);

impl LeaseQuery4 for LeaseQuery<Lease4> {
    fn receive(&self, message: Message<'_>, named: Named) -> Result<(), Stat4> {
        DHCP4_LEASE_QUERY_RECEIVED(Label4(message));
        self.judge(message, named).map_err(|refused| told(message, refused))
    }

    fn answer<'a>(
        &'a self,
        asked: Asked4<'a>,
        config: &'a Config4,
        leases: &'a dyn AnyLeases<Lease4>,
        reply: &'a mut [u8],
    ) -> Answering<'a, Result<(ReplyKind, usize), Stat4>> {
        Box::pin(async move {
            let answer = answer(asked, config, leases, reply).await;
            answer.map_err(|refused| told(asked.message, refused))
        })
    }

    fn sent(&self, reply: &[u8], departure: &Departure4, interface: &str, failure: Option<&dyn Error>) {
        let mut index = Index::new();
        let Ok(reply) = Message::parse(reply, &mut index) else { return };
        let (label, to) = (Label4(reply), departure.destination);
        match failure {
            None => DHCP4_LEASE_QUERY_RESPONSE_SENT(label, to.ip(), to.port()),
            Some(error) => DHCP4_LEASE_QUERY_SEND_FAILED(label, interface, to.ip(), to.port(), error),
        }
    }
}

fn told(message: Message<'_>, Refused(counts, reason): Refused) -> Stat4 {
    DHCP4_LEASE_QUERY_PROCESS_FAILED(Label4(message), reason);
    counts
}

impl LeaseQuery<Lease4> {
    /// Whether a query is answered, as far as that does not depend on what it asks.
    fn judge(&self, message: Message<'_>, named: Named) -> Result<(), Refused> {
        let requester = message.giaddr();
        if requester.is_unspecified() {
            return Err(Refused(Stat4::RfcViolation, "giaddr cannot be 0.0.0.0".to_owned()));
        }
        if !self.settings.requesters.contain(requester) {
            let reason = format!("rejecting query from unauthorized requester: {requester}");
            return Err(Refused(Stat4::AdminFiltered, reason));
        }
        match named {
            Named::Nobody | Named::This => Ok(()),
            Named::Other => {
                let reason = format!("rejecting query from: {requester}, unknown server-id");
                Err(Refused(Stat4::NotForUs, reason))
            }
            Named::Nonsense => {
                let reason = format!("rejecting query from: {requester}, malformed server-id");
                Err(Refused(Stat4::RfcViolation, reason))
            }
        }
    }
}

async fn answer(
    asked: Asked4<'_>,
    config: &Config4,
    leases: &dyn AnyLeases<Lease4>,
    reply: &mut [u8],
) -> Result<(ReplyKind, usize), Refused> {
    let (found, otherwise) = find(asked, config, leases).await?;
    let server = server(asked, config);
    let Some((lease, others)) = found.split_first() else {
        let len = nothing(otherwise, asked, server, reply).map_err(|room| too_big(asked, &room))?;
        return Ok((otherwise, len));
    };
    let Some(subnet) = config.subnet(lease.subnet_id) else {
        let reason = format!("subnet_id: {} does not exist!", lease.subnet_id);
        return Err(Refused(Stat4::ProcessingFailed, reason));
    };
    let active = Active {
        lease,
        subnet,
        now: asked.now,
        transaction: asked.query.transaction,
        relay: asked.message.giaddr(),
        server: Some(server),
        others: &others.iter().map(|lease| lease.address).collect::<Vec<_>>(),
        bulk: false,
    };
    let len = active.write(reply).map_err(|room| too_big(asked, &room))?;
    Ok((ReplyKind::LeaseActive, len))
}

fn too_big(asked: Asked4<'_>, room: &NoRoom) -> Refused {
    DHCP4_LEASE_QUERY_PACKET_PACK_FAILED(Label4(asked.message), room);
    Refused(Stat4::ProcessingFailed, room.to_string())
}

/// The leases asked about, the newest first, and what is answered if there are none.
async fn find(
    asked: Asked4<'_>,
    config: &Config4,
    leases: &dyn AnyLeases<Lease4>,
) -> Result<(Vec<Lease4>, ReplyKind), Refused> {
    let Query4 { client, ciaddr, .. } = asked.query;
    let id = asked.message.has(OptionCode::CLIENT_IDENTIFIER);
    let by = match (*ciaddr, !client.hwaddr.is_empty(), id) {
        (Some(address), false, false) => return by_address(address, asked.now, config, leases).await,
        (None, true, false) => By4::HwAddr(&client.hwaddr),
        (None, false, true) => {
            let id = client.id.as_ref().filter(|id| id.as_bytes().len() >= 2);
            let malformed = || Refused(Stat4::ProcessingFailed, "malformed client identifier".to_owned());
            By4::ClientId(id.ok_or_else(malformed)?.as_bytes())
        }
        _ => {
            let address = ciaddr.unwrap_or(Ipv4Addr::UNSPECIFIED);
            let id = client.id.as_ref().filter(|_| id).map(ToString::to_string).unwrap_or_default();
            let by = format!("ciaddr: [{address}] HWAddr: [{}] Client id: [{id}]", client.hwaddr);
            return Err(Refused(Stat4::RfcViolation, format!("malformed lease query: {by}")));
        }
    };
    let found = leases.get(by).await.map_err(|error| Refused(Stat4::ProcessingFailed, error.to_string()))?;
    Ok((active(found, asked.now), ReplyKind::LeaseUnknown))
}

async fn by_address(
    address: Ipv4Addr,
    now: Timestamp,
    config: &Config4,
    leases: &dyn AnyLeases<Lease4>,
) -> Result<(Vec<Lease4>, ReplyKind), Refused> {
    let found = leases.get(By4::Address(address)).await;
    let found = found.map_err(|error| Refused(Stat4::ProcessingFailed, error.to_string()))?;
    let is_ours = || {
        let of_pool = |at: SubnetAt| config[at].pool_of(address).is_some();
        config.lookup.containing(address, of_pool).is_some()
    };
    let otherwise = match found.is_empty() && !is_ours() {
        true => ReplyKind::LeaseUnknown,
        false => ReplyKind::LeaseUnassigned,
    };
    Ok((found.into_iter().filter(|lease| is_active(lease, now)).collect(), otherwise))
}

/// What the server calls itself: as the query does, or as all clients are told, or by its address.
fn server(asked: Asked4<'_>, config: &Config4) -> Ipv4Addr {
    let named = asked.message.option(OptionCode::SERVER_IDENTIFIER).and_then(|named| named.ipv4());
    let configured = || {
        let option = config.options.find(OptionCode::SERVER_IDENTIFIER.0, &asked.query.classes)?;
        <[u8; 4]>::try_from(&*option.data).ok().map(Ipv4Addr::from)
    };
    named.or_else(configured).unwrap_or(asked.query.arrival.local)
}

/// DHCPLEASEUNKNOWN or DHCPLEASEUNASSIGNED: what was asked is given back.
fn nothing(kind: ReplyKind, asked: Asked4<'_>, server: Ipv4Addr, reply: &mut [u8]) -> Result<usize, NoRoom> {
    let message = asked.message;
    let mut writer = Writer::new(reply)?;
    writer.op(Op::REPLY).xid(message.xid()).giaddr(message.giaddr()).ciaddr(message.ciaddr());
    let htype = if message.hlen() == 0 { HardwareType(0) } else { message.htype() };
    writer.chaddr(htype, message.chaddr());
    writer.message_type(kind.message_type())?;
    writer.option(OptionCode::SERVER_IDENTIFIER, &server.octets())?;
    if let Some(id) = message.option(OptionCode::CLIENT_IDENTIFIER) {
        writer.option_value(OptionCode::CLIENT_IDENTIFIER, id)?;
    }
    Ok(writer.finish())
}
