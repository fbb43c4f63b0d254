//! What is logged.

use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::NoSubscriber;
use tracing::{Dispatch, Event, Metadata, Subscriber};

/// A message that was logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Its identifier.
    pub id: &'static str,
    /// Its sentence.
    pub text: String,
}

/// With a single dispatcher alive, `tracing` asks whichever thread comes to a message first whether it is wanted, and for
/// the whole process; a thread of another test says no. It asks all dispatchers when there are several.
static ANOTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

/// Runs `body`, and says what this thread logged meanwhile, at any debug level.
pub fn logged<T>(body: impl FnOnce() -> T) -> (T, Vec<Logged>) {
    LazyLock::force(&ANOTHER);
    let lines = Arc::default();
    let returned = tracing::subscriber::with_default(Collector(Arc::clone(&lines)), body);
    let lines = std::mem::take(&mut *lines.lock().unwrap_or_else(PoisonError::into_inner));
    (returned, lines)
}

struct Collector(Arc<Mutex<Vec<Logged>>>);

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event()
    }

    fn event(&self, event: &Event<'_>) {
        let mut sentence = Sentence(String::new());
        event.record(&mut sentence);
        let line = Logged { id: event.metadata().name(), text: sentence.0 };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Sentence(String);

impl Visit for Sentence {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
