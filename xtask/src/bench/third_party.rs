//! What a module of somebody else costs.

use kotare_tests::guests::example;
use kotare_tests::world::V4;
use serde_json::json;

use super::figures::Readings;
use super::load::{Steps, loaded};
use super::protocol::Protocol;
use super::stage::Act;
use crate::run::Done;

/// Whole exchanges, each reply of which gets an option of a table by the example that does so.
pub(super) fn with_module(act: &Act<'_>) -> Done<Readings> {
    let steps = Steps { in_flight: 256, threads: 1, ..Steps::DEFAULT };
    let module = example("option_table", &act.world.path("."));
    let module = module.ok_or("Debian's compiler for WebAssembly is not unpacked")?;
    let mut map = V4::with_pool(act, &steps);
    let table = json!({"option": "224", "*": "anywhere"});
    map["hooks-libraries"] = json!([{"library": module, "parameters": {"module-parameters": table}}]);
    loaded::<V4>(act, &steps, map)
}
