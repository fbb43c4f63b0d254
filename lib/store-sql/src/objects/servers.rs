//! The servers that a configuration is for.

use serde_json::{Map, Value as Json, json};

use super::{ALL, Failed, Objects, doing};
use crate::value::Value;

impl Objects<'_> {
    /// Sets a server, in place of one of its tag.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn set_server(&mut self, tag: &str, description: &str) -> Result<(), Failed> {
        self.begin(&[], "server set", false).await?;
        let objects = &mut *self;
        let done = doing(async {
            let there = objects.statement("SELECT id FROM dhcp#_server WHERE tag = ").value(tag);
            match objects.number(there).await? {
                Some(id) => {
                    let now = objects.now();
                    let statement =
                        objects.statement("UPDATE dhcp#_server SET description = ").value(description);
                    let statement =
                        statement.text(&format!(", modification_ts = {now} WHERE id = ")).value(id);
                    objects.execute(statement).await?;
                }
                None => {
                    let statement = objects.inserting("dhcp#_server", &["tag", "description"]);
                    let statement = statement.text(", ").value(tag).text(", ").value(description);
                    objects.execute(statement.text(")")).await?;
                }
            }
            Ok(())
        })
        .await;
        self.end(done).await
    }

    /// Deletes a server with what is for it alone and cannot be for several: parameters, options, definitions. Subnets,
    /// shared networks and classes stay, for nobody if they were for it alone.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn delete_server(&mut self, tag: &str) -> Result<u64, Failed> {
        self.begin(&[], "deleting a server", false).await?;
        let objects = &mut *self;
        let done = doing(async {
            let server = objects.statement("SELECT id FROM dhcp#_server WHERE tag = ").value(tag);
            let server = objects.number(server.text(" AND tag <> ").value(ALL)).await?;
            let Some(server) = server else { return Ok(0) };
            for (table, key, servers, column) in [
                ("dhcp#_global_parameter", "id", "dhcp#_global_parameter_server", "parameter_id"),
                ("dhcp#_options", "option_id", "dhcp#_options_server", "option_id"),
                ("dhcp#_option_def", "id", "dhcp#_option_def_server", "option_def_id"),
            ] {
                let text = format!("SELECT {column} FROM {servers} WHERE server_id = ");
                let rows = objects.rows(objects.statement(&text).value(server)).await?;
                for id in rows.iter().filter_map(|row| row.int(0)) {
                    objects.delete(table, key, id).await?;
                }
            }
            // The one table whose rows do not go with the server.
            objects.delete("dhcp#_client_class_server", "server_id", server).await?;
            objects.delete("dhcp#_server", "id", server).await
        })
        .await;
        self.end(done).await
    }

    /// The servers but the one that stands for all: that of a tag, or every one.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn servers(&mut self, tag: Option<&str>) -> Result<Vec<Map<String, Json>>, Failed> {
        let mut statement =
            self.statement("SELECT tag, description FROM dhcp#_server WHERE tag <> ").value(ALL);
        if let Some(tag) = tag {
            statement = statement.text(" AND tag = ").value(Value::Text(tag.to_owned()));
        }
        let rows = self.rows(statement.text(" ORDER BY id")).await?;
        let server = |row: &crate::value::Row| {
            let mut map = Map::new();
            map.insert("server-tag".to_owned(), json!(row.text(0)));
            map.insert("description".to_owned(), json!(row.text(1).unwrap_or_default()));
            map
        };
        Ok(rows.iter().map(server).collect())
    }
}
