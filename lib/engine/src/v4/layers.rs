//! The options that apply to a client of DHCPv4, in layers.

use kotare_config::v4::{Choice4, ClassParams4, Config4, HostDetails4, SubnetAt};
use kotare_expr::Memberships;
use kotare_wire::v4::{Codes, Message, OptionCode};

use crate::layers;
use crate::trace::Scope;

/// What Kea sends to every client that is configured for it.
pub(super) const BASIC: Codes = Codes::of(&[
    OptionCode::ROUTERS,
    OptionCode::DOMAIN_NAME_SERVERS,
    OptionCode::DOMAIN_NAME,
    OptionCode::SERVER_IDENTIFIER,
]);
/// What the server makes itself whatever is configured.
const MADE: Codes = Codes::of(&[OptionCode::MESSAGE_TYPE, OptionCode::RELAY_AGENT_INFORMATION]);
/// What `never-send` has no effect on.
const NEEDED: Codes = Codes::of(&[OptionCode::SERVER_IDENTIFIER]);

/// The options that apply to one client, by level, the most specific first.
pub(super) type Layers<'a> = layers::Layers<'a, Codes, ClassParams4>;

impl<'a> Layers<'a> {
    /// The layers of a client of this subnet, and of one of its pools if it gets an address, in Kea's order: what is
    /// `reserved` for it, pool, subnet, shared network, its classes as it came to them, the whole server.
    pub(super) fn of(
        config: &'a Config4,
        at: SubnetAt,
        pool: Option<usize>,
        reserved: Option<&'a HostDetails4>,
        classes: &'a Memberships,
    ) -> Self {
        let mut layers = Self::new(classes);
        if let Some(options) = reserved.and_then(|details| details.options.as_deref()) {
            layers.push(Scope::Reservation, options);
        }
        let subnet = &config[at];
        if let Some(pool) = pool.and_then(|pool| subnet.pools.get(pool)) {
            layers.push(Scope::Pool, &pool.options);
        }
        layers.push(Scope::Subnet, &subnet.options);
        if let Some(network) = subnet.network {
            layers.push(Scope::Network, &config[network].options);
        }
        layers.push_common(&config.classes, &config.options);
        layers
    }

    /// Which options a client gets: what it asks for (option 55), and what is always sent.
    pub(super) fn chosen(&self, query: Message<'_>) -> Codes {
        let mut requested = BASIC;
        if let Some(list) = query.option(OptionCode::PARAMETER_REQUEST_LIST) {
            match list.as_slice() {
                Some(codes) => requested.extend(codes.iter().copied()),
                None => requested.extend(list.bytes()),
            }
        }
        let Choice4 { has, always, never, guarded, .. } = self.choice();
        let mut chosen =
            always.union(requested).intersection(*has).without(never.without(NEEDED)).without(MADE);
        let doubtful = chosen.intersection(*guarded);
        if !doubtful.is_empty() {
            for code in doubtful.iter().filter(|code| self.find(*code).is_none()) {
                chosen.remove(code);
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kotare_config::v4::{Guard, Option4, Options4};
    use kotare_expr::ClassId;
    use kotare_wire::v4::{Index, Writer};
    use proptest::prelude::*;

    use super::*;

    /// An entry of `option-data` as it is written: code, flags, classes. Few of each, so that they meet.
    type Written = (u8, bool, bool, Vec<u32>);

    fn written() -> impl Strategy<Value = Written> {
        let classes = prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(0u32..4, 1..3)];
        (40u8..46, prop::bool::weighted(0.2), prop::bool::weighted(0.1), classes)
    }

    /// The rule as Kea has it, read off its words: whoever asks or is always sent, unless it is never sent, gets it from
    /// the first level that has it for them.
    fn by_the_book(levels: &[Vec<Written>], classes: &[u32], wants: &[u8]) -> BTreeMap<u8, (usize, usize)> {
        let all = || levels.iter().flatten();
        let always = all().filter(|(_, always, _, _)| *always).map(|(code, ..)| *code);
        let mut chosen: Vec<u8> = wants.iter().copied().chain(always).collect();
        chosen.retain(|code| !all().any(|(other, _, never, _)| other == code && *never));
        let value = |code: u8| {
            levels.iter().enumerate().find_map(|(at, level)| {
                let mut entries = (0..level.len()).filter(|nth| level[*nth].0 == code);
                let fits = |nth: &usize| level[*nth].3.iter().any(|class| classes.contains(class));
                let for_class = entries.clone().rfind(fits);
                let for_all = entries.find(|nth| level[*nth].3.is_empty());
                for_class.or(for_all).map(|nth| (at, nth))
            })
        };
        chosen.into_iter().filter_map(|code| Some((code, value(code)?))).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// What is chosen and what it says is what the rule says, however levels, classes and flags come together.
        #[test]
        fn layers_follow_the_rule(
            levels in prop::collection::vec(prop::collection::vec(written(), 0..8), 0..5),
            classes in prop::collection::vec(0u32..4, 0..3),
            wants in prop::collection::vec(40u8..47, 0..6),
        ) {
            let options: Vec<_> = levels.iter().enumerate().map(|(at, level)| {
                let entry = |(nth, (code, always_send, never_send, classes)): (usize, &Written)| Option4 {
                    code: *code,
                    data: [at as u8, nth as u8].into(),
                    always_send: *always_send,
                    never_send: *never_send,
                    guard: Guard::of(classes.iter().copied().map(ClassId).collect()),
                };
                Options4::new(level.iter().enumerate().map(entry).collect())
            }).collect();
            let set: Memberships = classes.iter().copied().map(ClassId).collect();
            let mut layers = Layers::new(&set);
            options.iter().for_each(|level| layers.push(Scope::Subnet, level));
            let mut bytes = [0; 300];
            let mut writer = Writer::new(&mut bytes).unwrap();
            writer.option(OptionCode::PARAMETER_REQUEST_LIST, &wants).unwrap();
            let len = writer.finish();
            let mut index = Index::new();
            let chosen = layers.chosen(Message::parse(&bytes[..len], &mut index).unwrap());
            let said: BTreeMap<_, _> = chosen
                .iter()
                .map(|code| (code, &*layers.find(code).expect("a value").data))
                .map(|(code, data)| (code, (usize::from(data[0]), usize::from(data[1]))))
                .collect();
            prop_assert_eq!(said, by_the_book(&levels, &classes, &wants));
        }
    }
}
