//! Commands about the queues of free leases that servers share (`sflq-pool4-…`, `sflq-pool6-…`; manual, "Commands for Managing SFLQ
//! Pools").
//!
//! Such queues stand in a database that several servers keep their leases in. A memfile is one server's alone and has none,
//! so that none of these commands can be done with it; as in Kea it is said with what.

use std::fmt::Display;
use std::net::IpAddr;

use kotare_control::{Request, Response, ResultCode};
use kotare_model::{LeaseType, SubnetId, Timestamp};
use kotare_store::{Queue, QueueChange};
use serde_json::{Value as Json, json};

use super::family::Commanded;
use super::find::parameters;
use super::scene::{Done, Scene};
use crate::arguments::{Arguments, Refused};

/// What a command may be given, by name; those that stand first must be there.
struct Keywords {
    required: &'static [(&'static str, Kind)],
    others: &'static [(&'static str, Kind)],
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Integer,
    Truth,
}

const RANGE: &[(&str, Kind)] = &[("start-address", Kind::Text), ("end-address", Kind::Text)];

/// `sflq-pool4-rebuild`, `sflq-pool6-rebuild`.
pub(super) fn rebuild<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    of_range::<L>(request, &[])
        .and_then(|(first, last)| {
            let all = queues(scene, "Get(IOAddress,IOAddress)")?;
            let Some(queue) = all.iter().find(|it| (it.pool.first, it.pool.last) == (first, last)) else {
                return Err(Refused::empty("SFLQ pool does not exist."));
            };
            scene.change_queue(queue.pool, QueueChange::Rebuild)?;
            Ok(Response::success("SFLQ pool rebuilt."))
        })
        .inspect_err(|refused| (L::LOG.queue_rebuild_failed)(&parameters(request), &refused.text))
}

/// `sflq-pool4-get-all`, `sflq-pool6-get-all`.
pub(super) fn all<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    let unasked = match &request.arguments {
        None => Ok(()),
        Some(Json::Object(map)) if map.is_empty() => Ok(()),
        Some(_) => Err(Refused::error("command does not take any arguments")),
    };
    unasked
        .and_then(|()| Ok(listed(&queues(scene, "GetAll()")?)))
        .inspect_err(|refused| (L::LOG.queues_failed)(&parameters(request), &refused.text))
}

/// `sflq-pool4-get-by-subnet`, `sflq-pool6-get-by-subnet`.
pub(super) fn of_subnet<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    let subnet = || -> Result<SubnetId, Refused> {
        let keywords = Keywords { required: &[("subnet-id", Kind::Integer)], others: &[] };
        let arguments = checked(request, &keywords)?;
        let number = arguments.integer_if_any("subnet-id")?.unwrap_or_default();
        let id = u32::try_from(number).ok().filter(|id| (1..u32::MAX).contains(id));
        id.map(SubnetId).ok_or_else(|| {
            let most = u32::MAX;
            format!("'subnet-id' {number} is invalid, must be greater than zero and less than {most}").into()
        })
    };
    subnet()
        .and_then(|subnet| {
            let mut queues = queues(scene, "Get(SubnetID)")?;
            queues.retain(|queue| queue.pool.subnet == subnet);
            Ok(listed(&queues))
        })
        .inspect_err(|refused| (L::LOG.queues_of_subnet_failed)(&parameters(request), &refused.text))
}

/// `sflq-pool4-get-by-range`, `sflq-pool6-get-by-range`.
pub(super) fn in_range<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    of_range::<L>(request, &[])
        .and_then(|range| Ok(listed(&overlapping(queues(scene, "Get(IOAddress,IOAddress)")?, range))))
        .inspect_err(|refused| (L::LOG.queues_in_range_failed)(&parameters(request), &refused.text))
}

/// `sflq-pool4-del`, `sflq-pool6-del`.
pub(super) fn delete<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    of_range::<L>(request, &[("force", Kind::Truth)])
        .and_then(|range| {
            let all = overlapping(queues(scene, "Del()")?, range);
            let force = Arguments::of(request, "")?.truth("force")?;
            if !force && all.len() > 1 {
                return Err(Refused::error(format!("Delete would affect {} overlapping pools", all.len())));
            }
            let Some(queue) = all.iter().find(|it| (it.pool.first, it.pool.last) == range) else {
                return Err(Refused::empty("SFLQ pool does not exist"));
            };
            scene.change_queue(queue.pool, QueueChange::Remove)?;
            Ok(Response::success("SFLQ pool deleted"))
        })
        .inspect_err(|refused| (L::LOG.queue_delete_failed)(&parameters(request), &refused.text))
}

/// The queues there are. Where leases are in a memfile there are none: then Kea names what it has not.
fn queues<L: Commanded>(scene: &Scene<L>, what: &str) -> Result<Vec<Queue<L::Address>>, Refused> {
    let missing = || format!("LeaseMgr::sflqPool{}{what} called", L::WORDS.number).into();
    scene.queues()?.ok_or_else(missing)
}

/// Those of pools that have something of a range.
fn overlapping<A: Ord + Copy>(mut queues: Vec<Queue<A>>, (first, last): (A, A)) -> Vec<Queue<A>> {
    queues.retain(|queue| queue.pool.first <= last && first <= queue.pool.last);
    queues
}

/// A list of queues.
fn listed<A: Display + Into<IpAddr> + Copy>(queues: &[Queue<A>]) -> Response {
    let shown = |queue: &Queue<A>| {
        let Queue { pool, created, modified, free } = queue;
        let lease_type = match (pool.first.into(), pool.lease_type) {
            (IpAddr::V4(_), _) => "V4",
            (_, LeaseType::Na) => "IA_NA",
            (_, LeaseType::Ta) => "IA_TA",
            (_, LeaseType::Pd) => "IA_PD",
        };
        json!({
            "start-address": pool.first.to_string(),
            "end-address": pool.last.to_string(),
            "subnet-id": pool.subnet.0,
            "lease-type": lease_type,
            "delegated-len": pool.delegated_len,
            "created-ts": moment(*created),
            "modified-ts": moment(*modified),
            "free-leases": free,
        })
    };
    let pools: Vec<Json> = queues.iter().map(shown).collect();
    let text = format!("{} pool(s) found.", pools.len());
    let response = match pools.is_empty() {
        true => Response::failed(ResultCode::Empty, text),
        false => Response::success(text),
    };
    response.with(json!({"pools": pools}))
}

/// A time as Kea writes it here, of UTC.
fn moment(at: Timestamp) -> String {
    let time = jiff::Timestamp::from_second(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    time.strftime("%Y-%m-%d %H:%M:%S.000000").to_string()
}

/// The first and the last address in the arguments.
fn of_range<L: Commanded>(
    request: &Request,
    others: &'static [(&'static str, Kind)],
) -> Result<(L::Address, L::Address), Refused> {
    let arguments = checked(request, &Keywords { required: RANGE, others })?;
    let [start, end] = [arguments.ip_address("start-address")?, arguments.ip_address("end-address")?];
    match (L::key(start), L::key(end)) {
        (Some(start), Some(end)) if start <= end => Ok((start, end)),
        _ => Err(format!(
            "invalid V{0} range - start_address {start}, end_address {end}, must be V{0} addresses where start_address \
             <= end_address",
            L::WORDS.number
        )
        .into()),
    }
}

/// The arguments, if they are what the keywords say.
fn checked<'a>(request: &'a Request, keywords: &Keywords) -> Result<Arguments<'a>, Refused> {
    let none = "no parameters specified for the command";
    let Some(Json::Object(map)) = &request.arguments else { return Err(none.into()) };
    if let Some((name, _)) = keywords.required.iter().find(|(name, _)| !map.contains_key(*name)) {
        return Err(format!("missing '{name}' parameter").into());
    }
    let mut all: Vec<_> = map.iter().collect();
    all.sort_by_key(|(name, _)| *name);
    let mut spurious = None;
    for (name, value) in all {
        let known = keywords.required.iter().chain(keywords.others).find(|(known, _)| known == name);
        let wanted = match known {
            None => {
                spurious = spurious.or(Some(name));
                continue;
            }
            Some((_, Kind::Text)) if !value.is_string() => "a string",
            Some((_, Kind::Integer)) if !value.is_i64() => "an integer",
            Some((_, Kind::Truth)) if !value.is_boolean() => "a boolean",
            Some(_) => continue,
        };
        return Err(format!("'{name}' parameter is not {wanted}").into());
    }
    match spurious {
        None => Ok(Arguments::of(request, none)?),
        Some(name) => Err(format!("spurious '{name}' parameter").into()),
    }
}
