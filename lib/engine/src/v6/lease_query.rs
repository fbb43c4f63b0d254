//! Queries for leases (RFC 5007): they go past all that is for clients, to the module that answers them.

use std::error::Error;

use kotare_config::v6::Codes6;
use kotare_model::{Departure6, Duid, Lease6, Timestamp};
use kotare_stats::{Counters6, Stat6};
use kotare_store::LeaseStore;
use kotare_wire::v6::{Message, OptionCode, Writer};

use super::destination::departure;
use super::intake::duid;
use super::relay_reply::wrap;
use super::{Dropped, Given, Outcome, Query6, QueryKind, Received, Reply, ReplyKind, Sent, Server};
use crate::Leases6;
use crate::hooks::Named;
use crate::hooks::v6::{Asked6, LeaseQuery6, Point6};

/// Whether a query is answered, and who asks.
pub(super) fn receive(
    module: &dyn LeaseQuery6,
    server: &Server,
    received: &Received<'_>,
    message: Message<'_>,
) -> Result<(QueryKind, Option<Duid>), Dropped> {
    let named = match message.option(OptionCode::SERVERID) {
        None => Named::Nobody,
        Some(named) if named == server.duid.as_bytes() => Named::This,
        Some(named) if duid(named).is_some() => Named::Other,
        Some(_) => Named::Nonsense,
    };
    module.receive(message, *received.arrival.source.ip(), named).map_err(not_answered)?;
    Ok((QueryKind::LeaseQuery, message.option(OptionCode::CLIENTID).and_then(duid)))
}

impl Server {
    /// Has a query answered.
    pub(super) async fn answer_query<S: LeaseStore<Lease6>>(
        &self,
        leases: &Leases6<S>,
        message: Message<'_>,
        query: &Query6,
        now: Timestamp,
        reply: &mut [u8],
    ) -> Outcome {
        // There was a module when it was let in, and the server is the same.
        let Some(module) = &self.hooks.lease_query else {
            return Outcome::Dropped(Dropped::UnknownMessageType(message.message_type()));
        };
        let mut writer = Writer::new(reply);
        let Ok(wrapped) = wrap(message, &mut writer) else { return Outcome::Dropped(Dropped::TooBig) };
        let asked = Asked6 { message, query, now };
        let answer = module.answer(asked, &self.config, &self.duid, leases, &mut writer);
        if let Err(counts) = answer.await {
            return Outcome::Dropped(not_answered(counts));
        }
        wrapped.close(&mut writer);
        let departure = self.way_back(message, query);
        let (kind, given, left_out) = (ReplyKind::LeaseQueryReply, Given::Leases, Codes6::default());
        Outcome::Reply(Reply { len: writer.len(), departure, kind, given, left_out })
    }

    /// Who asks is no client: it hears where it asked from, through relay agents as through those any reply goes.
    fn way_back(&self, message: Message<'_>, query: &Query6) -> Departure6 {
        let mut departure = departure(self, message, query);
        if self.ports.client.is_none() && message.relay(0).is_none() {
            departure.destination.set_port(query.arrival.source.port());
        }
        departure
    }
}

/// The module has said why.
fn not_answered(counts: Stat6) -> Dropped {
    Dropped::ByModule { point: Point6::LeaseQuery6, counts: Some(counts) }
}

/// Counts the answer to a query, and has the module tell what became of it.
pub(super) fn report(server: &Server, query: &Query6, reply: &Reply, sent: Sent<'_>, counters: &Counters6) {
    let failure: Option<&dyn Error> = match sent {
        Sent::Failed(error) => Some(error),
        Sent::FailedAgain | Sent::Withheld => return,
        Sent::Done => None,
    };
    if let Some(module) = &server.hooks.lease_query {
        module.sent(query, &reply.departure, failure);
    }
    if failure.is_none() {
        counters.count(Stat6::Sent);
        counters.count(Stat6::LeaseQueryReplySent);
    }
}
