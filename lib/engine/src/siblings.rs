//! The order in which the subnets of a link are looked at.

use kotare_config::common::SubnetAt;

/// A subnet and, of the `members` of its shared network, those that fit, beginning with it and going round by id.
pub(crate) fn going_round<'a>(
    members: &'a [SubnetAt],
    subnet: SubnetAt,
    fits: impl Fn(SubnetAt) -> bool + 'a,
) -> impl Iterator<Item = SubnetAt> + 'a {
    let at = members.iter().position(|&member| member == subnet).unwrap_or(0);
    let others = members[at..].iter().chain(&members[..at]).copied().filter(move |&member| member != subnet);
    std::iter::once(subnet).chain(others.filter(move |&member| fits(member)))
}
