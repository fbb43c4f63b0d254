//! What a module answers at a point.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use kotare_stats::{Stat4, Stat6};

/// What is to become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<S = Stat4> {
    /// It goes on; the next module of the point is asked.
    Continue,
    /// What comes next at this point is left out. No further module of the point is asked.
    Skip,
    /// It is dropped. The statistic, if there is one, counts the reason; the message then also counts as dropped
    /// (`pkt4-receive-drop`, `pkt6-receive-drop`). Without one it counts nowhere: the module has counted it.
    Drop(Option<S>),
}

/// What is to become of a message of DHCPv6.
pub type Verdict6 = Verdict<Stat6>;

/// What is to become of a lease whose time is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// It is reclaimed; the next module is asked.
    Reclaim,
    /// It is reclaimed, but that it has ended is for another server to say, which has removed its name, or will.
    Forget,
    /// It is left as it is.
    Leave,
}

/// An answer now, or a promise of one.
pub enum Step<'a, V = Verdict> {
    /// The answer.
    Now(V),
    /// The answer comes when somebody else has answered. The box exists only while a message waits. The future is
    /// dropped, perhaps before it is ever polled, when nobody wants the answer any more.
    Wait(Pin<Box<dyn Future<Output = V> + Send + 'a>>),
}

impl<'a, V> Step<'a, V> {
    /// The answer of a future.
    pub fn wait(answer: impl Future<Output = V> + Send + 'a) -> Self {
        Self::Wait(Box::pin(answer))
    }
}

impl<V> Step<'_, V> {
    /// The answer, when it is there.
    pub(crate) async fn answer(self) -> V {
        match self {
            Self::Now(answer) => answer,
            Self::Wait(answer) => answer.await,
        }
    }
}

impl<V: fmt::Debug> fmt::Debug for Step<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(answer) => f.debug_tuple("Now").field(answer).finish(),
            Self::Wait(_) => f.write_str("Wait"),
        }
    }
}
