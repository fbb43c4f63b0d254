//! The options that apply to a client, in layers.
//!
//! What applies to a client is configured on levels: its reservation, pools, subnet and shared network, its classes, the
//! whole server. Its reply is made from these as layers, the most specific first. A value is that of the first layer
//! which has one for this client; the flags hold whichever layer sets them ([`Choice`]). Nothing is merged beforehand.

use kotare_config::common::{Choice, Class, Classes, CodeSet, ConfiguredOption, Options, VendorOption};
use kotare_expr::Memberships;
use smallvec::SmallVec;

use crate::trace::Scope;

/// The options that apply to one client, by level, the most specific first. `S` is a set of codes of the protocol, `P` what
/// its classes give besides.
#[derive(Debug)]
pub(crate) struct Layers<'a, S: CodeSet, P> {
    /// What is reserved for it, its pools, subnet and shared network, each with where it is written.
    own: SmallVec<[(Scope, &'a Options<S>); 4]>,
    /// Where its classes are, if they give options. There may be many.
    of_classes: Option<&'a Classes<Options<S>, P>>,
    /// The whole server.
    global: Option<&'a Options<S>>,
    /// What the layers say together.
    choice: Choice<S>,
    /// The client's classes.
    pub(crate) classes: &'a Memberships,
}

impl<'a, S: CodeSet, P: Default + PartialEq> Layers<'a, S, P> {
    /// No layers yet, for a client of these classes.
    pub(crate) fn new(classes: &'a Memberships) -> Self {
        Self { own: SmallVec::new(), of_classes: None, global: None, choice: Choice::default(), classes }
    }

    /// Adds a level of the client's own that goes after those before it.
    pub(crate) fn push(&mut self, scope: Scope, level: &'a Options<S>) {
        if !level.is_empty() {
            self.choice.add(level.choice());
            self.own.push((scope, level));
        }
    }

    /// Adds what all clients of their classes get, and what every client does.
    pub(crate) fn push_common(&mut self, classes: &'a Classes<Options<S>, P>, global: &'a Options<S>) {
        for class in classes.giving(self.classes) {
            self.of_classes = Some(classes);
            self.choice.add(class.options.choice());
        }
        self.choice.add(global.choice());
        self.global = Some(global);
    }

    /// What the layers say together of which options are sent.
    pub(crate) fn choice(&self) -> &Choice<S> {
        &self.choice
    }

    /// The levels of the client's own, each with where it is written.
    pub(crate) fn own(&self) -> impl Iterator<Item = (Scope, &'a Options<S>)> {
        self.own.iter().copied()
    }

    /// The classes of the client that give it something.
    pub(crate) fn giving(&self) -> impl Iterator<Item = &'a Class<Options<S>, P>> {
        self.of_classes.into_iter().flat_map(|classes| classes.giving(self.classes))
    }

    /// Where its classes are, if they give options.
    pub(crate) fn of_classes(&self) -> Option<&'a Classes<Options<S>, P>> {
        self.of_classes
    }

    /// The whole server.
    pub(crate) fn global(&self) -> Option<&'a Options<S>> {
        self.global
    }

    fn levels(&self) -> impl Iterator<Item = &'a Options<S>> {
        let of_classes = self.giving().map(|class| &class.options);
        self.own().map(|(_, level)| level).chain(of_classes).chain(self.global)
    }

    /// The option of this code that holds: the first one for this client of the most specific level.
    pub(crate) fn find(&self, code: S::Code) -> Option<&'a ConfiguredOption<S::Code>> {
        self.levels().find_map(|level| level.find(code, self.classes))
    }

    /// Where the option of this code is written that holds.
    pub(crate) fn scope(&self, code: S::Code) -> Option<Scope> {
        let has = |level: &Options<S>| level.find(code, self.classes).is_some();
        let own = self.own().find(|(_, level)| has(level)).map(|(scope, _)| scope);
        let of_class = || {
            let class = self.giving().find(|class| has(&class.options))?;
            Some(Scope::Class(self.of_classes()?.id(&class.name)?))
        };
        own.or_else(of_class).or_else(|| self.global().filter(|level| has(level)).map(|_| Scope::Global))
    }

    /// All options of this code for this client, in Kea's order: by level, the last written of a level first.
    pub(crate) fn all(&self, code: S::Code) -> impl Iterator<Item = &'a ConfiguredOption<S::Code>> {
        let all = self.levels().flat_map(move |level| level.all(code));
        all.filter(|option| option.guard.admits(self.classes))
    }

    /// The sub-options for the devices of one vendor, the layers' one after the other; for this client and for others.
    pub(crate) fn vendor_options(&self, enterprise: u32) -> impl Iterator<Item = &'a VendorOption<S::Code>> {
        let all = self.levels().flat_map(|level| level.vendor_options());
        all.filter(move |option| option.enterprise == enterprise)
    }

    /// The sub-option for the devices of one vendor that holds.
    pub(crate) fn vendor_option(&self, enterprise: u32, code: S::Code) -> Option<&'a VendorOption<S::Code>> {
        let mut all = self.vendor_options(enterprise);
        all.find(|option| option.code == code && option.guard.admits(self.classes))
    }

    /// Whether there are sub-options for any vendor.
    pub(crate) fn have_vendor_options(&self) -> bool {
        self.choice.vendors
    }
}
