//! Options as they go on the wire, prepared at configuration time.

use kotare_expr::ClassSet;
use kotare_wire::v4::{Codes, OptionCode};

use super::Guard;

/// One option of one level, encoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Option4 {
    /// The option's code, 1 to 254.
    pub code: u8,
    /// The encoded value without code and length; longer than 255 bytes is split when written (RFC 3396). Sub-options
    /// of an encapsulated space are already inside.
    pub data: Box<[u8]>,
    /// `always-send`: sent whether or not the client asks.
    pub always_send: bool,
    /// `never-send`: not sent, even if another level has it.
    pub never_send: bool,
    /// `client-classes`: whom the value is for. The flags hold for everybody.
    pub guard: Guard,
}

/// A sub-option of option 125 for the devices of one vendor, from a `vendor-<enterprise>` space (RFC 3925 §4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VendorOption4 {
    /// The vendor's enterprise number.
    pub enterprise: u32,
    /// The sub-option's code.
    pub code: u8,
    /// The encoded value without code and length.
    pub data: Box<[u8]>,
    /// `always-send`.
    pub always_send: bool,
    /// `never-send`.
    pub never_send: bool,
    /// `client-classes`, as of [`Option4::guard`].
    pub guard: Guard,
}

/// The options of a level.
///
/// Of one code there is one for everybody and as many as are written for clients of some classes. Of those that name a
/// vendor (`vivco-suboptions`, 124, and `vivso-suboptions`, 125) there are as many as are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options4 {
    /// By code. Of one code, those for clients of some classes come before those for everybody; of each the last
    /// written first: Kea finds and sends them so.
    options: Box<[Option4]>,
    /// Where the options of a code begin, by code.
    begin: Box<[u16]>,
    choice: Choice4,
    /// By enterprise and code, else in the same order.
    vendor_options: Box<[VendorOption4]>,
}

/// What a level says of which options are sent, or what several say together.
///
/// The flags hold whichever level sets them, and whoever its value is for: what one level always or never sends is always
/// or never sent, also where another level gives the value. This is Kea's rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice4 {
    /// Options that have a value, if only for some clients.
    pub has: Codes,
    /// `always-send`: sent whether or not the client asks.
    pub always: Codes,
    /// `never-send`: not sent, whatever the client asks and other levels say.
    pub never: Codes,
    /// Options that a level has for clients of some classes only.
    pub guarded: Codes,
    /// Whether there are sub-options of option 125 in the space of any vendor.
    pub vendors: bool,
}

impl Option4 {
    /// The vendor that the option is for, if it is of those that name one.
    pub fn enterprise(&self) -> Option<u32> {
        let number = self.data.first_chunk().filter(|_| self.names_vendor());
        number.copied().map(u32::from_be_bytes)
    }

    /// Whether it is one of those that name a vendor (RFC 3925).
    fn names_vendor(&self) -> bool {
        matches!(OptionCode(self.code), OptionCode::VIVCO | OptionCode::VIVSO)
    }
}

impl Options4 {
    /// How many options a level may have.
    pub const LIMIT: usize = u16::MAX as usize;

    /// The options of one level, in the order in which they are written, not more than [`Options4::LIMIT`]. Of several
    /// for everybody with the same code the first one counts, as in Kea.
    pub fn new(mut options: Vec<Option4>) -> Self {
        options.truncate(Self::LIMIT);
        let mut choice = Choice4::default();
        for option in &options {
            choice.insert(option.code, option.always_send, option.never_send);
        }
        options.sort_by_key(|option| (option.code, option.guard.is_open()));
        for same in options.chunk_by(|one, next| one.code == next.code) {
            choice
                .guarded
                .insert_if(same.iter().all(|option| !option.guard.is_open()), OptionCode(same[0].code));
        }
        options.dedup_by(|later, first| {
            let for_everybody = first.guard.is_open() && later.guard.is_open();
            later.code == first.code && for_everybody && !first.names_vendor()
        });
        let alike = |one: &Option4, next: &Option4| {
            (one.code, one.guard.is_open()) == (next.code, next.guard.is_open())
        };
        options.chunk_by_mut(alike).for_each(<[Option4]>::reverse);
        let codes = options.last().map_or(0, |last| usize::from(last.code) + 1);
        let begin =
            (0..codes).map(|code| options.partition_point(|option| usize::from(option.code) < code) as u16);
        Self { begin: begin.collect(), options: options.into(), choice, vendor_options: Box::default() }
    }

    /// The same with these vendor options. Of several for everybody with the same enterprise and code the first one
    /// counts.
    pub fn with_vendor_options(mut self, mut options: Vec<VendorOption4>) -> Self {
        options.sort_by_key(|option| (option.enterprise, option.code, option.guard.is_open()));
        options
            .chunk_by_mut(|one, next| (one.enterprise, one.code) == (next.enterprise, next.code))
            .for_each(|same| {
                let guarded = same.partition_point(|option| !option.guard.is_open());
                same[..guarded].reverse();
            });
        self.choice.vendors = !options.is_empty();
        self.vendor_options = options.into();
        self
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.options.is_empty() && self.vendor_options.is_empty()
    }

    /// Which options there are and their flags.
    pub fn choice(&self) -> &Choice4 {
        &self.choice
    }

    /// The option of this code for a client of these classes: one that is for one of them, or else the one that is for
    /// everybody; of several, the one that was written first.
    pub fn find(&self, code: u8, classes: &ClassSet) -> Option<&Option4> {
        let from = self.options.get(usize::from(*self.begin.get(usize::from(code))?)..)?;
        let mut for_everybody = None;
        for option in from.iter().take_while(|option| option.code == code) {
            if option.guard.is_open() {
                for_everybody = Some(option);
            } else if option.guard.admits(classes) {
                return Some(option);
            }
        }
        for_everybody
    }

    /// The options of this code, whoever they are for.
    pub fn all(&self, code: u8) -> &[Option4] {
        let begin = self.begin.get(usize::from(code)).map_or(self.options.len(), |begin| usize::from(*begin));
        let from = &self.options[begin..];
        let count = from.iter().take_while(|option| option.code == code).count();
        &from[..count]
    }

    /// All options, by code.
    pub fn iter(&self) -> std::slice::Iter<'_, Option4> {
        self.options.iter()
    }

    /// The sub-options of option 125, by enterprise and code; of one code, those that go before others first.
    pub fn vendor_options(&self) -> &[VendorOption4] {
        &self.vendor_options
    }
}

impl Choice4 {
    /// Adds an option of the level.
    pub fn insert(&mut self, code: u8, always_send: bool, never_send: bool) {
        self.has.insert(code);
        self.always.insert_if(always_send, OptionCode(code));
        self.never.insert_if(never_send, OptionCode(code));
    }

    /// Adds what another level says.
    pub fn add(&mut self, other: &Self) {
        self.has = self.has.union(other.has);
        self.always = self.always.union(other.always);
        self.never = self.never.union(other.never);
        self.guarded = self.guarded.union(other.guarded);
        self.vendors |= other.vendors;
    }

    /// What a client gets that asks for these, if what it gets has a value for it.
    pub fn of(&self, requested: Codes) -> Codes {
        self.always.union(requested).intersection(self.has).without(self.never)
    }
}

#[cfg(test)]
mod tests {
    use kotare_expr::ClassId;

    use super::*;

    fn option(code: u8, data: &[u8]) -> Option4 {
        Option4 { code, data: data.into(), ..Option4::default() }
    }

    fn classes(numbers: &[u32]) -> ClassSet {
        numbers.iter().copied().map(ClassId).collect()
    }

    fn guarded(code: u8, data: &[u8], numbers: &[u32]) -> Option4 {
        Option4 { guard: Guard::of(classes(numbers)), ..option(code, data) }
    }

    /// Of several entries of one code the first one counts, and a flag of any of them.
    #[test]
    fn the_first_of_a_code_counts() {
        let always = Option4 { always_send: true, ..option(6, &[9]) };
        let options = Options4::new(vec![option(6, &[1]), option(3, &[2]), always]);
        assert_eq!(options.iter().map(|o| o.code).collect::<Vec<_>>(), [3, 6]);
        assert_eq!(options.find(6, &classes(&[])), Some(&option(6, &[1])));
        assert!([0, 4, 7, 255].iter().all(|code| options.find(*code, &classes(&[])).is_none()));
        assert_eq!(options.choice().always.iter().collect::<Vec<_>>(), [6]);
        assert!(Options4::new(Vec::new()).is_empty() && !options.is_empty());
    }

    /// Options that name a vendor are all kept, the last written first.
    #[test]
    fn each_vendor_has_its_option() {
        let [a, b] = [[0, 0, 0, 1], [0, 0, 0, 2]].map(|vendor| [124, 125].map(|code| option(code, &vendor)));
        let options = Options4::new([&a[1], &b[1], &a[0], &b[0]].map(Clone::clone).to_vec());
        assert_eq!(options.all(124), [b[0].clone(), a[0].clone()]);
        assert_eq!(options.all(125), [b[1].clone(), a[1].clone()]);
        assert_eq!((options.find(125, &classes(&[])), options.all(126)), (Some(&a[1]), &[][..]));
        assert_eq!((a[1].enterprise(), option(43, &[0, 0, 0, 1]).enterprise()), (Some(1), None));
    }

    /// A value for clients of a class goes before the one for everybody, wherever it is written; where several are for
    /// a client, the last written counts, as in Kea.
    #[test]
    fn values_for_classes_go_first() {
        let options = Options4::new(vec![
            guarded(6, &[1], &[1, 2]),
            option(6, &[0]),
            guarded(6, &[3], &[3]),
            option(6, &[9]),
            guarded(7, &[4], &[300]),
        ]);
        let found = |code, of: &[u32]| options.find(code, &classes(of)).map(|option| option.data[0]);
        for (of, value) in [(&[][..], 0), (&[4], 0), (&[1], 1), (&[2], 1), (&[3], 3), (&[2, 3], 3)] {
            assert_eq!(found(6, of), Some(value), "{of:?}");
        }
        assert_eq!((found(7, &[300]), found(7, &[6])), (Some(4), None));
        assert_eq!(options.choice().guarded.iter().collect::<Vec<_>>(), [7]);
    }

    /// Flags hold on whichever level they stand; only what some level has is sent.
    #[test]
    fn flags_hold_whichever_level_sets_them() {
        let level = |rows: &[(u8, bool, bool)]| {
            let mut choice = Choice4::default();
            rows.iter().for_each(|&(code, always, never)| choice.insert(code, always, never));
            choice
        };
        let codes = |codes: &[u8]| codes.iter().copied().collect::<Codes>();
        let subnet = level(&[(3, false, false), (6, false, false), (7, true, false)]);
        let global = level(&[(3, true, false), (6, true, true), (7, false, false), (8, false, false)]);
        let (mut one, mut other) = (subnet, global);
        one.add(&global);
        other.add(&subnet);
        assert_eq!(one, other);
        assert_eq!(one.of(Codes::default()), codes(&[3, 7]));
        assert_eq!(one.of(codes(&[6, 8, 9])), codes(&[3, 7, 8]));
    }
}
