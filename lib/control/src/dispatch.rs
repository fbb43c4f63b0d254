//! From a request to the command that answers it: which table, and whose turn it is.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::Poll;

use tokio::sync::{Mutex, Semaphore};

use crate::aside::put_into_words;
use crate::http::{Asked, Opening};
use crate::messages::{COMMAND_PROCESS_ERROR2, COMMAND_RECEIVED};
use crate::request::shortened;
use crate::{Commands, Denied, Reply, Request, Response, ResultCode};

/// Something that answers requests: what a front sees of a server.
pub trait Execute: Send + Sync + 'static {
    /// Answers one request. Whoever awaits it may be dropped; the command runs to its end.
    fn execute(self: Arc<Self>, request: Request) -> Reply<'static>;

    /// The page at `path`, for who watches the server; nothing if there is none.
    fn page(&self, _path: &str, _asked: Asked) -> Option<Opening> {
        None
    }

    /// Judges a request that came through a network, before it is executed.
    ///
    /// # Errors
    /// If it must not be executed.
    fn judge(&self, request: &Request) -> Result<(), Denied>;

    /// Answers one request as it is sent over HTTP: a list of answers, as many as there are daemons that it is for.
    fn answer(self: Arc<Self>, request: Request) -> Text {
        rendered(self.execute(request))
    }
}

/// A list of answers as text, when there is one.
pub type Text = Pin<Box<dyn Future<Output = String> + Send>>;

/// The one answer as a list.
pub fn rendered(reply: Reply<'static>) -> Text {
    Box::pin(async move { put_into_words(reply.await, Response::into_listed_text).await })
}

/// A server that has commands.
pub trait HasCommands: Sized + Send + Sync + 'static {
    /// The commands of the configuration in effect.
    fn commands(&self) -> Arc<Commands<Self>>;

    /// A command met an error that it could not go on from: a bug, or [`ResultCode::FatalError`].
    fn met_fatal_error(&self) {}

    /// The page at `path`, for who watches the server; nothing if there is none.
    fn page(self: Arc<Self>, _path: &str, _asked: Asked) -> Option<Opening> {
        None
    }
}

/// How many commands run at the same time: an answer can take many times the memory of the configuration.
pub const AT_ONCE: usize = 16;

/// Runs a server's commands, for all fronts.
///
/// A request is answered by the commands that are current when its turn comes. Commands marked
/// [`exclusive`](crate::Command::exclusive) wait here for each other, first come, first served; the others run at
/// once, up to [`AT_ONCE`] of them, so that nobody waits for a configuration that takes long to prepare. As many may run
/// beside these that came where clients are to be answered quickly ([`Request::is_quick`]): what servers tell each other does
/// not wait for what operators ask, which may take minutes.
#[derive(Debug)]
pub struct Dispatcher<C> {
    /// The server owns the fronts and they own this, so this does not own the server.
    server: Weak<C>,
    turn: Mutex<()>,
    others: Semaphore,
    quick: Semaphore,
}

impl<C: HasCommands> Dispatcher<C> {
    /// A dispatcher of the commands of `server`.
    pub fn new(server: &Arc<C>) -> Arc<Self> {
        Arc::new(Self {
            server: Arc::downgrade(server),
            turn: Mutex::new(()),
            others: Semaphore::new(AT_ONCE),
            quick: Semaphore::new(AT_ONCE),
        })
    }

    async fn run(&self, request: Request) -> Response {
        let Some(server) = self.server.upgrade() else {
            return Response::error("the server is about to end");
        };
        let is_exclusive = server.commands().find(&request.command).is_some_and(|command| command.exclusive);
        let (_turn, _place);
        if is_exclusive {
            _turn = self.turn.lock().await;
        } else {
            let places = if request.is_quick { &self.quick } else { &self.others };
            _place = places.acquire().await;
        }
        // A command before may have brought another configuration, and with it other commands.
        server.commands().run(&server, request).await
    }
}

impl<C: HasCommands> Execute for Dispatcher<C> {
    fn judge(&self, request: &Request) -> Result<(), Denied> {
        self.server.upgrade().map_or(Ok(()), |server| server.commands().judge(request))
    }

    fn execute(self: Arc<Self>, request: Request) -> Reply<'static> {
        Box::pin(async move {
            let name = shortened(&request.command);
            COMMAND_RECEIVED(&name);
            let server = self.server.clone();
            let run = isolated(async move { self.run(request).await }).await;
            let is_fatal = !run.as_ref().is_ok_and(|response| response.result != ResultCode::FatalError);
            if is_fatal && let Some(server) = server.upgrade() {
                server.met_fatal_error();
            }
            run.unwrap_or_else(|error| {
                COMMAND_PROCESS_ERROR2(format_args!("command '{name}' did not end: {error}"));
                Response::error("internal server error: no response generated")
            })
        })
    }

    fn page(&self, path: &str, asked: Asked) -> Option<Opening> {
        self.server.upgrade()?.page(path, asked)
    }
}

/// What comes of `work`, so that neither a client that leaves nor a bug in one command harms the others: it goes on to
/// its end whoever awaits it, and a panic in it is an error. Most commands are done when they are looked at for the first
/// time; only one that is not becomes a task.
async fn isolated<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Result<T, String> {
    let mut work = Box::pin(work);
    let looked = poll_fn(|cx| {
        // After a panic nothing but its end happens to it.
        Poll::Ready(catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))))
    });
    match looked.await {
        Ok(Poll::Ready(done)) => Ok(done),
        Ok(Poll::Pending) => tokio::spawn(work).await.map_err(|error| error.to_string()),
        Err(panic) => Err(format!("it panicked{}", said(&*panic))),
    }
}

fn said(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
    said.map_or_else(String::new, |said| format!(": {said}"))
}
