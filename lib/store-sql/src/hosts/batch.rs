//! Many questions at once, on one connection.

use std::sync::Arc;

use kotare_model::Reservation;
use kotare_store::{StoreError, ring_together};
use tokio::sync::oneshot;

use super::layout::Layout;
use super::odd::Oddities;
use super::query::OwnQuery;
use super::record::{HostRecord, assemble};
use super::statements::Statements;
use crate::connection::Connection;
use crate::error::{SqlError, Trouble};
use crate::link::{Work, unchanged};

/// What a client waits for.
#[derive(Debug)]
pub(super) struct Ask<R: HostRecord> {
    pub(super) query: OwnQuery<R::Address>,
    pub(super) waiting: oneshot::Sender<Result<Vec<Reservation<R>>, StoreError>>,
}

/// What is done for clients.
#[derive(Debug)]
pub(super) struct Clients<R> {
    pub(super) statements: Statements<R>,
    pub(super) odd: Arc<Oddities>,
}

impl<R: HostRecord> Work for Clients<R> {
    type Ask = Ask<R>;

    async fn run(&self, connection: &mut Connection, mut asks: Vec<Ask<R>>) -> Result<(), SqlError> {
        while !asks.is_empty() {
            let first = asks[0].query.clone();
            let (together, others): (Vec<_>, Vec<_>) =
                asks.into_iter().partition(|ask| ask.query.goes_with(&first));
            asks = others;
            let queries: Vec<_> = together.iter().map(|ask| &ask.query).collect();
            match connection.rows(self.statements.get(&queries)).await {
                Ok(rows) => {
                    let kept = assemble::<R>(&rows, &self.statements.layout, &self.odd);
                    ring_together(|| {
                        for Ask { query, waiting } in together {
                            let meant =
                                kept.iter().filter(|it| query.means(&it.host)).map(|it| it.host.clone());
                            drop(waiting.send(Ok(meant.collect())));
                        }
                    });
                }
                Err(error) => {
                    together.into_iter().for_each(|ask| Self::fail(ask, &error));
                    if error.trouble == Trouble::Lost {
                        asks.into_iter().for_each(|ask| Self::fail(ask, &error));
                        return Err(error);
                    }
                }
            }
        }
        Ok(())
    }

    fn fail(ask: Ask<R>, error: &SqlError) {
        let error = error.again().into_store(format!("look for reservations by {:?}", ask.query.key));
        drop(ask.waiting.send(Err(error)));
    }

    async fn suits(&self, connection: &mut Connection) -> Result<(), SqlError> {
        unchanged(&self.statements.layout, &Layout::of::<R>(connection).await?)
    }
}
