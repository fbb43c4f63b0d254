//! Names, which MySQL compares without regard to case, while a configuration tells them apart.

use super::{Failed, Objects};

/// A kind of object that is told by its name: its table, and what it is called.
#[derive(Clone, Copy)]
pub(super) struct Named {
    table: &'static str,
    what: &'static str,
}

pub(super) const NETWORK: Named = Named { table: "dhcp#_shared_network", what: "shared network" };
pub(super) const CLASS: Named = Named { table: "dhcp#_client_class", what: "client class" };

impl Objects<'_> {
    /// The number of the object of a name.
    ///
    /// # Errors
    /// When the database takes the name for another one: were it written so, what names the other would name nothing.
    pub(super) async fn named_so(&mut self, of: Named, name: &str) -> Result<Option<i64>, Failed> {
        let Named { table, what } = of;
        let statement = self.statement(&format!("SELECT id, name FROM {table} WHERE name = ")).value(name);
        let rows = self.rows(statement).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        match row.text(1) {
            Some(there) if there != name => Err(Failed::Wrong(format!(
                "the database does not tell the {what} '{name}' from '{there}', which it has: \
                 name it '{there}', or take another name"
            ))),
            _ => Ok(row.int(0)),
        }
    }
}
