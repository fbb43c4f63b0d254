//! A configuration resolved: for each message, whether it is logged and to which outputs.

use std::collections::HashMap;
use std::sync::Arc;

use kotare_messages::{Message, Severity};
use tracing::dispatcher::WeakDispatch;
use tracing::level_filters::LevelFilter;

use super::config::{Destination, LoggerConfig, LoggingConfig, OutputConfig, Threshold};
use super::output::{Output, OutputContext};

/// All messages' ways under one configuration.
#[derive(Debug, Default)]
pub(super) struct Routes {
    /// By id; what is disabled is not in it.
    enabled: HashMap<&'static str, Route>,
    outputs: Vec<Arc<Output>>,
    console: bool,
    problems: Vec<String>,
}

/// An enabled message's way.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) message: &'static Message,
    /// The logger's full name.
    pub(super) logger: Arc<str>,
    pub(super) outputs: Arc<[Arc<Output>]>,
}

/// What a logger does, inherited parts included.
#[derive(Clone)]
struct Resolved {
    threshold: Threshold,
    outputs: Arc<[Arc<Output>]>,
}

impl Routes {
    pub(super) fn new(
        root: &str,
        messages: &[&'static Message],
        config: &LoggingConfig,
        context: &OutputContext,
        former: &Self,
    ) -> Self {
        let mut opened = Opened { context, former, by_config: HashMap::new(), problems: Vec::new() };
        let resolved = resolve(root, config, context, &mut opened);
        let mut names: HashMap<&'static str, Arc<str>> = HashMap::new();
        let mut enabled = HashMap::new();
        for message in messages {
            let name = names.entry(message.logger).or_insert_with(|| full_name(root, message.logger).into());
            let logger = nearest(&resolved, name, root);
            if logger.threshold.admits(message.severity) && !logger.outputs.is_empty() {
                let route = Route { message, logger: name.clone(), outputs: logger.outputs.clone() };
                enabled.insert(message.id, route);
            }
        }
        let console = resolved[root].outputs.iter().any(|output| output.is_console());
        Self {
            enabled,
            console,
            outputs: opened.by_config.into_values().collect(),
            problems: opened.problems,
        }
    }

    pub(super) fn enabled(&self, id: &str) -> bool {
        self.enabled.contains_key(id)
    }

    pub(super) fn get(&self, id: &str) -> Option<&Route> {
        self.enabled.get(id)
    }

    pub(super) fn max_level(&self) -> LevelFilter {
        let debug = |route: &Route| matches!(route.message.severity, Severity::Debug(_));
        if self.enabled.is_empty() {
            LevelFilter::OFF
        } else if self.enabled.values().any(debug) {
            LevelFilter::DEBUG
        } else {
            LevelFilter::INFO
        }
    }

    pub(super) fn has_console(&self) -> bool {
        self.console
    }

    pub(super) fn problems(&self) -> &[String] {
        &self.problems
    }

    pub(super) fn flush(&self) {
        self.outputs.iter().for_each(|output| _ = output.flush());
    }

    /// Begins to write, once what was logged to `former` is written; `dispatch` is told of lines that were dropped.
    pub(super) fn start(&self, former: &Self, dispatch: &WeakDispatch) {
        self.outputs.iter().for_each(|output| output.start(&former.outputs, dispatch));
    }

    /// An output of this configuration that goes on: files are opened anew, but one that takes no more lines would only
    /// get a second thread that waits for it.
    fn lasting(&self, config: &OutputConfig) -> Option<Arc<Output>> {
        let same = self.outputs.iter().find(|output| output.config() == config)?;
        (!matches!(config.destination, Destination::File(_)) || same.is_full()).then(|| same.clone())
    }
}

/// Outputs that are open already; loggers with the same output share it.
struct Opened<'a> {
    context: &'a OutputContext,
    former: &'a Routes,
    by_config: HashMap<OutputConfig, Arc<Output>>,
    problems: Vec<String>,
}

impl Opened<'_> {
    fn open(&mut self, configs: &[OutputConfig]) -> Arc<[Arc<Output>]> {
        let open = |config: &OutputConfig| {
            let new = || {
                let lasting = self.former.lasting(config);
                let output = lasting.unwrap_or_else(|| Arc::new(Output::open(config.clone(), self.context)));
                self.problems.extend(output.problem().cloned());
                output
            };
            self.by_config.entry(config.clone()).or_insert_with(new).clone()
        };
        configs.iter().map(open).collect()
    }
}

/// The configured loggers by full name, with what they inherit; the root is always among them.
fn resolve(
    root: &str,
    config: &LoggingConfig,
    context: &OutputContext,
    opened: &mut Opened<'_>,
) -> HashMap<String, Resolved> {
    let mut entries: Vec<(String, &LoggerConfig)> =
        config.loggers.iter().map(|logger| (full_name(root, &logger.name), logger)).collect();
    // The shorter name is the ancestor, so what is inherited is resolved before.
    entries.sort_by_key(|(name, _)| name.len());
    let root_entry =
        entries.iter().rev().find(|(name, _)| name == root).map_or(context.start(), |(_, logger)| logger);
    let root_outputs = opened.open(&root_entry.outputs);
    let threshold = root_entry.severity.unwrap_or(Threshold::Info);
    let top = Resolved { threshold, outputs: root_outputs.clone() };
    let mut resolved = HashMap::from([(root.to_owned(), top)]);
    for (name, logger) in entries.into_iter().filter(|(name, _)| name != root) {
        let inherited = nearest(&resolved, &name, root).threshold;
        let outputs =
            if logger.outputs.is_empty() { root_outputs.clone() } else { opened.open(&logger.outputs) };
        resolved.insert(name, Resolved { threshold: logger.severity.unwrap_or(inherited), outputs });
    }
    resolved
}

/// The configured logger that is `name` or the nearest above it.
fn nearest<'a>(resolved: &'a HashMap<String, Resolved>, name: &str, root: &str) -> &'a Resolved {
    let mut name = name;
    loop {
        if let Some(found) = resolved.get(name) {
            return found;
        }
        name = name.rsplit_once('.').map_or(root, |(above, _)| above);
    }
}

/// A logger's name below the root, unless it is there already.
fn full_name(root: &str, name: &str) -> String {
    let below = name.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    if below { name.to_owned() } else { format!("{root}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, Environment};

    kotare_messages::messages! {
        Info "dhcp4" T_INFO() = "x";
        Debug(40) "leases" T_DEBUG_40() = "x";
        Debug(55) "packets.deep.down" T_DEBUG_55() = "x";
        Warn "packets" T_WARN() = "x";
    }

    fn logger(name: &str, severity: Option<Threshold>) -> LoggerConfig {
        let outputs = if name == "kea-dhcp4" { vec![OutputConfig::new(Destination::Stderr)] } else { vec![] };
        LoggerConfig { name: name.into(), severity, outputs }
    }

    fn enabled(loggers: Vec<LoggerConfig>) -> Vec<&'static str> {
        let context = OutputContext::new("kea-dhcp4", false, Clock::system(), &Environment::default());
        let messages: Vec<_> = MESSAGES.iter().collect();
        let routes =
            Routes::new("kea-dhcp4", &messages, &LoggingConfig { loggers }, &context, &Routes::default());
        MESSAGES.iter().map(|message| message.id).filter(|id| routes.enabled(id)).collect()
    }

    /// A logger follows its own entry, else the nearest above; severity and debug level are inherited together.
    #[test]
    fn loggers_inherit_from_the_nearest_above() {
        let root = |threshold| logger("kea-dhcp4", Some(threshold));
        assert_eq!(enabled(vec![]), ["T_INFO", "T_WARN"], "the root's start configuration");
        assert_eq!(enabled(vec![root(Threshold::Error)]), [""; 0]);
        assert_eq!(enabled(vec![root(Threshold::Debug(40))]), ["T_INFO", "T_DEBUG_40", "T_WARN"]);
        let leases = logger("kea-dhcp4.leases", Some(Threshold::Debug(99)));
        assert_eq!(enabled(vec![leases, root(Threshold::None)]), ["T_DEBUG_40"]);
        let packets = logger("kea-dhcp4.packets", Some(Threshold::Debug(55)));
        assert_eq!(enabled(vec![root(Threshold::Fatal), packets.clone()]), ["T_DEBUG_55", "T_WARN"]);
        let deep = logger("kea-dhcp4.packets.deep", None);
        assert_eq!(enabled(vec![deep, root(Threshold::Fatal), packets]), ["T_DEBUG_55", "T_WARN"]);
        assert_eq!(enabled(vec![logger("packets", Some(Threshold::None))]), ["T_INFO"]);
    }

    /// An entry with `DEBUG` and no level admits level 0 only, whatever the root admits.
    #[test]
    fn an_explicit_debug_does_not_inherit_the_level() {
        let root = logger("kea-dhcp4", Some(Threshold::Debug(99)));
        let leases = logger("kea-dhcp4.leases", Some(Threshold::Debug(0)));
        assert_eq!(enabled(vec![root, leases]), ["T_INFO", "T_DEBUG_55", "T_WARN"]);
    }
}
