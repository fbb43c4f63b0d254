//! Subnets that follow a prefix which a provider delegates to this machine (`prefix-from`), which Kea does not know:
//! docs/differences.md.
//!
//! What is known of such prefixes (`book`) comes from the kernel, where clients of DHCPv6 leave their traces, or from whoever
//! tells it by a command (`commands`). A configuration is put where they are before it is served from (`situate`), and a
//! task puts the one in effect elsewhere when they change (`upkeep`): as by a command that edits it, but what is written
//! stays as it is.

mod book;
pub(crate) mod commands;
#[cfg(test)]
mod tests;
mod upkeep;

use kotare_config::Candidate;
use kotare_config::v6::{Config6, Follower};
use kotare_model::Lease6;
use kotare_server::{Store, Surroundings};

pub(crate) use book::Learned;
pub(crate) use upkeep::run;

use crate::messages::{KOTARE_PREFIXES_NOT_READ, KOTARE_SUBNET_FOLLOWS, KOTARE_SUBNET_NOT_SERVED};
use crate::{Dhcp6, Network6};

/// Puts the subnets of a configuration that follow prefixes where these are now, those that are known to who serves
/// already in `learned`.
pub(crate) fn situate<N: Network6, S: Store<Lease6>>(
    candidate: &mut Candidate<Config6>,
    surroundings: &Surroundings<Dhcp6<N, S>>,
    learned: &Learned,
) {
    if candidate.config.followers.is_empty() {
        return;
    }
    match surroundings.network.held_prefixes() {
        Ok(held) => learned.see(held),
        Err(error) => KOTARE_PREFIXES_NOT_READ(error),
    }
    let now = surroundings.clock.moment();
    let situated = Config6::with_learned(&candidate.written, |source| learned.prefix(source, now));
    if let Some(situated) = situated {
        candidate.config = situated;
    }
}

/// Logs where subnets that follow a prefix are, or why they are not served, as far as that was otherwise in the `former`
/// configuration.
pub(crate) fn announce(config: &Config6, former: Option<&Config6>) {
    let before = |follower: &Follower| former?.followers.iter().find(|it| it.subnet == follower.subnet);
    for follower in config.followers.iter().filter(|follower| before(follower) != Some(follower)) {
        let (id, interface) = (follower.subnet, &follower.source.interface);
        match (&follower.problem, follower.prefix, config.subnet(id)) {
            (None, Some(prefix), Some(subnet)) => {
                KOTARE_SUBNET_FOLLOWS(id, prefix, interface, subnet.prefix);
            }
            (problem, ..) => KOTARE_SUBNET_NOT_SERVED(id, problem.as_deref().unwrap_or_default()),
        }
    }
}

/// What is not served of a configuration, a sentence for each.
pub(crate) fn unserved(config: &Config6) -> Vec<String> {
    let problem = |follower: &Follower| {
        Some(format!("the subnet with id {} waits: {}", follower.subnet, follower.problem.as_ref()?))
    };
    config.followers.iter().filter_map(problem).collect()
}
