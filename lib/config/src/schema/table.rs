//! What a row of the tables says.

use kotare_options::Definitions;

/// The keywords of one kind of map.
#[derive(Debug)]
pub struct Table {
    /// What the map is called: the keyword that holds it.
    pub name: &'static str,
    /// Its parameters, in groups that several tables share.
    pub groups: &'static [&'static [Param]],
    /// Spellings that earlier releases of Kea took, and what is read in their place.
    pub older: &'static [Older],
    /// Whether it may have further keywords, for others to judge.
    pub open: bool,
    /// The keywords whose values tell a map from others of the same list, those that it has. Without any, only its place
    /// does.
    pub identity: &'static [&'static str],
    /// Whether the order of a list of such maps means something.
    pub ordered: bool,
    /// What the rows do not say of the form that `config-get` shows.
    pub finish: Option<Finish>,
}

/// Gives a map, filled by the rows of its table, the form that `config-get` shows. The options of the configuration
/// have these definitions.
pub type Finish = fn(&mut serde_json::Map<String, serde_json::Value>, &Definitions);

/// One keyword.
#[derive(Debug)]
pub struct Param {
    /// The keyword.
    pub keyword: &'static str,
    /// What it may be set to.
    pub is: Type,
    /// What holds when it is not written. An inherited parameter has its default in the global map alone.
    pub default: Option<Scalar>,
    /// What `config-get` shows of it when the map around is not written, if that is not the default.
    pub mapless: Option<Scalar>,
    /// Whether the map is wrong without it.
    pub required: bool,
    /// What a map that does not have it takes from the maps around it.
    pub inherits: Inherits,
    /// Whether `config-get` has it although it is not written.
    pub shown: Shown,
    /// Whether the server acts on it.
    pub effect: Effect,
    /// Whether the order of its strings means something, if it is a list of them.
    pub ordered: bool,
}

/// The values a parameter may have.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// An integer between these two.
    Int(i64, i64),
    /// A number with a fraction or an exponent.
    Real,
    /// Any string.
    Text,
    /// The name of a class.
    Class,
    /// An expression, in which there may be names of classes.
    Expression,
    /// One of these strings, in any case.
    OneOf(&'static [&'static str]),
    /// A list of strings.
    Texts,
    /// A list of some of these strings.
    SomeOf(&'static [&'static str]),
    /// A map.
    Map(&'static Table),
    /// A list of maps.
    Maps(&'static Table),
    /// A map with whatever the operator likes.
    Free,
    /// What whoever reads it judges.
    Any,
    /// The parameters of the hook library that the map around names under `library`: a map of its table, which stays as
    /// written. One that the [`super::File`] does not know may have any.
    Library,
}

/// A default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A real number.
    Real(f64),
    /// A string.
    Text(&'static str),
    /// A list of strings.
    Texts(&'static [&'static str]),
}

/// How a parameter passes from global to shared network to subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inherits {
    /// It does not.
    No,
    /// It does, and `config-get` shows it only where it is written.
    Quietly,
    /// It does, and `config-get` shows it in every map it reaches.
    Openly,
}

/// When `config-get` has a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// When it is written, or has a default.
    Known,
    /// When it is written.
    Written,
    /// Always: a map with its defaults, an empty list.
    Always,
    /// When it differs from its default, or is not empty.
    Different,
}

/// Whether this server acts on a parameter. Rows change here as features arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It does.
    Built,
    /// It does not yet, and clients would notice: the start of the server names it.
    NotYet,
    /// It does not yet, but that means nothing without another parameter, which is named instead.
    Beside,
    /// It need not: what it asks for is done whatever it says, or better.
    Moot,
    /// It does for the hook libraries that the [`super::File`] knows.
    KnownLibraries,
}

/// A spelling of earlier releases.
#[derive(Debug)]
pub struct Older {
    /// The keyword of old.
    pub keyword: &'static str,
    /// What is read in its place.
    pub now: Now,
}

/// What is read in place of an older spelling.
#[derive(Clone, Copy, Debug)]
pub enum Now {
    /// The same value under this keyword.
    Renamed(&'static str),
    /// A list of this one value under this keyword; an empty string makes an empty list.
    Listed(&'static str),
    /// The same value under this keyword of the map around.
    Outside(&'static str),
    /// These keywords with these values, by the value of old.
    Instead(&'static [(OldValue, &'static [(&'static str, Scalar)])]),
    /// Nothing: what it tuned is gone.
    Gone,
}

/// A value of an older keyword.
#[derive(Clone, Copy, Debug)]
pub enum OldValue {
    /// A truth value.
    Bool(bool),
    /// A string.
    Text(&'static str),
}

impl Table {
    /// A table without a row, to begin with.
    pub const EMPTY: Self =
        Self { name: "", groups: &[], older: &[], open: false, identity: &[], ordered: false, finish: None };

    /// All rows.
    pub fn params(&self) -> impl Iterator<Item = &'static Param> + use<> {
        self.groups.iter().copied().flatten()
    }

    /// The row of `keyword`.
    pub fn param(&self, keyword: &str) -> Option<&'static Param> {
        self.params().find(|param| param.keyword == keyword)
    }
}

/// An optional parameter without default, not inherited, that the server acts on. The methods change that.
pub const fn param(keyword: &'static str, is: Type) -> Param {
    let (inherits, shown, effect) = (Inherits::No, Shown::Known, Effect::Built);
    Param {
        keyword,
        is,
        default: None,
        mapless: None,
        required: false,
        inherits,
        shown,
        effect,
        ordered: true,
    }
}

impl Param {
    /// With this default.
    #[must_use]
    pub const fn or(mut self, default: Scalar) -> Self {
        self.default = Some(default);
        self
    }

    /// With this truth value as its default.
    #[must_use]
    pub const fn or_bool(self, default: bool) -> Self {
        self.or(Scalar::Bool(default))
    }

    /// With this integer as its default.
    #[must_use]
    pub const fn or_int(self, default: i64) -> Self {
        self.or(Scalar::Int(default))
    }

    /// With this real number as its default.
    #[must_use]
    pub const fn or_real(self, default: f64) -> Self {
        self.or(Scalar::Real(default))
    }

    /// With this string as its default.
    #[must_use]
    pub const fn or_text(self, default: &'static str) -> Self {
        self.or(Scalar::Text(default))
    }

    /// Shown with this truth value when the map around is not written.
    #[must_use]
    pub const fn mapless(mut self, shown: bool) -> Self {
        self.mapless = Some(Scalar::Bool(shown));
        self
    }

    /// The map is wrong without it.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Maps inside inherit it.
    #[must_use]
    pub const fn inherited(mut self, inherits: Inherits) -> Self {
        self.inherits = inherits;
        self
    }

    /// Shown by `config-get` otherwise than where it is known.
    #[must_use]
    pub const fn shown(mut self, shown: Shown) -> Self {
        self.shown = shown;
        self
    }

    /// With another effect.
    #[must_use]
    pub const fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// A list of strings in any order.
    #[must_use]
    pub const fn in_any_order(mut self) -> Self {
        self.ordered = false;
        self
    }

    /// Without effect yet.
    #[must_use]
    pub const fn not_yet(self) -> Self {
        self.effect(Effect::NotYet)
    }

    /// Without effect yet, and without meaning but for another.
    #[must_use]
    pub const fn beside(self) -> Self {
        self.effect(Effect::Beside)
    }

    /// Without effect and without need of it.
    #[must_use]
    pub const fn moot(self) -> Self {
        self.effect(Effect::Moot)
    }
}
