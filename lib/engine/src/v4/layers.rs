//! The options that apply to a client, in layers.
//!
//! What applies to a client is configured on levels: its reservation, pool, subnet and shared network, its classes, the
//! whole server. Its reply is made from these as layers, the most specific first. A value is that of the first layer
//! which has one for this client; the flags hold whichever layer sets them ([`Choice4`]). Nothing is merged beforehand.

use kotare_config::v4::{
    Choice4, Class4, Classes, Config4, HostDetails4, Option4, Options4, SubnetAt, VendorOption4,
};
use kotare_expr::Memberships;
use kotare_wire::v4::{Codes, Message, OptionCode};
use smallvec::SmallVec;

use super::trace::Scope;

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

/// The levels of the client's own, the most specific first.
const OWN: [Scope; 4] = [Scope::Reservation, Scope::Pool, Scope::Subnet, Scope::Network];

/// The options that apply to one client, by level, the most specific first.
#[derive(Debug)]
pub(super) struct Layers<'a> {
    /// What is reserved for it, its pool, subnet and shared network.
    own: SmallVec<[&'a Options4; 4]>,
    /// Which of [`OWN`] these are, a bit each.
    scopes: u8,
    /// Where its classes are, if they give options. There may be many.
    of_classes: Option<&'a Classes>,
    /// The whole server.
    global: Option<&'a Options4>,
    /// What the layers say together.
    choice: Choice4,
    /// The client's classes.
    classes: &'a Memberships,
}

impl<'a> Layers<'a> {
    /// No layers yet, for a client of these classes.
    pub(super) fn new(classes: &'a Memberships) -> Self {
        Self {
            own: SmallVec::new(),
            scopes: 0,
            of_classes: None,
            global: None,
            choice: Choice4::default(),
            classes,
        }
    }

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
            layers.push(0, options);
        }
        let subnet = &config[at];
        if let Some(pool) = pool.and_then(|pool| subnet.pools.get(pool)) {
            layers.push(1, &pool.options);
        }
        layers.push(2, &subnet.options);
        if let Some(network) = subnet.network {
            layers.push(3, &config[network].options);
        }
        for class in config.classes.giving(classes) {
            layers.of_classes = Some(&config.classes);
            layers.choice.add(class.options.choice());
        }
        layers.choice.add(config.options.choice());
        layers.global = Some(&config.options);
        layers
    }

    /// Adds a level of the client's own that goes after those before it.
    fn push(&mut self, scope: u8, level: &'a Options4) {
        if !level.is_empty() {
            self.choice.add(level.choice());
            self.own.push(level);
            self.scopes |= 1 << scope;
        }
    }

    fn giving(&self) -> impl Iterator<Item = &'a Class4> {
        self.of_classes.into_iter().flat_map(|classes| classes.giving(self.classes))
    }

    fn levels(&self) -> impl Iterator<Item = &'a Options4> {
        let of_classes = self.giving().map(|class| &class.options);
        self.own.iter().copied().chain(of_classes).chain(self.global)
    }

    /// Where the option of this code is written that holds.
    pub(super) fn scope(&self, code: u8) -> Option<Scope> {
        let has = |level: &Options4| level.find(code, self.classes).is_some();
        let scopes = OWN.into_iter().enumerate().filter(|(bit, _)| self.scopes & (1 << bit) != 0);
        let mut own = self.own.iter().zip(scopes);
        let own = own.find(|(level, _)| has(level)).map(|(_, (_, scope))| scope);
        let of_class = || {
            let class = self.giving().find(|class| has(&class.options))?;
            Some(Scope::Class(self.of_classes?.id(&class.name)?))
        };
        own.or_else(of_class).or_else(|| self.global.filter(|level| has(level)).map(|_| Scope::Global))
    }

    /// The option of this code that holds: the first one for this client of the most specific level.
    pub(super) fn find(&self, code: u8) -> Option<&'a Option4> {
        self.levels().find_map(|level| level.find(code, self.classes))
    }

    /// All options of this code for this client, in Kea's order: by level, the last written of a level first.
    pub(super) fn all(&self, code: u8) -> impl Iterator<Item = &'a Option4> {
        let all = self.levels().flat_map(move |level| level.all(code));
        all.filter(|option| option.guard.admits(self.classes))
    }

    /// The sub-options of option 125 for the devices of one vendor, the layers' one after the other; for this client
    /// and for others.
    pub(super) fn vendor_options(&self, enterprise: u32) -> impl Iterator<Item = &'a VendorOption4> {
        let all = self.levels().flat_map(|level| level.vendor_options());
        all.filter(move |option| option.enterprise == enterprise)
    }

    /// The sub-option of option 125 that holds.
    pub(super) fn vendor_option(&self, enterprise: u32, code: u8) -> Option<&'a VendorOption4> {
        let mut all = self.vendor_options(enterprise);
        all.find(|option| option.code == code && option.guard.admits(self.classes))
    }

    /// Whether there are sub-options of option 125 for any vendor.
    pub(super) fn have_vendor_options(&self) -> bool {
        self.choice.vendors
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
        let Choice4 { has, always, never, guarded, .. } = &self.choice;
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

    use kotare_config::v4::Guard;
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
            options.iter().for_each(|level| layers.push(2, level));
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
