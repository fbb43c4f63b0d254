//! `ddns-names-get-page`: what leases want of the DNS, for who compares zones with it.

use std::net::IpAddr;

use kotare_control::{Access, Argument, ArgumentType, Command, OURS, Request, Response};
use kotare_ddns::Change;
use kotare_engine::AnyLeases;
use kotare_engine::requests::request;
use kotare_model::LeaseState;
use kotare_modules::dns_updates::Updated;
use kotare_store::{Lease, PageFilter};
use serde_json::{Value as Json, json};

use crate::Daemon;
use crate::family::{Family, Flow};

/// How many leases are looked at where the request does not say, and at most.
const LIMIT: u64 = 1000;
const MOST: u64 = 10_000;

const FROM: Argument = Argument::own(
    "from",
    &ArgumentType::String,
    "The `next` of the page before; without it, or `start`, the first page.",
);
const LIMITED: Argument = Argument::own(
    "limit",
    &ArgumentType::Integer,
    "How many leases to look at, 1000 without it and 10000 at most.",
);

/// The commands about names.
pub(super) const fn table<F: Family>() -> [Command<Daemon<F>>; 1] {
    [Command {
        name: "ddns-names-get-page",
        access: Access::Read,
        exclusive: false,
        since: OURS,
        help: "Returns page by page what the leases want of the DNS, as name change requests, and with the first page the subnets.",
        args: &[FROM, LIMITED],
        run: |daemon, request| {
            Box::pin(async move { page(daemon, &request).await.unwrap_or_else(Response::error) })
        },
    }]
}

async fn page<F: Family>(daemon: &Daemon<F>, asked: &Request) -> Result<Response, String> {
    asked.check_map(|| Request::NO_MAP.to_owned())?;
    let from = from::<F>(asked)?;
    let limit = match asked.argument(LIMITED.name).map(Json::as_u64) {
        None => LIMIT,
        Some(Some(limit @ 1..=MOST)) => limit,
        Some(_) => return Err(format!("'limit' parameter expected to be a number from 1 to {MOST}.")),
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let generation = daemon.generation();
    if generation.process().dns_updates.is_none() {
        return Err("names are not told to the DNS: 'enable-updates' of 'dhcp-ddns' is false".to_owned());
    }
    let leases = AnyLeases::page(generation.leases(), from, limit, PageFilter::default()).await;
    let leases = leases.map_err(|error| format!("the leases cannot be read: {error}"))?;
    // What is kept for a client or not reclaimed yet is still in the DNS, and comes back without being asked for.
    let is_there =
        |lease: &&F::Lease| !matches!(lease.state(), LeaseState::Declined | LeaseState::ExpiredReclaimed);
    let wanted = leases.iter().filter(is_there);
    let wanted = wanted.filter_map(|lease| request(&**generation.config(), Change::Add, lease)?.ok());
    // What was made of values is JSON.
    let wanted: Vec<Json> =
        wanted.filter_map(|request| serde_json::from_str(&request.to_json()).ok()).collect();
    let mut answer = json!({"count": wanted.len(), "requests": wanted});
    if let Some(last) = leases.last().filter(|_| leases.len() == limit) {
        answer["next"] = last.address().to_string().into();
    }
    if from.is_none() {
        let subnets = F::named_subnets(generation.config());
        answer["subnets"] = subnets.into_iter().map(|subnet| Json::from(subnet.prefix)).collect();
    }
    Ok(Response::data(answer))
}

/// The address of the last lease of the page before, if there was one.
fn from<F: Family>(asked: &Request) -> Result<Option<<<F as Flow>::Lease as Lease>::Address>, String> {
    let Some(written) = asked.argument(FROM.name) else { return Ok(None) };
    let wrong = || format!("'from' parameter expected to be 'start' or an address of {}.", F::PROTOCOL);
    match written.as_str().ok_or_else(wrong)? {
        "start" => Ok(None),
        text => {
            let address: IpAddr = text.parse().map_err(|_| wrong())?;
            <F::Lease as Updated>::key(address).map(Some).ok_or_else(wrong)
        }
    }
}
