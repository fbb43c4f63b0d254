//! What would become of a message: the whole way that it would go, which leaves nothing behind.

use kotare_expr::ClassId;
use kotare_model::{Lease4, Timestamp};
use kotare_store::LeaseStore;
use kotare_wire::v4::{Index, Message};

use super::trace::{Because, Step, Trace, Traced4};
use super::{Dropped, Outcome, Received, Server, classify};
use crate::{Leases, trace};

/// What would become of a message.
pub type Rehearsed = trace::Rehearsed<Traced4>;

impl Server {
    /// Goes through what would become of a datagram, as [`Server::intake`] and [`Server::exchange`] do, and changes nothing:
    /// no lease, no statistic, nothing that addresses are chosen by. The reply is written into `reply`.
    ///
    /// The message is of the classes that are `assumed`, too, as if a module had put it there.
    ///
    /// Modules are asked what they say of the message ([`Query4::is_rehearsed`](crate::v4::Query4::is_rehearsed)), but not
    /// those that may have to wait for somebody: what they do takes place.
    #[expect(clippy::manual_async_fn, reason = "the signature promises `Send`, see `Leases`")]
    pub fn rehearse<'e, S: LeaseStore<Lease4>>(
        &'e self,
        leases: &'e Leases<S>,
        received: &'e Received<'e>,
        assumed: &'e [ClassId],
        now: Timestamp,
        seed: u64,
        reply: &'e mut [u8],
    ) -> impl Future<Output = Rehearsed> + Send + 'e {
        async move {
            let trace = Trace::wanted();
            let server = self.rehearsal(&trace);
            let leases = leases.rehearsal();
            let mut index = Index::new();
            let (query, outcome) = match server.intake(received, &mut index) {
                Err(refused) => (None, Err(Box::new(refused))),
                Ok(mut query) => {
                    assumed.iter().for_each(|class| classify::join(&mut query, *class, Because::Assumed));
                    let outcome = match Message::new(received.datagram, &index) {
                        Some(message) => {
                            server.exchange(&leases, message, &mut query, now, seed, reply).await
                        }
                        // Only what was read is let in.
                        None => Outcome::Dropped(Dropped::NoMessageType),
                    };
                    (Some(query), Ok(outcome))
                }
            };
            let mut steps = trace.take();
            steps.extend(self.hooks.not_rehearsed().map(Step::NotAsked));
            Rehearsed { query, outcome, steps, changes: leases.into_store().into_changes() }
        }
    }
}
