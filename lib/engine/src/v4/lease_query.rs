//! Queries for leases (RFC 4388): they go past all that is for clients, to the module that answers them.

use std::error::Error;
use std::net::Ipv4Addr;

use kotare_model::{HwAddr, Lease4, Timestamp};
use kotare_stats::{Counters4, Stat4};
use kotare_store::LeaseStore;
use kotare_wire::v4::{Codes, Message, OptionCode};

use super::destination::{departure, in_fragments};
use super::intake::{client_id, is_us};
use super::{Client, Dropped, Given, Outcome, Query4, QueryKind, Received, Reply, ReplyKind, Sent, Server};
use crate::Leases;
use crate::hooks::v4::{Asked4, LeaseQuery4};
use crate::hooks::{Named, Point};

/// Whether a query is answered, and which client it asks about, if it names one.
pub(super) fn receive(
    module: &dyn LeaseQuery4,
    server: &Server,
    received: &Received<'_>,
    message: Message<'_>,
) -> Result<(QueryKind, Client, Option<Ipv4Addr>), Dropped> {
    let named = match message.option(OptionCode::SERVER_IDENTIFIER).map(|named| named.ipv4()) {
        None => Named::Nobody,
        Some(None | Some(Ipv4Addr::UNSPECIFIED)) => Named::Nonsense,
        Some(Some(identifier)) if is_us(server, received, identifier) => Named::This,
        Some(Some(_)) => Named::Other,
    };
    module.receive(message, named).map_err(not_answered)?;
    let htype = message.htype().0;
    let hwaddr = HwAddr::new(htype, message.chaddr()).unwrap_or(HwAddr::empty(htype));
    let id = message.option(OptionCode::CLIENT_IDENTIFIER).and_then(client_id);
    Ok((QueryKind::LeaseQuery, Client { hwaddr, id }, None))
}

impl Server {
    /// Has a query answered.
    pub(super) async fn answer_query<S: LeaseStore<Lease4>>(
        &self,
        leases: &Leases<S>,
        message: Message<'_>,
        query: &Query4,
        now: Timestamp,
        reply: &mut [u8],
    ) -> Outcome {
        // There was a module when it was let in, and the server is the same.
        let Some(module) = &self.hooks.lease_query else { return Outcome::Dropped(Dropped::NoMessageType) };
        let asked = Asked4 { message, query, now };
        match module.answer(asked, &self.config, leases, reply).await {
            Ok((kind, len)) => {
                let way = departure(self, message, query, kind, Ipv4Addr::UNSPECIFIED);
                let departure = in_fragments(query, len, way);
                let (given, left_out) = (Given::Leases, Codes::default());
                Outcome::Reply(Reply { len, departure, kind, given, left_out })
            }
            Err(counts) => Outcome::Dropped(not_answered(counts)),
        }
    }
}

/// The module has said why.
fn not_answered(counts: Stat4) -> Dropped {
    Dropped::ByModule { point: Point::LeaseQuery4, counts: Some(counts) }
}

/// Counts the answer to a query, and has the module tell what became of it.
pub(super) fn report(
    server: &Server,
    query: &Query4,
    reply: &Reply,
    bytes: &[u8],
    sent: Sent<'_>,
    counters: &Counters4,
) {
    let failure: Option<&dyn Error> = match sent {
        Sent::Failed(error) => Some(error),
        Sent::FailedAgain | Sent::Withheld => return,
        Sent::Done => None,
    };
    if let Some(module) = &server.hooks.lease_query {
        module.sent(bytes, &reply.departure, &query.interface, failure);
    }
    if failure.is_none() {
        counters.count(Stat4::Sent);
        counters.count(match reply.kind {
            ReplyKind::LeaseActive => Stat4::LeaseQueryActiveSent,
            ReplyKind::LeaseUnassigned => Stat4::LeaseQueryUnassignedSent,
            _ => Stat4::LeaseQueryUnknownSent,
        });
    }
}
