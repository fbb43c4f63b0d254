//! Answers of DHCPv6 (RFC 5460): a LEASEQUERY-REPLY with the first lease, a LEASEQUERY-DATA for each other, and a
//! LEASEQUERY-DONE. Where there is no lease the first is the last.

use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::net::{IpAddr, Ipv6Addr};

use kotare_config::process::DatabaseKind;
use kotare_control::Command;
use kotare_model::{Lease6, SubnetId};
use kotare_store::{Lease, PageFilter, Relayed};
use kotare_wire::v6::{Index, Message, MessageType, OptionCode, StatusCode, Writer};

use super::{Answers, Bulked, Ended, NoQuery, Scene};
use crate::lease_query::client_data6::{self, Status};
use crate::lease_query::label::Label6;
use crate::lease_query::messages::{
    BULK_LEASE_QUERY6_UNSUPPORTED_MSG_TYPE, MYSQL_LB_UPGRADE_EXTENDED_INFO6, PGSQL_LB_UPGRADE_EXTENDED_INFO6,
};
use crate::lease_query::upgrade::command;
use crate::lease_query::v6::{
    LEASES_FOUND, NO_ACTIVE_LEASES, NOT_A_LINK, Question, UNKNOWN_QUERY_TYPE, begin_reply, by_address,
    by_client, is_duid, is_on, links, malformed, prefix_lengths,
};
use crate::lease_query::{Built, is_active};
use crate::{Server6, Serving6};

impl Bulked for Lease6 {
    const COMMANDS: &'static [Command<Built<Self>>] = &[command("extended-info6-upgrade", "2.5.0")];

    fn transaction(message: &[u8]) -> Result<u32, NoQuery> {
        let mut index = Index::new();
        let message =
            Message::parse(message, &mut index).map_err(|it| NoQuery::Unreadable(it.to_string()))?;
        if message.message_type() != MessageType::LEASEQUERY || message.relay(0).is_some() {
            return Err(NoQuery::Other(message.message_type().to_string()));
        }
        if !message.option(OptionCode::CLIENTID).is_some_and(is_duid) {
            return Err(NoQuery::Invalid("DHCPV6_LEASEQUERY must supply a D6O_CLIENTID".to_owned()));
        }
        if Question::of(message).is_none() {
            return Err(NoQuery::Invalid("DHCPV6_LEASEQUERY must supply a D6O_LQ_QUERY option".to_owned()));
        }
        Ok(message.transaction_id())
    }

    fn label(message: &[u8], requester: IpAddr, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut index = Index::new();
        let message = Message::parse(message, &mut index);
        message.map_or(Ok(()), |message| Label6::of(message, requester).fmt(f))
    }

    fn unsupported(kind: &str, requester: IpAddr) {
        BULK_LEASE_QUERY6_UNSUPPORTED_MSG_TYPE(kind, requester);
    }

    fn upgraded(database: DatabaseKind, pages: u64, updated: u64) {
        match database {
            DatabaseKind::MySql => MYSQL_LB_UPGRADE_EXTENDED_INFO6(pages, updated),
            DatabaseKind::Postgres => PGSQL_LB_UPGRADE_EXTENDED_INFO6(pages, updated),
            DatabaseKind::Sqlite => {}
        }
    }

    fn requester(address: IpAddr) -> Option<Ipv6Addr> {
        match address {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => Some(address),
        }
    }

    async fn answer(scene: &Scene<Self>, message: &[u8], answers: &Answers) -> Result<(), Ended> {
        let mut index = Index::new();
        let Ok(message) = Message::parse(message, &mut index) else { return Err(Ended::Closed) };
        let Some(question) = Question::of(message) else { return Err(Ended::Closed) };
        let server = scene.server.get().ok_or(Ended::Closed)?;
        let serving = server.serving();
        // Another one is asked.
        if message
            .option(OptionCode::SERVERID)
            .is_some_and(|named| named != serving.engine().duid().as_bytes())
        {
            return Err(Ended::Closed);
        }
        let mut told = Told { scene, server: &*server, message, answers, begun: false };
        let ended = match told.all(&question, &*serving).await {
            Ok(status) => Ok(status),
            Err(Ended::Store(error)) => Err(error),
            Err(ended) => return Err(ended),
        };
        let status = match &ended {
            Ok(status) => *status,
            Err(_) => Status::new(StatusCode::QUERY_TERMINATED, "the leases cannot be read"),
        };
        told.end(status, ended.is_err(), &*serving).await?;
        ended.map(drop).map_err(Ended::Store)
    }
}

/// What is told, and to whom.
struct Told<'a> {
    scene: &'a Scene<Lease6>,
    server: &'a Server6,
    message: Message<'a>,
    answers: &'a Answers,
    /// Whether there was a lease to tell of.
    begun: bool,
}

impl Told<'_> {
    /// Tells of all leases asked about; what is told if there are none.
    async fn all(&mut self, question: &Question<'_>, serving: &Serving6) -> Result<Status, Ended> {
        let (config, leases, now) = (serving.config(), serving.leases(), self.server.now());
        let lengths = prefix_lengths(self.scene.prefix_lengths.as_deref(), config);
        let (found, status) = match question.kind {
            Question::BY_ADDRESS => match question.address() {
                Ok(address) => by_address(address, &lengths, now, config, leases).await?,
                Err(status) => return Ok(status),
            },
            Question::BY_CLIENTID => match question.client() {
                Ok(client) => by_client(client, question.link, now, config, leases).await?,
                Err(status) => return Ok(status),
            },
            _ => return self.many(question, serving).await,
        };
        for lease in &found {
            self.lease(lease, status, serving).await?;
        }
        Ok(status)
    }

    /// The same of a relay agent or a link.
    async fn many(&mut self, question: &Question<'_>, serving: &Serving6) -> Result<Status, Ended> {
        let said = |code| question.options.clone().find_code(code);
        let relayed = match question.kind {
            Question::BY_RELAY_ID => match said(OptionCode::RELAY_ID) {
                None => return Ok(malformed("missing D6O_RELAY_ID")),
                Some(id) if !is_duid(id) => return Ok(malformed("malformed D6O_RELAY_ID")),
                Some(id) => Some(Relayed::RelayId(id)),
            },
            Question::BY_REMOTE_ID => match said(OptionCode::REMOTE_ID) {
                None => return Ok(malformed("missing D6O_REMOTE_ID")),
                Some([]) => return Ok(malformed("empty D6O_REMOTE_ID")),
                Some(id) => Some(Relayed::RemoteId(id)),
            },
            Question::BY_LINK_ADDRESS if question.link.is_unspecified() => {
                return Ok(malformed("undefined link address"));
            }
            Question::BY_LINK_ADDRESS => None,
            _ => return Ok(UNKNOWN_QUERY_TYPE),
        };
        if !self.scene.bulk.relayed {
            return Ok(Status::new(StatusCode::NOT_ALLOWED, "extended info tables are disabled"));
        }
        let links = match links(question.link, serving.config()) {
            Ok(links) => links,
            Err(_) => return Ok(NOT_A_LINK),
        };
        match (relayed, &links) {
            (None, Some(subnets)) => {
                for subnet in subnets {
                    let filter = PageFilter { subnet: Some(*subnet), relayed: None };
                    self.pages(filter, &None, serving).await?;
                }
            }
            (relayed, links) => {
                self.pages(PageFilter { relayed, subnet: None }, links, serving).await?;
            }
        }
        Ok(NO_ACTIVE_LEASES)
    }

    async fn pages(
        &mut self,
        filter: PageFilter<'_>,
        links: &Option<BTreeSet<SubnetId>>,
        serving: &Serving6,
    ) -> Result<(), Ended> {
        let mut after = None;
        loop {
            let page = serving.leases().page(after, self.scene.bulk.fetch, filter).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.address());
            let now = self.server.now();
            for lease in page.iter().filter(|lease| is_active(*lease, now) && is_on(links, lease)) {
                self.lease(lease, LEASES_FOUND, serving).await?;
            }
        }
    }

    /// Tells of a lease: the first with how it went.
    async fn lease(&mut self, lease: &Lease6, status: Status, serving: &Serving6) -> Result<(), Ended> {
        let (message, now, begins) = (self.message, self.server.now(), !self.begun);
        self.begun = true;
        let told = |buffer: &mut [u8]| {
            let mut writer = Writer::new(buffer);
            match begins {
                true => begin_reply(message, serving.engine().duid(), status, &mut writer)?,
                false => writer.header(MessageType::LEASEQUERY_DATA, message.transaction_id())?,
            }
            client_data6::write(std::slice::from_ref(lease), now, true, &mut writer)?;
            Ok(writer.len())
        };
        self.answers.send(told).await
    }

    /// Tells that there are no more; how it went, if nothing was told or that is not the end.
    async fn end(&self, status: Status, failed: bool, serving: &Serving6) -> Result<(), Ended> {
        let (message, begun) = (self.message, self.begun);
        let told = |buffer: &mut [u8]| {
            let mut writer = Writer::new(buffer);
            match begun {
                true => writer.header(MessageType::LEASEQUERY_DONE, message.transaction_id())?,
                false => begin_reply(message, serving.engine().duid(), status, &mut writer)?,
            }
            if begun && failed {
                status.write(&mut writer)?;
            }
            Ok(writer.len())
        };
        self.answers.send(told).await
    }
}
