//! What is to be asked for so that zones agree with leases: a pure function.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::contents::{AtName, Copies};
use super::ranges::Ranges;
use crate::dhcid::Dhcid;
use crate::name::Name;
use crate::request::{Change, ChangeRequest, ConflictResolution};
use crate::zones::Zones;

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repair {
    /// Records that nobody wants any more, to be removed before anything is added.
    pub stale: Vec<ChangeRequest>,
    /// What leases want and zones do not have.
    pub missing: Vec<ChangeRequest>,
    /// What leases want and cannot have: the name is somebody else's, as the way to resolve conflicts has it.
    pub conflicts: Vec<ChangeRequest>,
}

/// Compares zones with what leases want, which are requests to add.
///
/// A record is stale if its address is in `ranges`, no lease wants it there, and a DHCID record beside it says that a client
/// of DHCP, and only one, has put it there. It is removed as at the end of a lease: if the DHCID record is still there. Zones that are not
/// among `copies` are not touched.
#[must_use]
pub fn repair(zones: &Zones, copies: &Copies, wanted: &[ChangeRequest], ranges: &Ranges) -> Repair {
    let mut comparison =
        Comparison { zones, copies, ranges, names: BTreeMap::new(), repair: Repair::default() };
    comparison.find_stale(wanted);
    comparison.find_missing(wanted);
    comparison.repair
}

/// A name in canonical form.
type Key = Vec<u8>;

struct Comparison<'a> {
    zones: &'a Zones,
    copies: &'a Copies,
    ranges: &'a Ranges,
    /// What is going to be at names that are changed, when that is done.
    names: BTreeMap<Key, AtName>,
    repair: Repair,
}

impl Comparison<'_> {
    fn find_stale(&mut self, wanted: &[ChangeRequest]) {
        let forward: BTreeSet<(Key, IpAddr)> = wanted
            .iter()
            .filter(|request| request.forward)
            .map(|request| (request.fqdn.canonical(), request.address))
            .collect();
        let reverse: BTreeSet<IpAddr> =
            wanted.iter().filter(|request| request.reverse).map(|request| request.address).collect();
        let mut found: BTreeMap<(Key, IpAddr), ChangeRequest> = BTreeMap::new();
        for zone in self.zones.all_forward() {
            for (name, there) in self.copies.forward(zone).into_iter().flat_map(|copy| copy.iter()) {
                let [dhcid] = &there.dhcids[..] else { continue };
                // What is in a zone below is the other one's.
                if !self.zones.forward(&name).is_some_and(|its| its.name == zone.name) {
                    continue;
                }
                for address in &there.addresses {
                    let at = (name.canonical(), *address);
                    if self.ranges.contains(*address) && !forward.contains(&at) {
                        found.insert(at, removal(&name, *address, dhcid, true));
                    }
                }
            }
        }
        for zone in self.zones.all_reverse() {
            for (name, there) in self.copies.reverse(zone).into_iter().flat_map(|copy| copy.iter()) {
                let Some(address) = name.reversed() else { continue };
                // With the name of an address all that is there goes.
                let ([pointer], [dhcid], false) = (&there.pointers[..], &there.dhcids[..], there.others)
                else {
                    continue;
                };
                let is_here = self.zones.reverse(&name).is_some_and(|its| its.name == zone.name);
                if !is_here || reverse.contains(&address) || !self.ranges.contains(address) {
                    continue;
                }
                let alone = || removal(pointer, address, dhcid, false);
                found.entry((pointer.canonical(), address)).or_insert_with(alone).reverse = true;
            }
        }
        for request in found.into_values() {
            if request.forward {
                let there = self.at(&request.fqdn);
                there.addresses.retain(|address| *address != request.address);
                if there.addresses.is_empty() {
                    *there = AtName::default();
                }
            }
            self.repair.stale.push(request);
        }
    }

    fn find_missing(&mut self, wanted: &[ChangeRequest]) {
        // By names; of those for one, the addresses of one family follow each other, in the order in which they came.
        let mut by_name: BTreeMap<(Key, bool), Vec<&ChangeRequest>> = BTreeMap::new();
        let mut addresses = BTreeSet::new();
        for request in wanted {
            // Servers that share leases say the same.
            if addresses.insert(request.address) {
                let key = (request.fqdn.canonical(), request.address.is_ipv6());
                by_name.entry(key).or_default().push(request);
            }
        }
        for claims in by_name.into_values() {
            self.judge(&claims);
        }
    }

    /// Finds what is missing of what leases want of one name for addresses of one family.
    fn judge(&mut self, claims: &[&ChangeRequest]) {
        let forward: Vec<&ChangeRequest> = claims
            .iter()
            .copied()
            .filter(|claim| claim.forward && self.forward_of(&claim.fqdn).is_some())
            .collect();
        let there = forward.first().map(|claim| self.at(&claim.fqdn).clone()).unwrap_or_default();
        let is_there = forward.iter().any(|claim| has(&there, claim));
        // A name has one address of a family at a time: who is first has it.
        let winner =
            if is_there { None } else { forward.iter().copied().find(|claim| may_have(&there, claim)) };
        let owner = match winner {
            Some(winner) => {
                let at = self.at(&winner.fqdn);
                at.addresses.retain(|address| address.is_ipv4() != winner.address.is_ipv4());
                at.addresses.push(winner.address);
                at.dhcids = match winner.conflict_resolution {
                    ConflictResolution::NoCheckWithoutDhcid => std::mem::take(&mut at.dhcids),
                    _ => vec![winner.dhcid.clone()],
                };
                at.clone()
            }
            None => there,
        };
        for claim in claims {
            let claims_name = forward.iter().any(|other| std::ptr::eq(*other, *claim));
            if claims_name && !may_have(&owner, claim) {
                self.repair.conflicts.push((*claim).clone());
                continue;
            }
            let is_winner = winner.is_some_and(|winner| std::ptr::eq(winner, *claim));
            let reverse = claim.reverse && self.lacks_pointer(claim);
            if is_winner || reverse {
                self.repair.missing.push(ChangeRequest { forward: is_winner, reverse, ..(*claim).clone() });
            }
        }
    }

    /// Whether the address of a request does not have the name that it should have, and no other.
    fn lacks_pointer(&self, request: &ChangeRequest) -> bool {
        let name = Name::reverse(request.address);
        let copy = self.zones.reverse(&name).and_then(|zone| self.copies.reverse(zone));
        copy.is_some_and(|copy| {
            let there = copy.at(&name);
            there.pointers != [request.fqdn.clone()] || !is_marked(&there, request)
        })
    }

    /// What is at a name when what was found so far is done.
    fn at(&mut self, name: &Name) -> &mut AtName {
        let there = self.forward_of(name).unwrap_or_default();
        self.names.entry(name.canonical()).or_insert(there)
    }

    /// What is at a name now, if its zone could be copied.
    fn forward_of(&self, name: &Name) -> Option<AtName> {
        Some(self.copies.forward(self.zones.forward(name)?)?.at(name))
    }
}

/// Whether a name has the address that a request wants, whoever else wants it.
fn has(there: &AtName, request: &ChangeRequest) -> bool {
    let is_marked = match request.conflict_resolution {
        ConflictResolution::CheckWithDhcid => is_marked(there, request),
        // Whoever came last is who it is of.
        ConflictResolution::NoCheckWithDhcid | ConflictResolution::CheckExistsWithDhcid => {
            !there.dhcids.is_empty()
        }
        ConflictResolution::NoCheckWithoutDhcid => true,
    };
    there.addresses.contains(&request.address) && is_marked
}

/// Whether who is asked to add an address to a name would do so.
fn may_have(there: &AtName, request: &ChangeRequest) -> bool {
    match request.conflict_resolution {
        ConflictResolution::CheckWithDhcid => !there.is_in_use() || is_marked(there, request),
        ConflictResolution::CheckExistsWithDhcid => !there.is_in_use() || !there.dhcids.is_empty(),
        ConflictResolution::NoCheckWithDhcid | ConflictResolution::NoCheckWithoutDhcid => true,
    }
}

/// Whether the client of a request is who the records are of, where there is to be such a record.
fn is_marked(there: &AtName, request: &ChangeRequest) -> bool {
    request.conflict_resolution == ConflictResolution::NoCheckWithoutDhcid
        || there.dhcids == [request.dhcid.clone()]
}

/// A request that takes an address from a name of this client.
fn removal(name: &Name, address: IpAddr, dhcid: &Dhcid, forward: bool) -> ChangeRequest {
    ChangeRequest {
        change: Change::Remove,
        forward,
        reverse: false,
        fqdn: name.clone(),
        address,
        dhcid: dhcid.clone(),
        lease_length: 0,
        conflict_resolution: ConflictResolution::CheckWithDhcid,
    }
}
