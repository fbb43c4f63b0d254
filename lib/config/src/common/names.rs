//! How clients' names are made: what is taken of what a client says, and what a name is made up of.

use super::Sanitizer;

/// `ddns-replace-client-name`: whether the name that a client sends is used, and whether one that sends none gets one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReplaceName {
    /// Its own name, or none.
    #[default]
    Never,
    /// A made-up one for everybody.
    Always,
    /// A made-up one instead of its own.
    WhenPresent,
    /// Its own, or else a made-up one.
    WhenNotPresent,
}

/// The parameters of clients' names ("Name Generation for DDNS Update Requests" in Kea's manual), of one
/// level: many subnets share those that hold for all.
///
/// By default the server updates nothing, and names are taken as they come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names {
    /// `ddns-send-updates`, where `enable-updates` of `dhcp-ddns` is set: the server says that it updates DNS.
    pub updates: bool,
    /// `ddns-override-no-update`: it does so for clients that want nobody to.
    pub override_no_update: bool,
    /// `ddns-override-client-update`: it does so for clients that want to do it themselves.
    pub override_client_update: bool,
    /// `ddns-replace-client-name`.
    pub replace: ReplaceName,
    /// `ddns-generated-prefix`: what stands before the address in a made-up name.
    pub generated_prefix: Box<str>,
    /// `ddns-qualifying-suffix`: the domain of names that have none.
    pub qualifying_suffix: Box<str>,
    /// `hostname-char-set` and `hostname-char-replacement`, unless names are taken as they come.
    pub sanitizer: Option<Sanitizer>,
}

impl ReplaceName {
    /// Whether a client's own name is not used.
    pub fn replaces(self) -> bool {
        matches!(self, Self::Always | Self::WhenPresent)
    }

    /// Whether a client that sends no name gets one.
    pub fn supplies(self) -> bool {
        matches!(self, Self::Always | Self::WhenNotPresent)
    }
}
