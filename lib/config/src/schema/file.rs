//! What kind of file a configuration is.

use std::net::IpAddr;

use super::modern::modern_map;
use super::table::Table;
use super::validate::validate_map;
use crate::json::{Diagnostics, Value};

/// The form of the configuration of one kind of server.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// The whole file.
    pub top: &'static Table,
    /// The map of the server in it, under the keyword that is its name. `config-get` shows the defaults of inherited
    /// parameters here alone.
    pub global: &'static Table,
    /// The hook libraries whose parameters are known.
    pub libraries: &'static [LibrarySchema],
    /// Where HTTP sockets are that say nothing of it.
    pub loopback: IpAddr,
}

/// A hook library and what its parameters may be.
#[derive(Clone, Copy, Debug)]
pub struct LibrarySchema {
    /// What it is called: `flex_option` for `/any/where/libdhcp_flex_option.so`.
    pub name: &'static str,
    /// The map `parameters` of its entry.
    pub parameters: &'static Table,
}

impl File {
    /// This form with these hook libraries.
    #[must_use]
    pub const fn with_libraries(self, libraries: &'static [LibrarySchema]) -> Self {
        Self { libraries, ..self }
    }

    /// The hook library in the file `path`, if it is one of those that are known.
    pub fn library(&self, path: &str) -> Option<&'static LibrarySchema> {
        let name = library_name(path);
        self.libraries.iter().find(|library| library.name == name)
    }
}

/// What files of modules of WebAssembly end with.
const MODULES: &str = ".wasm";

/// The table of the parameters of a hook library, if it is one of those that are known; `library` is what stands under
/// that keyword.
pub(crate) fn library_table(file: &File, library: Option<&serde_json::Value>) -> Option<&'static Table> {
    let path = library?.as_str()?;
    file.library(path).map(|library| library.parameters)
}

/// A map that stands for itself, in the keywords of today and compared with its table: the parameters of a hook library,
/// or what it wants of a `user-context`. What is wrong goes to `diagnostics`.
pub fn checked_map(map: Value, table: &'static Table, diagnostics: &mut Diagnostics) -> Value {
    let map = modern_map(map, table, diagnostics);
    validate_map(&map, table, diagnostics);
    map
}

/// What the hook library in the file `path` is called, wherever that is and whether or not there is such a file:
/// `flex_option` for `/any/where/libdhcp_flex_option.so`, and `wasm` for every module of WebAssembly (`libdhcp_any.wasm`).
pub fn library_name(path: &str) -> &str {
    let file = path.rsplit_once('/').map_or(path, |(_, file)| file);
    if file.ends_with(MODULES) {
        return &MODULES[1..];
    }
    let stem = file.strip_suffix(".so").unwrap_or(file);
    ["libdhcp_", "lib"].iter().find_map(|prefix| stem.strip_prefix(prefix)).unwrap_or(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The folder does not matter, nor what Kea puts around the name.
    #[test]
    fn libraries_are_known_by_their_names() {
        for path in ["/usr/lib/kea/hooks/libdhcp_ha.so", "libdhcp_ha.so", "./libdhcp_ha.so", "ha"] {
            assert_eq!(library_name(path), "ha", "{path}");
        }
        assert_eq!(library_name("/x/libddns_gss_tsig.so"), "ddns_gss_tsig");
        assert_eq!(library_name("/x/"), "");
        assert_eq!(library_name("/usr/lib/kea/hooks/libdhcp_any.wasm"), "wasm");
        assert_eq!(library_name("/x.wasm/libdhcp_any.so"), "any");
    }
}
