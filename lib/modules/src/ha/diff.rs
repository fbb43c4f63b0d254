//! `ha-diff`: the leases in which this server and another one differ. It changes nothing.

use std::collections::BTreeMap;
use std::net::IpAddr;

use kotare_ha::{Answer, SubnetFilter};
use kotare_model::{SubnetId, Timestamp};
use serde_json::{Map, Value as Json, json};

use super::driver::{Around, Driver, Way};

/// So many differences are told if nobody says how many.
const TOLD: u64 = 100;
/// And so many at most.
const MOST: u64 = 10_000;

/// Leases of one server in an order: by address and, of DHCPv6, type.
type Leases = BTreeMap<(IpAddr, String), Map<String, Json>>;

/// What was compared.
#[derive(Debug, Default)]
struct Compared {
    /// How many leases there are at either of both.
    leases: u64,
    /// How many of them are not the same at both.
    differing: u64,
    /// The first of these.
    told: Vec<Json>,
}

impl<W: Way, A: Around> Driver<W, A> {
    /// `ha-diff` with these `arguments`.
    ///
    /// # Errors
    /// What is wrong with the arguments.
    pub(super) async fn differences(&self, arguments: Option<&Json>) -> Result<Answer, String> {
        let argument = |name: &str| arguments.and_then(|arguments| arguments.get(name));
        let other = match argument("server-name") {
            Some(Json::String(name)) => Some(&**name),
            Some(_) => return Err("'server-name' must be a string in the 'ha-diff' command".into()),
            None => self.relationship.partner().map(|partner| &*partner.name),
        };
        let limit = match argument("limit").map(Json::as_u64) {
            None => TOLD,
            Some(Some(limit)) if limit <= MOST => limit,
            Some(_) => return Err(format!("'limit' must be a number up to {MOST} in the 'ha-diff' command")),
        };
        let other = other.ok_or("no failover partner server found; say another one as 'server-name'")?;
        let way = self.ways.get(other).ok_or_else(|| match other == self.relationship.this_server {
            true => format!("'{other}' points to local server but should point to a partner"),
            false => format!("no configuration specified for server {other}"),
        })?;
        Ok(match self.compare(way, limit).await {
            Ok(Compared { leases, differing, told }) => {
                let text = format!("{differing} of {leases} leases differ from those of {other}.");
                let arguments = json!({"compared": leases, "count": differing, "leases": told});
                Answer { arguments: Some(arguments), ..Answer::done(&text) }
            }
            Err(reason) => Answer::error(format!("leases of {other} cannot be compared: {reason}")),
        })
    }

    async fn compare(&self, way: &W, limit: u64) -> Result<Compared, String> {
        let mut compared = Compared::default();
        let mut after = None;
        loop {
            let (mut here, mut there, until) = self.both(way, after).await?;
            let mut keys = differing(&here, &there);
            let all = |here: &Leases, there: &Leases| {
                here.len() + there.keys().filter(|key| !here.contains_key(key)).count()
            };
            compared.leases += all(&here, &there) as u64;
            // A lease that is given just now is at one of them first. Only what is so twice is told.
            if !keys.is_empty() {
                let (again_here, again_there, _) = self.both(way, after).await?;
                let again = differing(&again_here, &again_there);
                keys.retain(|key| again.contains(key));
                (here, there) = (again_here, again_there);
            }
            for key in keys {
                compared.differing += 1;
                if compared.differing <= limit {
                    let mut told = Map::from_iter([("ip-address".into(), key.0.to_string().into())]);
                    let sides = [("here", here.remove(&key)), ("there", there.remove(&key))];
                    for (side, lease) in sides {
                        told.extend(lease.map(|lease| (side.to_owned(), Json::Object(lease))));
                    }
                    compared.told.push(Json::Object(told));
                }
            }
            match until {
                Some(_) => after = until,
                None => return Ok(compared),
            }
        }
    }

    /// The leases that both have after an address, and up to which address these are all; `None` where none follow.
    async fn both(&self, way: &W, after: Option<IpAddr>) -> Result<(Leases, Leases, Option<IpAddr>), String> {
        let limit = self.relationship.sync_page_limit;
        let filter = self.around.filter(&self.relationship);
        let there = self.fetch(way, after).await?;
        let here = self.around.page(after, limit).await?;
        let mut until = None;
        for page in [&here, &there] {
            let mut last = after;
            for address in page.iter().map(address) {
                let address = address?;
                if last.is_some_and(|last| address < last) || Some(address) == after {
                    return Err(format!("{address} came after {}", last.unwrap_or(address)));
                }
                last = Some(address);
            }
            if page.len() >= limit as usize {
                until = until.min(last).or(last);
            }
        }
        let now = self.around.clock();
        let [here, there] = [here, there].map(|page| valid(page, until, &filter, now));
        Ok((here, there, until))
    }
}

/// The address of a lease of a page.
fn address(lease: &Json) -> Result<IpAddr, String> {
    let address = lease.get("ip-address").and_then(Json::as_str).and_then(|address| address.parse().ok());
    address.ok_or_else(|| format!("a lease has no address: {lease}"))
}

/// The leases of a page that are somebody's: what is over is not.
fn valid(page: Vec<Json>, until: Option<IpAddr>, filter: &SubnetFilter, now: Timestamp) -> Leases {
    let mut leases = Leases::new();
    for lease in page {
        let (Ok(address), Json::Object(mut lease)) = (address(&lease), lease) else { continue };
        let number = |name: &str| lease.get(name).and_then(Json::as_i64).unwrap_or_default();
        let subnet = SubnetId(u32::try_from(number("subnet-id")).unwrap_or_default());
        let is_over = match number("state") {
            0 => number("cltt").saturating_add(number("valid-lft")) < now.0,
            state => state > 1,
        };
        if is_over || until.is_some_and(|until| address > until) || !filter.takes(subnet) {
            continue;
        }
        // Which pool an address is of says the configuration; older versions do not tell.
        lease.remove("pool-id");
        let kind = lease.get("type").and_then(Json::as_str).unwrap_or_default().to_owned();
        leases.insert((address, kind), lease);
    }
    leases
}

/// Which leases are not the same on both sides, in their order.
fn differing(here: &Leases, there: &Leases) -> Vec<(IpAddr, String)> {
    let of_here = here.iter().filter(|(key, lease)| there.get(*key) != Some(lease));
    let of_there = there.iter().filter(|(key, _)| !here.contains_key(*key));
    let mut keys: Vec<_> = of_here.chain(of_there).map(|(key, _)| key.clone()).collect();
    keys.sort();
    keys
}
