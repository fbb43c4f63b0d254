//! Queries of DHCPv6 by message (RFC 5007), and how leases are found for these and for those that come through TCP.

use std::collections::BTreeSet;
use std::error::Error;
use std::net::Ipv6Addr;
use std::sync::Arc;

use kotare_config::Prefix;
use kotare_config::v6::Config6;
use kotare_engine::AnyLeases;
use kotare_engine::hooks::v6::{Asked6, Hooks6, LeaseQuery6};
use kotare_engine::hooks::{Answering, Named};
use kotare_engine::v6::Query6;
use kotare_model::{Departure6, Duid, Lease6, LeaseType, SubnetId, Timestamp};
use kotare_stats::Stat6;
use kotare_store::{By6, StoreError};
use kotare_wire::NoRoom;
use kotare_wire::v6::{
    IaAddress, Message, MessageType, OptionCode, Options, SERVER_PORT, StatusCode, Writer,
};

use super::client_data6::{self, Status};
use super::label::Label6;
use super::messages::*;
use super::{LeaseQuery, Queried, active, is_active, relays6};

impl Queried for Lease6 {
    const LOOPBACK: Ipv6Addr = Ipv6Addr::LOCALHOST;
    const PORT: u16 = SERVER_PORT;

    fn register(config: &Config6, hooks: &mut Hooks6, mut module: LeaseQuery<Self>) {
        let lengths = prefix_lengths(module.settings.prefix_lengths.as_deref(), config);
        let listed: Vec<_> = lengths.iter().map(|length| format!(" {length}")).collect();
        DHCP6_LEASE_QUERY_PREFIX_LENGTH_LIST(format_args!("[{} ]", listed.join(",")));
        module.settings.prefix_lengths = Some(lengths);
        hooks.lease_query = Some(Arc::new(module));
    }
}

/// The lengths that delegated prefixes are looked for by, the longest first: those configured, or those of all pools.
pub(super) fn prefix_lengths(configured: Option<&[u8]>, config: &Config6) -> Vec<u8> {
    let of_pools = || {
        let pools = config.subnets.iter().flat_map(|subnet| &subnet.pd_pools);
        let lengths: BTreeSet<u8> = pools.map(|pool| pool.delegated_len).collect();
        lengths.into_iter().rev().collect()
    };
    configured.map_or_else(of_pools, <[u8]>::to_vec)
}

/// What is asked (option 44, RFC 5007 §4.1.2.1).
#[derive(Clone, Debug)]
pub(super) struct Question<'a> {
    pub(super) kind: u8,
    pub(super) link: Ipv6Addr,
    pub(super) options: Options<'a>,
}

impl Question<'_> {
    pub(super) const BY_ADDRESS: u8 = 1;
    pub(super) const BY_CLIENTID: u8 = 2;
    pub(super) const BY_RELAY_ID: u8 = 3;
    pub(super) const BY_LINK_ADDRESS: u8 = 4;
    pub(super) const BY_REMOTE_ID: u8 = 5;
}

impl<'a> Question<'a> {
    /// That of a message, if it has one.
    pub(super) fn of(message: Message<'a>) -> Option<Self> {
        let (&kind, rest) = message.option(OptionCode::LQ_QUERY)?.split_first()?;
        let (&link, rest) = rest.split_first_chunk::<16>()?;
        Some(Self { kind, link: link.into(), options: Options::new(rest) })
    }

    /// The address asked about.
    pub(super) fn address(&self) -> Result<Ipv6Addr, Status> {
        let address = self.options.clone().find_code(OptionCode::IAADDR).and_then(IaAddress::read);
        address.map(|address| address.address).ok_or(malformed("missing D6O_IAADDR"))
    }

    /// The client asked about.
    pub(super) fn client(&self) -> Result<&'a [u8], Status> {
        let client = self.options.clone().find_code(OptionCode::CLIENTID);
        let client = client.ok_or(malformed("missing D6O_CLIENTID"))?;
        is_duid(client).then_some(client).ok_or(malformed("malformed D6O_CLIENTID"))
    }
}

/// Whether these bytes are a DUID.
pub(super) fn is_duid(bytes: &[u8]) -> bool {
    (Duid::MIN..=Duid::MAX).contains(&bytes.len())
}

pub(super) const fn malformed(text: &'static str) -> Status {
    Status::new(StatusCode::MALFORMED_QUERY, text)
}

pub(super) const UNKNOWN_QUERY_TYPE: Status =
    Status::new(StatusCode::UNKNOWN_QUERY_TYPE, "unknown query-type");
pub(super) const NOT_A_LINK: Status = Status::new(StatusCode::NOT_CONFIGURED, "not a configured link");
pub(super) const NO_ACTIVE_LEASES: Status = Status::new(StatusCode::SUCCESS, "no active leases");
pub(super) const LEASES_FOUND: Status = Status::new(StatusCode::SUCCESS, "active lease(s) found");

/// Leases that are looked for, and what is told of how that went.
pub(super) type Found = (Vec<Lease6>, Status);

/// The lease of an address, or of a prefix of one of these lengths that it is in.
pub(super) async fn by_address(
    address: Ipv6Addr,
    lengths: &[u8],
    now: Timestamp,
    config: &Config6,
    leases: &dyn AnyLeases<Lease6>,
) -> Result<Found, StoreError> {
    let is_address = |lease: &Lease6| lease.lease_type != LeaseType::Pd;
    let mut found = leases.get(By6::Address(address)).await?.into_iter().find(is_address);
    for prefix in lengths.iter().filter_map(|length| Prefix::new(address, *length)) {
        if found.is_some() {
            break;
        }
        let of_prefix =
            |lease: &Lease6| lease.lease_type == LeaseType::Pd && lease.prefix_len == prefix.prefix_len();
        found = leases.get(By6::Address(prefix.network())).await?.into_iter().find(of_prefix);
    }
    let is_ours = || {
        config
            .subnets
            .iter()
            .any(|subnet| subnet.pool_of(address).is_some() || subnet.pd_pool_of(address).is_some())
    };
    Ok(match found {
        Some(lease) if is_active(&lease, now) => {
            (vec![lease], Status::new(StatusCode::SUCCESS, "active lease found"))
        }
        Some(_) => (Vec::new(), Status::new(StatusCode::SUCCESS, "inactive lease exists")),
        None if is_ours() => (Vec::new(), Status::new(StatusCode::SUCCESS, "no active lease")),
        None => {
            let text = "address not in a configured pool";
            (Vec::new(), Status::new(StatusCode::NOT_CONFIGURED, text))
        }
    })
}

/// The leases of a client, on one link or on all.
pub(super) async fn by_client(
    client: &[u8],
    link: Ipv6Addr,
    now: Timestamp,
    config: &Config6,
    leases: &dyn AnyLeases<Lease6>,
) -> Result<Found, StoreError> {
    let links = match links(link, config) {
        Ok(links) => links,
        Err(status) => return Ok((Vec::new(), status)),
    };
    let found = leases.get(By6::Duid(client)).await?.into_iter();
    let found = active(found.filter(|lease| is_on(&links, lease)), now);
    let status = if found.is_empty() { NO_ACTIVE_LEASES } else { LEASES_FOUND };
    Ok((found, status))
}

/// The subnets that an address is of; `None` where none is named.
pub(super) fn links(link: Ipv6Addr, config: &Config6) -> Result<Option<BTreeSet<SubnetId>>, Status> {
    if link.is_unspecified() {
        return Ok(None);
    }
    let of_link = config.subnets.iter().filter(|subnet| subnet.prefix.contains(link));
    let links: BTreeSet<_> = of_link.map(|subnet| subnet.id).collect();
    if links.is_empty() { Err(NOT_A_LINK) } else { Ok(Some(links)) }
}

/// Whether a lease is of one of these subnets.
pub(super) fn is_on(links: &Option<BTreeSet<SubnetId>>, lease: &Lease6) -> bool {
    links.as_ref().is_none_or(|links| links.contains(&lease.subnet_id))
}

/// Why a query is not answered: what counts it, and in words.
struct Refused(Stat6, String);

impl Refused {
    fn violation(reason: &str) -> Self {
        Self(Stat6::RfcViolation, reason.to_owned())
    }
}

impl LeaseQuery6 for LeaseQuery<Lease6> {
    fn receive(&self, message: Message<'_>, source: Ipv6Addr, named: Named) -> Result<(), Stat6> {
        let label = || Label6::of(message, source);
        DHCP6_LEASE_QUERY_RECEIVED(label());
        self.judge(message, source, named).map_err(|Refused(counts, reason)| {
            DHCP6_LEASE_QUERY_PROCESS_FAILED(label(), reason);
            counts
        })
    }

    fn answer<'a>(
        &'a self,
        asked: Asked6<'a>,
        config: &'a Config6,
        duid: &'a Duid,
        leases: &'a dyn AnyLeases<Lease6>,
        writer: &'a mut Writer<'_>,
    ) -> Answering<'a, Result<(), Stat6>> {
        Box::pin(async move {
            let label = || Label6::of(asked.message, *asked.query.arrival.source.ip());
            let (found, status) = self.find(asked, config, leases).await.map_err(|error| {
                DHCP6_LEASE_QUERY_PROCESS_FAILED(label(), error);
                Stat6::ProcessingFailed
            })?;
            write(asked, config, duid, &found, status, writer).map_err(|room| {
                DHCP6_LEASE_QUERY_PACKET_PACK_FAILED(label(), room);
                Stat6::ProcessingFailed
            })
        })
    }

    fn sent(&self, query: &Query6, departure: &Departure6, failure: Option<&dyn Error>) {
        let (to, interface) = (departure.destination, &query.interface);
        let label = Label6 {
            kind: MessageType::LEASEQUERY_REPLY,
            duid: query.duid().map(Duid::as_bytes),
            requester: (*to.ip()).into(),
            transaction: query.transaction,
        };
        match failure {
            None => DHCP6_LEASE_QUERY_REPLY_SENT(label, to.ip(), to.port()),
            Some(error) => DHCP6_LEASE_QUERY_REPLY_SEND_FAILED(label, interface, to.ip(), to.port(), error),
        }
    }
}

impl LeaseQuery<Lease6> {
    /// Whether a query is answered, as far as that does not depend on what it asks.
    fn judge(&self, message: Message<'_>, source: Ipv6Addr, named: Named) -> Result<(), Refused> {
        if !message.option(OptionCode::CLIENTID).is_some_and(is_duid) {
            return Err(Refused::violation("DHCPV6_LEASEQUERY must supply a D6O_CLIENTID"));
        }
        match named {
            Named::Nobody | Named::This => {}
            Named::Other => {
                let reason = format!("rejecting DHCPV6_LEASEQUERY from: {source}, unknown server-id");
                return Err(Refused(Stat6::NotForUs, reason));
            }
            Named::Nonsense => return Err(Refused::violation("DHCPV6_LEASEQUERY D6O_SERVERID malformed")),
        }
        if source.is_unspecified() {
            return Err(Refused::violation("DHCPV6_LEASEQUERY source address cannot be ::"));
        }
        if !self.settings.requesters.contain(source) {
            let reason = format!("rejecting DHCPV6_LEASEQUERY from unauthorized requester: {source}");
            return Err(Refused(Stat6::AdminFiltered, reason));
        }
        match Question::of(message) {
            Some(_) => Ok(()),
            None => Err(Refused::violation("DHCPV6_LEASEQUERY must supply a D6O_LQ_QUERY option")),
        }
    }

    async fn find(
        &self,
        asked: Asked6<'_>,
        config: &Config6,
        leases: &dyn AnyLeases<Lease6>,
    ) -> Result<Found, StoreError> {
        // It was let in because there is one.
        let Some(question) = Question::of(asked.message) else { return Ok((Vec::new(), UNKNOWN_QUERY_TYPE)) };
        let lengths = self.settings.prefix_lengths.as_deref().unwrap_or_default();
        match question.kind {
            Question::BY_ADDRESS => match question.address() {
                Ok(address) => by_address(address, lengths, asked.now, config, leases).await,
                Err(status) => Ok((Vec::new(), status)),
            },
            Question::BY_CLIENTID => match question.client() {
                Ok(client) => by_client(client, question.link, asked.now, config, leases).await,
                Err(status) => Ok((Vec::new(), status)),
            },
            _ => Ok((Vec::new(), UNKNOWN_QUERY_TYPE)),
        }
    }
}

/// Begins a LEASEQUERY-REPLY: who asked, who answers and how it went.
pub(super) fn begin_reply(
    message: Message<'_>,
    duid: &Duid,
    status: Status,
    writer: &mut Writer<'_>,
) -> Result<(), NoRoom> {
    writer.header(MessageType::LEASEQUERY_REPLY, message.transaction_id())?;
    writer.option(OptionCode::CLIENTID, message.option(OptionCode::CLIENTID).unwrap_or_default())?;
    writer.option(OptionCode::SERVERID, duid.as_bytes())?;
    status.write(writer)
}

fn write(
    asked: Asked6<'_>,
    config: &Config6,
    duid: &Duid,
    found: &[Lease6],
    status: Status,
    writer: &mut Writer<'_>,
) -> Result<(), NoRoom> {
    begin_reply(asked.message, duid, status, writer)?;
    let links: BTreeSet<_> = found.iter().map(|lease| lease.subnet_id).collect();
    if links.len() > 1 {
        let subnets = links.iter().filter_map(|id| config.subnet(*id));
        let fit = writer.room() / 16;
        let addresses: Vec<u8> =
            subnets.take(fit.saturating_sub(1)).flat_map(|subnet| subnet.prefix.network().octets()).collect();
        return writer.option(OptionCode::LQ_CLIENT_LINK, &addresses);
    }
    client_data6::write(found, asked.now, false, writer)?;
    found.first().map_or(Ok(()), |newest| relays6::write(newest, writer))
}
