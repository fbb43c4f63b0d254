//! Whether the partner is configured alike: what of the configuration both go by, and the comparison with the partner's.
//!
//! With each answer to a heartbeat a server says what stands for its terms, a hash. Where that is another than the own one,
//! the partner is asked for the terms themselves, once for each two that differ. Kea says none and is asked for none.

use std::fmt::Display;
use std::sync::Arc;

use kotare_config::schema::config_hash;
use kotare_config::v4::{Config4, Guard, LifetimeRange, Subnet4};
use kotare_config::v6::{Config6, Subnet6};
use kotare_expr::ClassId;
use kotare_ha::{Differing, Relationship, Term};
use kotare_model::SubnetId;
use kotare_options::{DataType, Definitions};
use parking_lot::Mutex;
use serde_json::{Map, Value as Json, json};

use super::driver::{Around, Driver, Way};
use super::measure::Measure;
use super::messages::*;

/// So many differences are told in a line of the log.
const TOLD: usize = 8;

/// What partners go by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terms {
    /// Maps of maps, by names.
    pub(super) json: Json,
    /// What stands for them.
    pub(super) hash: String,
}

impl Terms {
    /// Those of a relationship, with what is said of subnets and options.
    #[must_use]
    pub fn new(relationship: &Relationship, mut served: Map<String, Json>) -> Self {
        served.insert("high-availability".into(), relationship.terms());
        let json = Json::Object(served);
        let hash = config_hash(&json);
        Self { json, hash }
    }
}

/// What came of the last comparison.
#[derive(Debug, Default)]
pub(super) struct ComparedTerms(Mutex<Compared>);

#[derive(Debug, Default)]
struct Compared {
    /// What stood for the terms that were compared: those here, those of the partner.
    of: [String; 2],
    differing: Differing,
}

impl ComparedTerms {
    /// What of its configuration differs from the partner's; nothing if nothing does.
    pub(super) fn shown(&self) -> Vec<Json> {
        let shown = |Term { what, here, there }: &Term| {
            let mut shown = Map::from_iter([("what".to_owned(), what.join(" > ").into())]);
            for (side, value) in [("here", here), ("there", there)] {
                shown.extend(value.clone().map(|value| (side.to_owned(), value)));
            }
            Json::Object(shown)
        };
        self.0.lock().differing.terms.iter().map(shown).collect()
    }
}

impl<W: Way, A: Around> Driver<W, A> {
    /// The partner goes by terms that this stands for.
    pub(super) async fn compare_terms(&self, theirs: &str) {
        let (name, label) = (&self.relationship.this_server, self.label());
        let ours = self.around.terms().await;
        let of = [ours.hash.clone(), theirs.to_owned()];
        if self.terms.0.lock().of == of {
            return;
        }
        let mut differing = Differing::default();
        if ours.hash != theirs {
            let answer = self.ask(&self.asker.terms(), Some(Measure::OF_TERMS)).await;
            self.failures.note(label, "ha-terms-get", answer.as_ref().err(), |why| {
                KOTARE_HA_TERMS_NOT_COMPARED(name, label, why);
            });
            // It is asked again after the next heartbeat.
            let Ok(answer) = answer else { return };
            differing = Differing::between(&ours.json, &answer.unwrap_or_default());
        }
        let mut compared = self.terms.0.lock();
        match (differing.count, compared.differing.count) {
            (0, 0) => {}
            (0, _) => KOTARE_HA_TERMS_AGREE(name, label),
            _ if differing == compared.differing => {}
            (many, _) => KOTARE_HA_TERMS_DIFFER(name, label, many, told(&differing)),
        }
        *compared = Compared { of, differing };
    }
}

fn told(differing: &Differing) -> String {
    let told: Vec<_> = differing.terms.iter().take(TOLD).map(Term::to_string).collect();
    let more = if differing.count > TOLD { "; …" } else { "" };
    format!("{}{more}", told.join("; "))
}

/// Of DHCPv4.
pub(super) fn of4(config: &Config4, takes: &dyn Fn(SubnetId) -> bool) -> Map<String, Json> {
    let name = |class| config.classes.get(class).map(|class| class.name.to_string());
    let one = |subnet: &Subnet4| {
        let pools = subnet.pools.iter().map(|pool| (pool.range(), classes(&pool.guard, &name)));
        let params = &subnet.params;
        json!({
            "allocator": params.allocator.as_str(),
            "client-classes": classes(&subnet.guard, &name),
            "match-client-id": params.match_client_id,
            "pools": pools.collect::<Map<_, _>>(),
            "shared-network": subnet.network.map(|at| &*config[at].name),
            "subnet": subnet.prefix.to_string(),
            "valid-lifetime": lifetimes(params.valid_lifetime),
        })
    };
    let subnets = config.subnets.iter().filter(|subnet| takes(subnet.id));
    let subnets = subnets.map(|subnet| (subnet.id.to_string(), one(subnet)));
    Map::from_iter([
        ("option-def".to_owned(), definitions(&config.definitions)),
        ("subnet4".to_owned(), Json::Object(subnets.collect())),
    ])
}

/// Of DHCPv6.
pub(super) fn of6(config: &Config6, takes: &dyn Fn(SubnetId) -> bool) -> Map<String, Json> {
    let name = |class| config.classes.get(class).map(|class| class.name.to_string());
    let one = |subnet: &Subnet6| {
        let pools = subnet.pools.iter().map(|pool| (pool.range(), classes(&pool.guard, &name)));
        let pd_pools = subnet.pd_pools.iter().map(|pool| {
            let terms = json!({
                "client-classes": classes(&pool.guard, &name),
                "delegated-len": pool.delegated_len,
                "excluded-prefix": pool.excluded.map(|prefix| prefix.to_string()),
            });
            (pool.prefix.to_string(), terms)
        });
        let params = &subnet.params;
        json!({
            "allocator": params.allocator.as_str(),
            "client-classes": classes(&subnet.guard, &name),
            "pd-allocator": params.pd_allocator.as_str(),
            "pd-pools": pd_pools.collect::<Map<_, _>>(),
            "pools": pools.collect::<Map<_, _>>(),
            "preferred-lifetime": params.preferred_lifetime.map(lifetimes),
            "shared-network": subnet.network.map(|at| &*config[at].name),
            "subnet": subnet.prefix.to_string(),
            "valid-lifetime": lifetimes(params.valid_lifetime),
        })
    };
    let subnets = config.subnets.iter().filter(|subnet| takes(subnet.id));
    let subnets = subnets.map(|subnet| (subnet.id.to_string(), one(subnet)));
    Map::from_iter([
        ("option-def".to_owned(), definitions(&config.definitions)),
        ("subnet6".to_owned(), Json::Object(subnets.collect())),
    ])
}

/// The names of the classes that something is for, in an order of their own: classes may be numbered otherwise elsewhere.
fn classes(guard: &Guard, name: &dyn Fn(ClassId) -> Option<String>) -> Json {
    let mut names: Vec<String> = guard.classes().filter_map(name).collect();
    names.sort();
    names.dedup();
    names.into()
}

/// As it is written where it is one: the default alone if nothing else is possible.
fn lifetimes(range: LifetimeRange) -> Json {
    let LifetimeRange { min, default, max } = range;
    if (min, max) == (default, default) { default.0.into() } else { json!([min.0, default.0, max.0]) }
}

/// The options that are defined by the configuration.
fn definitions(definitions: &Definitions) -> Json {
    let mut all = Map::new();
    for definition in definitions.configured() {
        let fields: Vec<_> = definition.fields.iter().copied().map(DataType::name).collect();
        let mut text = format!("{} {}", definition.name, definition.data_type.name());
        let parts: [(&str, &dyn Display, bool); 3] = [
            (" of ", &fields.join(", "), !fields.is_empty()),
            (", ", &"array", definition.array),
            (", encapsulates ", &definition.encapsulates, !definition.encapsulates.is_empty()),
        ];
        for (before, part, _) in parts.into_iter().filter(|(.., is_said)| *is_said) {
            text.push_str(&format!("{before}{part}"));
        }
        let space = all.entry(definition.space.to_string()).or_insert_with(|| Json::Object(Map::new()));
        if let Json::Object(space) = space {
            space.insert(definition.code.to_string(), text.into());
        }
    }
    all.sort_keys();
    Json::Object(all)
}

/// The terms of the configuration that they were made of last.
#[derive(Debug)]
pub(super) struct TermsOf<C>(Mutex<Option<(std::sync::Weak<C>, Arc<Terms>)>>);

impl<C> Default for TermsOf<C> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<C> TermsOf<C> {
    /// Those of `config`, made by `make` if they were not yet.
    pub(super) fn of(&self, config: &Arc<C>, make: impl FnOnce() -> Terms) -> Arc<Terms> {
        let mut kept = self.0.lock();
        if let Some((of, terms)) = &*kept
            && std::ptr::eq(of.as_ptr(), Arc::as_ptr(config))
        {
            return terms.clone();
        }
        let terms = Arc::new(make());
        *kept = Some((Arc::downgrade(config), terms.clone()));
        terms
    }
}
