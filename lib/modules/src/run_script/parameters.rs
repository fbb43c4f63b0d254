//! What is configured.

use std::path::PathBuf;

use kotare_config::json::Diagnostics;
use kotare_config::schema::{Table, Type, param};

use super::messages::KOTARE_RUN_SCRIPT_PATH_SECURITY_WARNING;
use crate::{Entry, Hooked, Place, Places};

/// The `parameters` of the library. Kea minds no others.
pub(super) static PARAMETERS: Table = Table {
    name: "parameters",
    groups: &[&[param("name", Type::Text).required(), param("sync", Type::Bool).or_bool(false)]],
    open: true,
    ..Table::EMPTY
};

/// Finds what is odd about an entry by itself.
pub(super) fn judge<L: Hooked>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) {
    let parameters = entry.parameters();
    if parameters.bool("sync") {
        let source = parameters.own("sync").map_or(&entry.written.source, |written| written.source());
        diagnostics.warning_with_hint(
            source,
            "\"sync\" is without effect, as in Kea: the server never waits for a script",
            "leave it out, or set it to false",
        );
    }
}

/// Finds out whether the script of an entry can be run.
pub(super) fn judge_here<L: Hooked>(
    entry: &Entry<'_, L>,
    places: &dyn Places,
    diagnostics: &mut Diagnostics,
) {
    script(entry, places, diagnostics);
}

/// The script of an entry; why it cannot be run goes to `diagnostics`.
pub(super) fn script<L: Hooked>(
    entry: &Entry<'_, L>,
    places: &dyn Places,
    diagnostics: &mut Diagnostics,
) -> Option<PathBuf> {
    let parameters = entry.parameters();
    match places.script(parameters.text("name")).and_then(Place::executable) {
        Ok(Place { path, warning }) => {
            warning.inspect(|warning| KOTARE_RUN_SCRIPT_PATH_SECURITY_WARNING(warning));
            Some(path)
        }
        Err(reason) => {
            let source = parameters.own("name").map_or(&entry.written.source, |written| written.source());
            diagnostics.error(source, format!("Invalid 'name' parameter: {reason}"));
            None
        }
    }
}
