//! A change of some subnets that leaves them where they are: nearly every change, and all else can stay.

use super::keys::Fields;
use super::networks::NETWORK_NAME;
use super::{Overlay, Row, are};
use crate::json::{Diagnostics, Value};
use crate::{Exchanged, Exchanging, Instead, Written, exchanged};

/// How many subnets are looked at one by one.
const MOST: usize = 100;
/// By what a subnet is found, and where.
const PLACE: &[&str] = &["id", "subnet", NETWORK_NAME];

impl Overlay<'_> {
    /// What [`Overlay::over`] makes of what is written, and what that means, without reading all of it: `config` is what was
    /// written. Nothing where that takes more than to look at a few subnets, or something is wrong with them.
    pub fn exchanged<C: Exchanging>(&self, written: &Written, config: &C) -> Option<Exchanged<C>> {
        let (former, now) = (self.former, self.now);
        let are_others = [
            (&former.globals, &now.globals),
            (&former.definitions, &now.definitions),
            (&former.options, &now.options),
            (&former.classes, &now.classes),
            (&former.networks, &now.networks),
        ];
        if !are_others.iter().all(|(former, now)| are(former, now))
            || former.subnets.len() != now.subnets.len()
        {
            return None;
        }
        let pairs = former.subnets.iter().zip(&now.subnets);
        let changed: Vec<_> = pairs.filter(|(former, now)| !former.is(now)).take(MOST + 1).collect();
        if changed.is_empty()
            || changed.len() > MOST
            || !changed.iter().all(|(former, now)| stays(former, now))
        {
            return None;
        }
        let mut diagnostics = Diagnostics::new();
        let value =
            |(_, now): &(&Row<'_>, &Row<'_>)| Some(self.value(now, &mut diagnostics)?.without(NETWORK_NAME));
        let subnets: Vec<Value> = changed.iter().map(value).collect::<Option<_>>()?;
        let instead = changed
            .iter()
            .zip(&subnets)
            .map(|((_, now), subnet)| Instead { network: now.map.text(NETWORK_NAME), subnet });
        exchanged(written, config, &instead.collect::<Vec<_>>())
    }
}

/// Whether it is another row of the same subnet, which stays where it is.
fn stays(former: &Row<'_>, now: &Row<'_>) -> bool {
    former.number == now.number
        && PLACE.iter().all(|keyword| former.map.get(*keyword) == now.map.get(*keyword))
}
