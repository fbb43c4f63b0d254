//! What the tables cannot say: values that contradict each other.
//!
//! Written and judged before anything is resolved, so that every error names what the operator wrote. Options are
//! judged where they are encoded ([`crate::v4::resolve`]).

mod class_tests;
mod clients;
mod networks;
mod pools;
mod server;
mod timers;

pub use class_tests::class_tests;

use crate::json::{Diagnostics, Value};
use crate::level::Level;
use crate::schema;

/// Judges a whole configuration, `{"Dhcp4": {…}}`, and gives it back in the keywords of today
/// ([`schema::modern`]).
///
/// All errors and warnings go to `diagnostics`, with their paths; with errors the result serves nobody. Contradictions
/// are looked for only in what has the right form.
pub fn check(root: Value, diagnostics: &mut Diagnostics) -> Value {
    let root = schema::modern(root, diagnostics);
    schema::validate(&root, diagnostics);
    if let Some(dhcp4) = root.get("Dhcp4") {
        let global = Level::of(&schema::tables::DHCP4, dhcp4);
        server::check(global, diagnostics);
        networks::check(global, diagnostics);
        clients::check(global, diagnostics);
    }
    diagnostics.locate(&root);
    root
}
