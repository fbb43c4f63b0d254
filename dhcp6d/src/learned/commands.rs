//! `learned-prefix-set`, `learned-prefix-del`, `learned-prefix-list`: how a client of DHCPv6, whichever it is, hands in what
//! was delegated to it.

use std::time::Duration;

use kotare_config::v6::{Follower, Prefix6};
use kotare_control::{Access, Argument, ArgumentType, Command, OURS, Request, Response, ResultCode, now};
use kotare_model::Lease6;
use kotare_server::{Daemon, Store};
use serde_json::{Value, json};

use super::book::{MOST, Told};
use super::upkeep::follow;
use crate::{Dhcp6, Network6};

type Daemon6<N, S> = Daemon<Dhcp6<N, S>>;

/// Long enough to be for ever.
const FOR_EVER: u64 = u32::MAX as u64;
/// The longest name of an interface (`IFNAMSIZ`).
const INTERFACE_NAME: usize = 15;

const INTERFACE: Argument =
    Argument::own("interface", &ArgumentType::String, "The `interface` that subnets name in `prefix-from`.")
        .required();

/// Of `learned-prefix-set`.
const TOLD: &[Argument] = &[
    INTERFACE,
    Argument::own("prefix", &ArgumentType::String, "The prefix, with its length.").required(),
    Argument::own(
        "valid-lifetime",
        &ArgumentType::Integer,
        "How many seconds it is good for; without it until another one is told.",
    ),
];

/// `learned-prefix-set`.
pub(crate) const fn set<N: Network6, S: Store<Lease6>>() -> Command<Daemon6<N, S>> {
    Command {
        name: "learned-prefix-set",
        access: Access::Write,
        exclusive: true,
        since: OURS,
        help: "Tells the prefix that was delegated to this machine on an interface; subnets that follow it are served \
               from there at once.",
        args: TOLD,
        run: |daemon, request| {
            Box::pin(async move { tell(daemon, &request).await.unwrap_or_else(Response::error) })
        },
    }
}

/// `learned-prefix-del`.
pub(crate) const fn del<N: Network6, S: Store<Lease6>>() -> Command<Daemon6<N, S>> {
    Command {
        name: "learned-prefix-del",
        access: Access::Write,
        exclusive: true,
        since: OURS,
        help: "Takes back what `learned-prefix-set` told of an interface; what the kernel shows there counts again.",
        args: const { &[INTERFACE] },
        run: |daemon, request| {
            Box::pin(async move { take_back(daemon, &request).await.unwrap_or_else(Response::error) })
        },
    }
}

/// `learned-prefix-list`.
pub(crate) const fn list<N: Network6, S: Store<Lease6>>() -> Command<Daemon6<N, S>> {
    Command {
        name: "learned-prefix-list",
        access: Access::Read,
        exclusive: false,
        since: OURS,
        help: "Returns the prefixes that subnets follow, where those are, and what was told by `learned-prefix-set`.",
        args: &[],
        run: |daemon, _| now(listed(daemon)),
    }
}

async fn tell<N: Network6, S: Store<Lease6>>(
    daemon: &Daemon6<N, S>,
    request: &Request,
) -> Result<Response, String> {
    let interface = interface(request)?;
    let text = text(request, "prefix")?;
    let prefix: Prefix6 = text.parse().map_err(|error| format!("'prefix': '{text}' {error}"))?;
    if !(1..=128).contains(&prefix.prefix_len()) {
        return Err(format!("'prefix': '{text}' is all addresses"));
    }
    let lifetime = match request.argument("valid-lifetime") {
        None => FOR_EVER,
        Some(value) => value
            .as_u64()
            .filter(|seconds| (1..=FOR_EVER).contains(seconds))
            .ok_or_else(|| format!("'valid-lifetime' must be a number of seconds from 1 to {FOR_EVER}"))?,
    };
    // As everywhere in DHCPv6 (RFC 9915 §7.7).
    let ends = (lifetime != FOR_EVER).then(|| Duration::from_secs(lifetime));
    let until = ends.map(|ends| daemon.surroundings().clock.moment() + ends);
    if !daemon.generation().modules().learned().tell(interface, Told { prefix, until }) {
        return Err(format!("the prefixes of {MOST} interfaces are told already"));
    }
    follow(daemon).await?;
    let generation = daemon.generation();
    let followers = &generation.config().followers;
    let followers: Vec<_> = followers.iter().filter(|it| *it.source.interface == *interface).collect();
    let problems: Vec<_> = followers.iter().filter_map(|it| it.problem.as_deref()).collect();
    match (followers.len(), problems.len()) {
        (0, _) => {
            Ok(Response::success(format!("No subnet follows a prefix on '{interface}'; it is kept in mind.")))
        }
        (_, 0) => Ok(Response::success(format!("Subnets follow the prefix {prefix}."))),
        _ => Err(problems.join("; ")),
    }
}

async fn take_back<N: Network6, S: Store<Lease6>>(
    daemon: &Daemon6<N, S>,
    request: &Request,
) -> Result<Response, String> {
    let interface = interface(request)?;
    let now = daemon.surroundings().clock.moment();
    let Some(prefix) = daemon.generation().modules().learned().take_back(interface, now) else {
        let text = format!("No prefix was told of '{interface}'.");
        return Ok(Response::failed(ResultCode::Empty, text));
    };
    follow(daemon).await?;
    Ok(Response::success(format!("The prefix {prefix} is not followed any more.")))
}

fn listed<N: Network6, S: Store<Lease6>>(daemon: &Daemon6<N, S>) -> Response {
    let generation = daemon.generation();
    let now = daemon.surroundings().clock.moment();
    let told = generation.modules().learned().told(now).into_iter().map(|(interface, told)| {
        let mut shown = json!({"interface": interface, "prefix": told.prefix.to_string()});
        if let Some(until) = told.until {
            shown["valid-lifetime"] = until.since(now).as_secs().into();
        }
        shown
    });
    let config = generation.config();
    let followers = config.followers.iter().map(|follower| {
        let Follower { subnet, source, prefix, problem } = follower;
        let mut shown = json!({"id": subnet.0, "interface": source.interface});
        let mut put = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                shown[key] = value.into();
            }
        };
        put("prefix", prefix.map(|prefix| prefix.to_string()));
        put("subnet", config.subnet(*subnet).map(|subnet| subnet.prefix.to_string()));
        put("problem", problem.clone());
        shown
    });
    Response::data(json!({
        "learned-prefixes": told.collect::<Vec<_>>(),
        "subnets": followers.collect::<Vec<_>>(),
    }))
}

fn text<'a>(request: &'a Request, name: &str) -> Result<&'a str, String> {
    request.argument(name).and_then(Value::as_str).ok_or_else(|| format!("'{name}' is missing or no string"))
}

fn interface(request: &Request) -> Result<&str, String> {
    let name = text(request, INTERFACE.name)?;
    match name.is_empty() || name.len() > INTERFACE_NAME {
        true => Err("'interface' is no name of an interface".to_owned()),
        false => Ok(name),
    }
}
