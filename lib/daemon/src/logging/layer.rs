//! tracing's side: which call sites are enabled, and an event on its way to the outputs.

use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::Shared;
use super::line;

/// The layer that a [`super::Logging`] puts on a registry behind its dispatch. Spans are not followed.
#[derive(Debug)]
pub(super) struct Lines(pub(super) Arc<Shared>);

impl Lines {
    fn is_enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && self.0.current.load().enabled(metadata.name())
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    /// Asked once for each call site and configuration: the answer is final, so a disabled message costs a load.
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.is_enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.is_enabled(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.0.current.load().max_level())
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let routes = self.0.current.load();
        if let Some(route) = routes.get(event.metadata().name()) {
            line::write(route, event, &self.0.facts);
        }
    }
}
