//! What it means for clients and operators when a change takes effect, where that is not plain.

use super::{Change, ChangeKind, Step};
use crate::schema::Effect;

/// What applying `change` means, if there is something to say.
pub(super) fn of(change: &Change) -> Option<&'static str> {
    if let Some(param) = change.param() {
        match param.effect {
            Effect::NotYet | Effect::Beside => return Some("nothing: this version does not act on it"),
            Effect::Moot => return Some("nothing: it is done so anyway"),
            Effect::Built | Effect::KnownLibraries => {}
        }
    }
    let keywords: Vec<&str> = change.path.iter().filter_map(keyword).collect();
    let innermost = keywords.last().copied().unwrap_or_default();
    let is_item = matches!(change.path.last(), Some(Step::Item(_) | Step::At(_)));
    let items = ITEMS
        .iter()
        .filter(|_| is_item)
        .find(|(list, kind, _)| list.contains(&innermost) && *kind == change.kind);
    let inside = || WHEREVER.iter().find(|(parameters, _)| keywords.iter().any(|it| parameters.contains(it)));
    items.map(|(_, _, text)| *text).or_else(|| inside().map(|(_, text)| *text))
}

fn keyword(step: &Step) -> Option<&str> {
    match step {
        Step::Keyword(keyword) => Some(keyword),
        Step::Item(_) | Step::At(_) => None,
    }
}

const SUBNETS: &[&str] = &["subnet4", "subnet6"];
const POOLS: &[&str] = &["pools"];
const PD_POOLS: &[&str] = &["pd-pools"];

/// Of whole items of these lists.
const ITEMS: &[(&[&str], ChangeKind, &str)] = &[
    (SUBNETS, ChangeKind::Added, "clients there are served from then on"),
    (
        SUBNETS,
        ChangeKind::Removed,
        "clients there are not served any more; their leases stay until they expire",
    ),
    (POOLS, ChangeKind::Added, "its addresses are given from then on"),
    (
        POOLS,
        ChangeKind::Removed,
        "its addresses are not given or renewed any more, unless another pool has them",
    ),
    (PD_POOLS, ChangeKind::Added, "its prefixes are delegated from then on"),
    (
        PD_POOLS,
        ChangeKind::Removed,
        "its prefixes are not delegated or renewed any more, unless another pool has them",
    ),
    (
        &["reservations"],
        ChangeKind::Added,
        "the client gets it with its next message; who has a lease of the address keeps that until it is renewed",
    ),
    (&["reservations"], ChangeKind::Removed, "the client is served as any other from its next message on"),
];

/// Of whatever is at or below one of these keywords; the first that fits.
const WHEREVER: &[(&[&str], &str)] = &[
    (&["option-data"], "clients are told with the next reply that they get"),
    (&["lease-database"], "leases are kept where it says; those that are elsewhere are not taken along"),
    (&["control-sockets"], "the socket is opened, closed or opened anew; the others stay open"),
    (&["interfaces-config"], "sockets for packets are opened and closed to match; the others stay open"),
    (&["multi-threading"], "other threads take the sockets over, without a packet lost"),
    (&["hooks-libraries"], "modules are built anew; those that stay the same keep their state"),
    (&["loggers"], "the log goes by it from then on"),
    (
        &["dhcp-ddns"],
        "names of leases that are given, renewed or ended from then on are told to the DNS by it",
    ),
    (&["client-classes"], "messages that come from then on are classified by it"),
    (
        &[
            "valid-lifetime",
            "min-valid-lifetime",
            "max-valid-lifetime",
            "preferred-lifetime",
            "min-preferred-lifetime",
            "max-preferred-lifetime",
            "renew-timer",
            "rebind-timer",
            "t1-percent",
            "t2-percent",
            "calculate-tee-times",
        ],
        "holds for leases that are given or renewed from then on",
    ),
];
