//! `prefix-from`: subnets that lie in a prefix which the machine learns elsewhere. Kea has nothing like it.

use kotare_model::SubnetId;

use super::Prefix6;

/// `prefix-from`: where a prefix shows that was delegated to this machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PrefixSource {
    /// `interface`: where it shows, or the name by which it is told.
    pub interface: Box<str>,
    /// `by`: what it shows as.
    pub by: PrefixSign,
    /// `within`: it lies in this prefix; others are not meant.
    pub within: Prefix6,
}

/// What a prefix shows as in the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrefixSign {
    /// `route`: a route to nowhere (unreachable, blackhole, prohibit) that keeps what is not used of it from going back to
    /// the provider (RFC 7084, WPD-5).
    Route,
    /// `address`: an address from it, with its length.
    Address,
}

/// A subnet that lies in a learned prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follower {
    /// The subnet.
    pub subnet: SubnetId,
    /// What it follows.
    pub source: PrefixSource,
    /// The prefix that it was given to follow, if there is one.
    pub prefix: Option<Prefix6>,
    /// Why it is not served, if it is not.
    pub problem: Option<String>,
}
