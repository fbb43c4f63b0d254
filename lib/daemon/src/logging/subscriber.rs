//! tracing's side: which call sites are enabled, and an event on its way to the outputs.

use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata};

use super::Shared;
use super::line;

/// The subscriber that a [`super::Logging`] puts behind its dispatch. Spans are not followed.
#[derive(Debug)]
pub(super) struct Subscriber(pub(super) Arc<Shared>);

impl tracing::Subscriber for Subscriber {
    /// Asked once for each call site and configuration: the answer is final, so a disabled message costs a load.
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && self.0.current.load().enabled(metadata.name())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.0.current.load().max_level())
    }

    fn event(&self, event: &Event<'_>) {
        let routes = self.0.current.load();
        if let Some(route) = routes.get(event.metadata().name()) {
            line::write(route, event, &self.0.facts);
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}
