//! The shape of the source tree: what a compiler does not check and a reader relies on.
//!
//! Every rule reports all that breaks it, each with its place and what to do.

mod bans;
mod catalogue;
mod commands_of_kea;
mod dependencies;
mod documents;
mod generated;
mod layers;
mod log_messages;
mod message_tables;
mod messages_of_kea;
mod metrics;
mod sources;
mod text;

/// What breaks a rule, one line each.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn add(&mut self, place: impl std::fmt::Display, what: impl std::fmt::Display) {
        self.0.push(format!("  {place}: {what}"));
    }

    /// Fails the test that asks when there is anything.
    fn conclude(self, rule: &str) {
        assert!(self.0.is_empty(), "{rule}\n{}", self.0.join("\n"));
    }
}
