//! Global parameters: those of maps under names with a dot.

use serde_json::{Map, Value as Json, json};

use super::{Failed, For, Objects, doing, with_tags};

const SERVERS: &str = "dhcp#_global_parameter_server";

impl Objects<'_> {
    /// Sets global parameters for one server or all, as one change each of which replaces what there was.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn set_globals(
        &mut self,
        parameters: &Map<String, Json>,
        tags: &[String],
    ) -> Result<(), Failed> {
        self.begin(tags, "global parameter set", false).await?;
        let objects = &mut *self;
        let done = doing(async {
            for (name, value) in parameters {
                let (text, kind) = match value {
                    Json::Bool(yes) => (u8::from(*yes).to_string(), 2),
                    Json::String(text) => (text.clone(), 4),
                    Json::Number(number) if number.is_i64() || number.is_u64() => (number.to_string(), 0),
                    Json::Number(number) => (number.to_string(), 1),
                    _ => return Err(Failed::Wrong(format!("'{name}' is no string, number or truth value"))),
                };
                let id = match objects.find_global(name, tags).await? {
                    Some(id) => {
                        let now = objects.now();
                        let statement =
                            objects.statement("UPDATE dhcp#_global_parameter SET value = ").value(&*text);
                        let statement = statement.text(", parameter_type = ").value(i64::from(kind));
                        let statement =
                            statement.text(&format!(", modification_ts = {now} WHERE id = ")).value(id);
                        objects.execute(statement).await?;
                        id
                    }
                    None => {
                        let columns = ["name", "value", "parameter_type"];
                        let statement = objects.inserting("dhcp#_global_parameter", &columns);
                        let statement = statement.text(", ").value(&**name).text(", ").value(&*text);
                        let statement = statement.text(", ").value(i64::from(kind));
                        objects.added(statement.text(")"), "id").await?
                    }
                };
                objects.assign(SERVERS, "parameter_id", id, tags).await?;
            }
            Ok(())
        })
        .await;
        self.end(done).await
    }

    /// Deletes a global parameter of one server or all.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn delete_global(&mut self, name: &str, tags: &[String]) -> Result<u64, Failed> {
        self.begin(tags, "global parameter deleted", false).await?;
        let objects = &mut *self;
        let done = doing(async {
            match objects.find_global(name, tags).await? {
                Some(id) => objects.delete("dhcp#_global_parameter", "id", id).await,
                None => Ok(0),
            }
        })
        .await;
        self.end(done).await
    }

    /// The global parameters for these servers, a map of each: of several of one name that of the server itself.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn globals(&mut self, servers: &For) -> Result<Vec<(String, Map<String, Json>)>, Failed> {
        let mut statement =
            self.statement("SELECT o.id, o.name, o.value, o.parameter_type FROM dhcp#_global_parameter o");
        self.only(&mut statement, servers, "id", SERVERS, "parameter_id");
        let rows = self.rows(statement.text(" ORDER BY o.id")).await?;
        let all_tags = self.tags_of(SERVERS, "parameter_id", &rows).await?;
        let mut globals: Vec<(String, Map<String, Json>)> = Vec::new();
        for row in &rows {
            let (Some(name), Some(text)) = (row.text(1), row.text(2)) else { continue };
            let value = match row.int(3) {
                Some(0) => text.parse::<i64>().map(Json::from).unwrap_or_default(),
                Some(1) => text.parse::<f64>().map(Json::from).unwrap_or_default(),
                Some(2) => json!(text == "1" || text == "true"),
                _ => json!(text),
            };
            let tags = all_tags.of(row.int(0).unwrap_or_default());
            let is_for_all = tags.iter().any(|tag| tag == super::ALL);
            let mut global = Map::new();
            global.insert(name.to_owned(), value);
            with_tags(&mut global, tags);
            match globals.iter().position(|(other, _)| other == name) {
                Some(_) if is_for_all => {}
                Some(at) => globals[at].1 = global,
                None => globals.push((name.to_owned(), global)),
            }
        }
        Ok(globals)
    }

    async fn find_global(&mut self, name: &str, tags: &[String]) -> Result<Option<i64>, Failed> {
        let tag = tags.first().map_or(super::ALL, String::as_str);
        let statement = self.statement(
            "SELECT o.id FROM dhcp#_global_parameter o JOIN dhcp#_global_parameter_server a ON a.parameter_id = o.id \
             JOIN dhcp#_server s ON s.id = a.server_id WHERE s.tag = ",
        );
        self.number(statement.value(tag).text(" AND o.name = ").value(name)).await
    }
}
