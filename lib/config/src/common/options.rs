//! Options as they go on the wire, prepared at configuration time.

use std::fmt::Debug;

use kotare_expr::ClassSet;

use super::Guard;

/// One option of one level, encoded. `C` is its code, as wide as the protocol has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfiguredOption<C> {
    /// The option's code.
    pub code: C,
    /// The encoded value without code and length. Sub-options of an encapsulated space are already inside.
    pub data: Box<[u8]>,
    /// `always-send`: sent whether or not the client asks.
    pub always_send: bool,
    /// `never-send`: not sent, even if another level has it.
    pub never_send: bool,
    /// `client-classes`: whom the value is for. The flags hold for everybody.
    pub guard: Guard,
}

/// A sub-option for the devices of one vendor, from a `vendor-<enterprise>` space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VendorOption<C> {
    /// The vendor's enterprise number.
    pub enterprise: u32,
    /// The sub-option's code.
    pub code: C,
    /// The encoded value without code and length.
    pub data: Box<[u8]>,
    /// `always-send`.
    pub always_send: bool,
    /// `never-send`.
    pub never_send: bool,
    /// `client-classes`, as of [`ConfiguredOption::guard`].
    pub guard: Guard,
}

/// The code of an option of one protocol.
pub trait Code: Copy + Debug + Ord + Into<u16> + TryFrom<u16> {
    /// Whether its options begin with the number of a vendor. Of these there may be several on a level.
    fn names_vendor(self) -> bool;
}

/// A set of codes.
pub trait CodeSet: Clone + Debug + Default + Eq {
    /// A code.
    type Code: Code;

    /// Adds a code if `there`.
    fn insert_if(&mut self, there: bool, code: Self::Code);

    /// Adds the codes of the other.
    fn add(&mut self, other: &Self);

    /// Takes out the codes that the other has not.
    fn keep(&mut self, other: &Self);

    /// Takes out the codes that the other has.
    fn take_out(&mut self, other: &Self);
}

/// The options of a level.
///
/// Of one code there is one for everybody and as many as are written for clients of some classes. Of those that name a
/// vendor there are as many as are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options<S: CodeSet> {
    /// By code. Of one code, those for clients of some classes come before those for everybody; of each the last
    /// written first: Kea finds and sends them so.
    options: Box<[ConfiguredOption<S::Code>]>,
    /// Where the options of a code begin, by code. Above these codes, which are those below 256 that are in use, it is
    /// searched for.
    begin: Box<[u16]>,
    choice: Choice<S>,
    /// By enterprise and code, else in the same order.
    vendor_options: Box<[VendorOption<S::Code>]>,
}

impl<S: CodeSet> Default for Options<S> {
    fn default() -> Self {
        Self {
            options: Box::default(),
            begin: Box::default(),
            choice: Choice::default(),
            vendor_options: Box::default(),
        }
    }
}

/// What a level says of which options are sent, or what several say together.
///
/// The flags hold whichever level sets them, and whoever its value is for: what one level always or never sends is always
/// or never sent, also where another level gives the value. This is Kea's rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice<S> {
    /// Options that have a value, if only for some clients.
    pub has: S,
    /// `always-send`: sent whether or not the client asks.
    pub always: S,
    /// `never-send`: not sent, whatever the client asks and other levels say.
    pub never: S,
    /// Options that a level has for clients of some classes only.
    pub guarded: S,
    /// Whether there are sub-options in the space of any vendor.
    pub vendors: bool,
}

impl<C: Code> ConfiguredOption<C> {
    /// The vendor that the option is for, if it is of those that name one.
    pub fn enterprise(&self) -> Option<u32> {
        let number = self.data.first_chunk().filter(|_| self.code.names_vendor());
        number.copied().map(u32::from_be_bytes)
    }
}

/// The codes of one table of beginnings.
const TABLE: u16 = 256;

impl<S: CodeSet> Options<S> {
    /// How many options a level may have.
    pub const LIMIT: usize = u16::MAX as usize;

    /// The options of one level, in the order in which they are written, not more than [`Options::LIMIT`]. Of several
    /// for everybody with the same code the first one counts, as in Kea.
    pub fn new(mut options: Vec<ConfiguredOption<S::Code>>) -> Self {
        options.truncate(Self::LIMIT);
        let mut choice = Choice::<S>::default();
        for option in &options {
            choice.insert(option.code, option.always_send, option.never_send);
        }
        options.sort_by_key(|option| (option.code, option.guard.is_open()));
        for same in options.chunk_by(|one, next| one.code == next.code) {
            choice.guarded.insert_if(same.iter().all(|option| !option.guard.is_open()), same[0].code);
        }
        options.dedup_by(|later, first| {
            let for_everybody = first.guard.is_open() && later.guard.is_open();
            later.code == first.code && for_everybody && !first.code.names_vendor()
        });
        let alike = |one: &ConfiguredOption<S::Code>, next: &ConfiguredOption<S::Code>| {
            (one.code, one.guard.is_open()) == (next.code, next.guard.is_open())
        };
        options.chunk_by_mut(alike).for_each(<[_]>::reverse);
        let tabled = options.iter().map(|option| option.code.into()).take_while(|code| *code < TABLE);
        let codes = tabled.last().map_or(0, |last| last + 1);
        let begin = (0..codes).map(|code| options.partition_point(|it| it.code.into() < code) as u16);
        Self { begin: begin.collect(), options: options.into(), choice, vendor_options: Box::default() }
    }

    /// The same with these vendor options. Of several for everybody with the same enterprise and code the first one
    /// counts.
    pub fn with_vendor_options(mut self, mut options: Vec<VendorOption<S::Code>>) -> Self {
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
    pub fn choice(&self) -> &Choice<S> {
        &self.choice
    }

    /// The option of this code for a client of these classes: one that is for one of them, or else the one that is for
    /// everybody; of several, the one that was written first.
    pub fn find(&self, code: S::Code, classes: &ClassSet) -> Option<&ConfiguredOption<S::Code>> {
        let mut for_everybody = None;
        for option in self.from(code).iter().take_while(|option| option.code == code) {
            if option.guard.is_open() {
                for_everybody = Some(option);
            } else if option.guard.admits(classes) {
                return Some(option);
            }
        }
        for_everybody
    }

    /// The options of this code, whoever they are for.
    pub fn all(&self, code: S::Code) -> &[ConfiguredOption<S::Code>] {
        let from = self.from(code);
        let count = from.iter().take_while(|option| option.code == code).count();
        &from[..count]
    }

    /// The options from this code on.
    fn from(&self, code: S::Code) -> &[ConfiguredOption<S::Code>] {
        let number: u16 = code.into();
        match self.begin.get(usize::from(number)) {
            Some(begin) => &self.options[usize::from(*begin)..],
            // Nothing is left below 256.
            None if number < TABLE => &[],
            None => &self.options[self.options.partition_point(|option| option.code < code)..],
        }
    }

    /// All options, by code.
    pub fn iter(&self) -> std::slice::Iter<'_, ConfiguredOption<S::Code>> {
        self.options.iter()
    }

    /// The sub-options for vendors, by enterprise and code; of one code, those that go before others first.
    pub fn vendor_options(&self) -> &[VendorOption<S::Code>] {
        &self.vendor_options
    }
}

impl<S: CodeSet> Choice<S> {
    /// Adds an option of the level.
    pub fn insert(&mut self, code: S::Code, always_send: bool, never_send: bool) {
        self.has.insert_if(true, code);
        self.always.insert_if(always_send, code);
        self.never.insert_if(never_send, code);
    }

    /// Adds what another level says.
    pub fn add(&mut self, other: &Self) {
        self.has.add(&other.has);
        self.always.add(&other.always);
        self.never.add(&other.never);
        self.guarded.add(&other.guarded);
        self.vendors |= other.vendors;
    }

    /// What a client gets that asks for these, if what it gets has a value for it.
    pub fn of(&self, mut requested: S) -> S {
        requested.add(&self.always);
        requested.keep(&self.has);
        requested.take_out(&self.never);
        requested
    }
}
