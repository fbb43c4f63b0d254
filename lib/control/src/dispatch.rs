//! The order in which commands run: one at a time.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::messages::{COMMAND_PROCESS_ERROR2, COMMAND_RECEIVED};
use crate::{Commands, Reply, Request, Response};

/// Something that answers requests: what a front sees of a server.
pub trait Execute: Send + Sync + 'static {
    /// Answers one request. Whoever awaits it may be dropped; the command runs to its end.
    fn execute(self: Arc<Self>, request: Request) -> Reply<'static>;
}

/// A server's commands and the context they work on. Requests of all fronts wait here for their turn, first come,
/// first served.
#[derive(Debug)]
pub struct Dispatcher<C: 'static> {
    commands: Commands<C>,
    context: Arc<C>,
    turn: Mutex<()>,
}

impl<C: Send + Sync + 'static> Dispatcher<C> {
    /// A dispatcher of `commands` over `context`.
    pub fn new(commands: Commands<C>, context: Arc<C>) -> Arc<Self> {
        Arc::new(Self { commands, context, turn: Mutex::new(()) })
    }

    /// The commands.
    pub fn commands(&self) -> &Commands<C> {
        &self.commands
    }
}

impl<C: Send + Sync + 'static> Execute for Dispatcher<C> {
    fn execute(self: Arc<Self>, request: Request) -> Reply<'static> {
        Box::pin(async move {
            COMMAND_RECEIVED(&request.command);
            let name = request.command.clone();
            // A task of its own: neither a client that leaves nor a bug in one command harms the others.
            let run = tokio::spawn(async move {
                let _turn = self.turn.lock().await;
                self.commands.run(&self.context, request).await
            });
            run.await.unwrap_or_else(|error| {
                COMMAND_PROCESS_ERROR2(format_args!("command '{name}' did not end: {error}"));
                Response::error("internal server error: no response generated")
            })
        })
    }
}
