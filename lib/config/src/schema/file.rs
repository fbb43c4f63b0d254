//! What kind of file a configuration is.

use super::table::Table;

/// The form of the configuration of one kind of server.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// The whole file.
    pub top: &'static Table,
    /// The map of the server in it, under the keyword that is its name. `config-get` shows the defaults of inherited
    /// parameters here alone.
    pub global: &'static Table,
}
