//! Which classes a message belongs to, stage by stage (manual, "Client Classification", "Classification Steps").
//!
//! Each stage adds to [`Query6::classes`]; what they are called in is the order of the flow, as with DHCPv4:
//!
//! 1. [`first`], when a message was let in: what its vendor classes make, and every test that does not ask whether the
//!    client is known;
//! 2. [`again`], when a reservation gives classes: what tests said before may depend on them;
//! 3. [`known`] and [`second`], when reservations were looked up;
//! 4. [`late`], when it is known what the client gets: the tests that its pools, subnet and network ask for.
//!
//! They decide nothing. Without classes in the configuration they cost a few branches.

use std::fmt;

use kotare_config::v6::{Classes, Config6, Stage};
use kotare_expr::{ClassId, Memberships};
use kotare_wire::v6::{Message, OptionCode, vendor_class};

use super::messages::*;
use super::trace::{Because, Heard, Said, Step};
use super::{Packet, Query6};
use crate::classify::{self, Bytes, Late, Subject, write_names};

/// What cable modems and the routers in them say of themselves, wherever in their vendor class it stands.
const DOCSIS: [&[u8]; 2] = [b"docsis3.0", b"eRouter1.0"];

/// A message and its query.
struct Classified<'a> {
    message: Message<'a>,
    query: &'a mut Query6,
}

/// The classes of a message that was let in.
pub(super) fn first(config: &Config6, message: Message<'_>, query: &mut Query6) {
    if config.classes.any_of_vendors() {
        for class in vendors(message).filter_map(|vendor| config.classes.of_vendor(vendor)) {
            join(query, class, Because::VendorClass);
        }
    }
    evaluate(config, Stage::First, false, message, query);
}

/// The same anew, for a client that a reservation puts into further classes.
pub(super) fn again(
    config: &Config6,
    message: Message<'_>,
    query: &mut Query6,
    reserved: impl IntoIterator<Item = ClassId>,
) {
    query.classes.remove_all(config.classes.tested());
    query.trace.note(|| Step::ClassesAnew);
    reserved.into_iter().for_each(|class| join(query, class, Because::Reservation));
    evaluate(config, Stage::First, true, message, query);
}

/// Whether the client has a reservation.
pub(super) fn known(query: &mut Query6, known: bool) {
    let (class, name) = if known { (Classes::KNOWN, "KNOWN") } else { (Classes::UNKNOWN, "UNKNOWN") };
    join(query, class, Because::Known);
    DHCP6_CLASS_ASSIGNED(query, name);
}

/// The classes that depend on that.
pub(super) fn second(config: &Config6, message: Message<'_>, query: &mut Query6) {
    evaluate(config, Stage::Second, true, message, query);
}

/// The classes that a client's pools, subnet and network ask for, in this order; each once, whoever asks.
pub(super) fn late(
    config: &Config6,
    message: Message<'_>,
    query: &mut Query6,
    asking: impl IntoIterator<Item = ClassId>,
) {
    classify::late(&config.classes, &mut Classified { message, query }, asking);
}

fn evaluate(config: &Config6, stage: Stage, is_classified: bool, message: Message<'_>, query: &mut Query6) {
    classify::evaluate(&config.classes, stage, is_classified, &mut Classified { message, query });
}

/// Puts a message into a class without asking an expression.
pub(super) fn join(query: &mut Query6, class: ClassId, because: Because) {
    if query.trace.is_wanted() && !query.classes.contains(class) {
        query.trace.note(|| Step::Joined(class, because));
    }
    query.classes.insert(class);
}

impl Subject for Classified<'_> {
    fn classes(&self) -> &Memberships {
        &self.query.classes
    }

    fn insert(&mut self, class: ClassId) {
        self.query.classes.insert(class);
    }

    fn packet(&self, _is_classified: bool) -> impl kotare_expr::Packet {
        Packet::of_query(self.message, self.query)
    }

    fn label(&self) -> &dyn fmt::Display {
        &*self.query
    }

    fn is_traced(&self) -> bool {
        self.query.trace.is_wanted()
    }

    fn note_joined(&self, class: ClassId, because: Because) {
        self.query.trace.note(|| Step::Joined(class, because));
    }

    fn note_evaluated(&self, class: ClassId, stage: Stage, said: Said, parts: Vec<Heard>) {
        self.query.trace.note(|| Step::Evaluated { class, stage, said, parts });
    }

    fn tell_late(&self, class: &str, came: Late<'_>) {
        match came {
            Late::Undefined => DHCP6_ADDITIONAL_CLASS_UNDEFINED(class),
            Late::NoTest => DHCP6_ADDITIONAL_CLASS_NO_TEST(class),
            Late::Result(result) => DHCP6_ADDITIONAL_CLASS_EVAL_RESULT(&*self.query, class, result),
            Late::Error(error) => DHCP6_ADDITIONAL_CLASS_EVAL_ERROR(&*self.query, class, error),
        }
    }
}

/// What a client says of its vendors (option 16): of each, whether it is a cable modem or the router in one, or else the
/// first thing it says.
fn vendors(message: Message<'_>) -> impl Iterator<Item = &[u8]> {
    message.all(OptionCode::VENDOR_CLASS).filter_map(|value| {
        let (_, pieces) = vendor_class(value)?;
        let docsis = DOCSIS.into_iter().find(|docsis| pieces.clone().any(|piece| piece == *docsis));
        docsis.or_else(|| pieces.clone().next())
    })
}

/// The names of a message's classes for the log, in order. Those that no configuration names are there too: they are
/// found anew.
#[derive(Clone, Copy)]
pub(super) struct ClassesText<'a> {
    pub(super) config: &'a Config6,
    pub(super) message: Message<'a>,
    pub(super) query: &'a Query6,
}

impl fmt::Display for ClassesText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { config, message, query } = *self;
        let vendors = vendors(message).map(Bytes::from_slice);
        write_names(f, &config.classes, &query.classes, &Packet::of_query(message, query), vendors)
    }
}
