//! Answers of DHCPv4 (RFC 6926): a DHCPLEASEACTIVE for each lease, and a DHCPLEASEQUERYDONE.

use std::fmt::{self, Display};
use std::net::{IpAddr, Ipv4Addr};

use kotare_config::process::DatabaseKind;
use kotare_control::Command;
use kotare_model::{ClientId, HwAddr, Lease4};
use kotare_store::{By4, Lease, PageFilter, Relayed, StoreError};
use kotare_wire::v4::{Index, Message, MessageType, Op, OptionCode, RelayAgent, Writer};

use super::{Answers, Bulked, Ended, NoQuery, Scene};
use crate::lease_query::active4::Active;
use crate::lease_query::label::Label4;
use crate::lease_query::messages::{
    BULK_LEASE_QUERY4_UNSUPPORTED_MSG_TYPE, MYSQL_LB_UPGRADE_EXTENDED_INFO4, PGSQL_LB_UPGRADE_EXTENDED_INFO4,
};
use crate::lease_query::upgrade::command;
use crate::lease_query::{Built, is_active};
use crate::{Server4, Serving4};

impl Bulked for Lease4 {
    const COMMANDS: &'static [Command<Built<Self>>] = &[command("extended-info4-upgrade", "2.3.8")];

    fn transaction(message: &[u8]) -> Result<u32, NoQuery> {
        let mut index = Index::new();
        let message =
            Message::parse(message, &mut index).map_err(|it| NoQuery::Unreadable(it.to_string()))?;
        match message.message_type() {
            Some(MessageType::BULKLEASEQUERY) => Ok(message.xid()),
            kind => Err(NoQuery::Other(kind.unwrap_or(MessageType(0)).to_string())),
        }
    }

    fn label(message: &[u8], _: IpAddr, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut index = Index::new();
        Message::parse(message, &mut index).map_or(Ok(()), |message| Label4(message).fmt(f))
    }

    fn unsupported(kind: &str, requester: IpAddr) {
        BULK_LEASE_QUERY4_UNSUPPORTED_MSG_TYPE(kind, requester);
    }

    fn upgraded(database: DatabaseKind, pages: u64, updated: u64) {
        match database {
            DatabaseKind::MySql => MYSQL_LB_UPGRADE_EXTENDED_INFO4(pages, updated),
            DatabaseKind::Postgres => PGSQL_LB_UPGRADE_EXTENDED_INFO4(pages, updated),
            DatabaseKind::Sqlite => {}
        }
    }

    fn requester(address: IpAddr) -> Option<Ipv4Addr> {
        match address {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(_) => None,
        }
    }

    async fn answer(scene: &Scene<Self>, message: &[u8], answers: &Answers) -> Result<(), Ended> {
        let mut index = Index::new();
        let Ok(message) = Message::parse(message, &mut index) else { return Err(Ended::Closed) };
        let server = scene.server.get().ok_or(Ended::Closed)?;
        let told = Told { scene, server: &*server, transaction: message.xid(), answers };
        let mut names = match scene.bulk.listen.ip() {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(_) => None,
        };
        let query = match Query::of(message) {
            Ok(query) => query,
            Err(status) => return told.done(Some(status), names).await,
        };
        match told.leases(&query, &mut names).await {
            Err(Ended::Store(error)) => {
                told.done(Some((TERMINATED, "the leases cannot be read")), names).await?;
                Err(Ended::Store(error))
            }
            Err(ended) => Err(ended),
            Ok(()) => told.done(None, names).await,
        }
    }
}

/// How it went (option 151, RFC 6926 §6.2.2), and in words.
type Status = (u8, &'static str);

const TERMINATED: u8 = 2;
const MALFORMED: u8 = 3;
const NOT_ALLOWED: u8 = 4;

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
struct Query {
    by: By,
    /// The earliest and the latest time of leases, as far as that matters.
    from: u32,
    to: u32,
}

#[derive(Debug, PartialEq, Eq)]
enum By {
    ClientId(ClientId),
    HwAddr(HwAddr),
    RelayId(Vec<u8>),
    RemoteId(Vec<u8>),
}

impl Query {
    /// That of a message.
    fn of(message: Message<'_>) -> Result<Self, Status> {
        let set = |address: Ipv4Addr| !address.is_unspecified();
        match (set(message.ciaddr()), set(message.yiaddr()), set(message.siaddr())) {
            (true, ..) => return Err((MALFORMED, "ciaddr must be zero")),
            (_, true, _) => return Err((MALFORMED, "yiaddr must be zero")),
            (.., true) => return Err((MALFORMED, "siaddr must be zero")),
            _ => {}
        }
        let value = |code| message.option(code).map(|value| value.bytes().collect::<Vec<u8>>());
        let mut all = Vec::new();
        if let Some(id) = value(OptionCode::CLIENT_IDENTIFIER) {
            let id = ClientId::new(&id).ok().filter(|id| id.as_bytes().len() >= 2);
            all.push(By::ClientId(id.ok_or((MALFORMED, "bad client id option"))?));
        }
        if let Some(hwaddr) = HwAddr::new(HwAddr::ETHERNET, message.chaddr()).ok().filter(|it| !it.is_empty())
        {
            all.push(By::HwAddr(hwaddr));
        }
        let agent = value(OptionCode::RELAY_AGENT_INFORMATION).unwrap_or_default();
        let agent = RelayAgent::new(&agent);
        for (said, empty, by) in [
            (agent.relay_id(), "empty relay id option", By::RelayId as fn(_) -> _),
            (agent.remote_id(), "empty remote id option", By::RemoteId),
        ] {
            let Some(said) = said.map(|said| said.bytes().collect::<Vec<u8>>()) else { continue };
            if said.is_empty() {
                return Err((MALFORMED, empty));
            }
            all.push(by(said));
        }
        let time = |code, wrong| match value(code) {
            None => Ok(0),
            Some(bytes) => {
                let time = <[u8; 4]>::try_from(bytes).ok().map(u32::from_be_bytes);
                time.filter(|time| i32::try_from(*time).is_ok()).ok_or((MALFORMED, wrong))
            }
        };
        let from = time(OptionCode::QUERY_START_TIME, "illegal 'query-start-time'")?;
        let to = time(OptionCode::QUERY_END_TIME, "illegal 'query-end-time'")?;
        if to > 0 && from > to {
            return Err((MALFORMED, "query-start-time > query-end-time"));
        }
        if message.has(OptionCode::VSS) {
            return Err((NOT_ALLOWED, "VPNs are not supported"));
        }
        match (all.pop(), all.is_empty()) {
            (Some(by), true) => Ok(Self { by, from, to }),
            (Some(_), false) => Err((MALFORMED, "multiple queries")),
            (None, _) => Err((NOT_ALLOWED, "query for all configured addresses is not supported")),
        }
    }

    /// Whether a lease is of the time asked about.
    fn is_timely(&self, lease: &Lease4) -> bool {
        let time = lease.cltt.0;
        (self.from == 0 || time >= self.from.into()) && (self.to == 0 || time <= self.to.into())
    }
}

/// What is told, and to whom.
struct Told<'a> {
    scene: &'a Scene<Lease4>,
    server: &'a Server4,
    transaction: u32,
    answers: &'a Answers,
}

impl Told<'_> {
    /// Tells of all leases asked about. The first answer names the server.
    async fn leases(&self, query: &Query, names: &mut Option<Ipv4Addr>) -> Result<(), Ended> {
        let mut after = None;
        loop {
            let serving = self.server.serving();
            let (leases, is_last) = self.page(&*serving, query, after).await?;
            after = leases.last().map(Lease::address).or(after);
            for lease in leases.iter().filter(|lease| query.is_timely(lease)) {
                self.lease(&*serving, lease, names).await?;
            }
            if is_last {
                return Ok(());
            }
        }
    }

    /// Some of the leases, and whether these are the last.
    async fn page(
        &self,
        serving: &Serving4,
        query: &Query,
        after: Option<Ipv4Addr>,
    ) -> Result<(Vec<Lease4>, bool), StoreError> {
        let relayed = match &query.by {
            By::ClientId(id) => {
                return Ok((serving.leases().get(By4::ClientId(id.as_bytes())).await?.into_vec(), true));
            }
            By::HwAddr(hwaddr) => {
                return Ok((serving.leases().get(By4::HwAddr(hwaddr)).await?.into_vec(), true));
            }
            By::RelayId(id) => Relayed::RelayId(id),
            By::RemoteId(id) => Relayed::RemoteId(id),
        };
        let filter = PageFilter { relayed: Some(relayed), subnet: None };
        let page = serving.leases().page(after, self.scene.bulk.fetch, filter).await?;
        let is_last = page.is_empty();
        Ok((page, is_last))
    }

    /// Tells of a lease, if somebody has it.
    async fn lease(
        &self,
        serving: &Serving4,
        lease: &Lease4,
        names: &mut Option<Ipv4Addr>,
    ) -> Result<(), Ended> {
        let now = self.server.now();
        let Some(subnet) = serving.config().subnet(lease.subnet_id).filter(|_| is_active(lease, now)) else {
            return Ok(());
        };
        let active = Active {
            lease,
            subnet,
            now,
            transaction: self.transaction,
            relay: Ipv4Addr::UNSPECIFIED,
            server: names.take(),
            others: &[],
            bulk: true,
        };
        self.answers.send(|buffer| active.write(buffer)).await
    }

    /// Tells that there are no more, and how it went.
    async fn done(&self, status: Option<Status>, names: Option<Ipv4Addr>) -> Result<(), Ended> {
        let done = |buffer: &mut [u8]| {
            let mut writer = Writer::new(buffer)?;
            writer.op(Op::REPLY).xid(self.transaction);
            writer.message_type(MessageType::LEASEQUERYDONE)?;
            if let Some(address) = names {
                writer.option(OptionCode::SERVER_IDENTIFIER, &address.octets())?;
            }
            if let Some((code, text)) = status {
                writer.option(OptionCode::STATUS_CODE, &[&[code], text.as_bytes()].concat())?;
            }
            Ok(writer.finish())
        };
        self.answers.send(done).await
    }
}
