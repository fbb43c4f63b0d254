//! What is configured.

use std::time::Duration;

use kotare_config::Process;
use kotare_config::json::{Diagnostics, Value};
use kotare_config::schema::{Table, Type, param};
use kotare_wasm::{Aside, Limits, Log, Protocol, Setup};

use crate::{Entry, Hooked};

/// The `parameters` of an entry: how the module is kept within limits, and what it is given itself.
pub(super) static PARAMETERS: Table = Table {
    name: "parameters",
    groups: &[&[
        param("module-parameters", Type::Any),
        param("fuel-limit", Type::Int(1_000, 1_000_000_000_000)).or_int(1_000_000),
        param("memory-limit", Type::Int(65_536, 1_073_741_824)).or_int(16_777_216),
        param("time-limit", Type::Int(1, 10_000)).or_int(50),
        param("failure-limit", Type::Int(0, 1_000_000)).or_int(5),
        param("set-aside-time", Type::Int(1, 86_400)).or_int(60),
    ]],
    ..Table::EMPTY
};

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) limits: Limits,
    /// After so many failures in a row it is set aside; 0 for never.
    pub(super) failures: u32,
    /// For so long.
    pub(super) aside: Duration,
    /// The JSON text that the module is given.
    pub(super) parameters: Box<str>,
}

impl Settings {
    pub(super) fn read<L: Hooked>(entry: &Entry<'_, L>) -> Self {
        let level = entry.parameters();
        let given = level.own("module-parameters").map(Value::to_json);
        Self {
            limits: Limits {
                fuel: level.count("fuel-limit"),
                memory: level.count("memory-limit"),
                time: level.millis("time-limit"),
            },
            failures: level.count("failure-limit"),
            aside: level.seconds("set-aside-time"),
            parameters: given.unwrap_or_default().to_string().into(),
        }
    }

    /// What a module is begun with; its lines go to `log`, and what takes long is done by `aside`.
    pub(super) fn setup(&self, protocol: Protocol, log: Log, aside: Aside) -> Setup {
        Setup { protocol, parameters: self.parameters.clone(), limits: self.limits, log, aside }
    }
}

/// Finds what is wrong with an entry by itself. What a module is called in the log and in statistics is the name of its file.
pub(super) fn judge<L: Hooked>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) {
    let (written, process): (_, &Process) = (entry.written, entry.config.as_ref());
    if !written.path.ends_with(".wasm") {
        let reason = "a module of WebAssembly is a file whose name ends with .wasm";
        diagnostics.error(&written.source, reason.to_owned());
    }
    let before = process.libraries.iter().take_while(|other| !std::ptr::eq(*other, written));
    if { before }.any(|other| file(&other.path) == file(&written.path)) {
        diagnostics.error(&written.source, format!("another module is called {}", file(&written.path)));
    }
}

/// The name of a file without its folder.
fn file(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, file)| file)
}
