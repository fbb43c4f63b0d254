//! Definitions of options.

use serde_json::{Map, Value as Json, json};

use super::{Failed, For, Objects, doing, number, text, with_tags};
use crate::config::spaced;
use crate::schema::DATA_TYPES;
use crate::value::{Kind, Row, Value};

const COLUMNS: &str =
    "o.id, o.code, o.name, o.space, o.type, o.is_array, o.encapsulate, o.record_types, o.user_context";
const SERVERS: &str = "dhcp#_option_def_server";

impl Objects<'_> {
    /// Sets a definition, in place of one of its code and space for the same servers.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn set_definition(
        &mut self,
        definition: &Map<String, Json>,
        tags: &[String],
    ) -> Result<(), Failed> {
        self.begin(tags, "option definition set", false).await?;
        let objects = &mut *self;
        let done = doing(async {
            let (code, space) = (number(definition, "code")?, text(definition, "space")?);
            let former = objects.find_definition(code, space, tags).await?;
            let id = objects.write_definition(definition, former, None).await?;
            objects.assign(SERVERS, "option_def_id", id, tags).await
        })
        .await;
        self.end(done).await
    }

    /// Deletes the definition of a code and a space for these servers.
    ///
    /// # Errors
    /// As [`Failed`] says; wrong, when there are options of it and it is not forced.
    pub async fn delete_definition(
        &mut self,
        code: i64,
        space: &str,
        force: bool,
        tags: &[String],
    ) -> Result<u64, Failed> {
        self.begin(tags, "option definition deleted", false).await?;
        let objects = &mut *self;
        let done = doing(async {
            let Some(id) = objects.find_definition(code, space, tags).await? else { return Ok(0) };
            let used = objects
                .statement("SELECT 1 FROM dhcp#_options WHERE code = ")
                .value(code)
                .text(" AND space = ");
            if !force && !objects.rows(used.value(space)).await?.is_empty() {
                return Err(Failed::Wrong(format!(
                    "option definition with code {code} in space '{space}' is used by options in the database"
                )));
            }
            objects.delete("dhcp#_option_def", "id", id).await
        })
        .await;
        self.end(done).await
    }

    /// The definitions for these servers: of several of one code and space that of the server itself.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn definitions(&mut self, servers: &For) -> Result<Vec<Map<String, Json>>, Failed> {
        let mut statement = self.statement(&format!("SELECT {COLUMNS} FROM dhcp#_option_def o"));
        self.only(&mut statement, servers, "id", SERVERS, "option_def_id");
        let rows = self.rows(statement.text(" AND o.class_id IS NULL ORDER BY o.id")).await?;
        let all_tags = self.tags_of(SERVERS, "option_def_id", &rows).await?;
        let mut definitions: Vec<Map<String, Json>> = Vec::new();
        for row in &rows {
            let mut definition = read(row);
            let tags = all_tags.of(row.int(0).unwrap_or_default());
            let is_for_all = tags.iter().any(|tag| tag == super::ALL);
            with_tags(&mut definition, tags);
            let same = |other: &Map<String, Json>| {
                ["code", "space"].iter().all(|keyword| other.get(*keyword) == definition.get(*keyword))
            };
            match definitions.iter().position(same) {
                Some(_) if is_for_all => {}
                Some(at) => definitions[at] = definition,
                None => definitions.push(definition),
            }
        }
        Ok(definitions)
    }

    pub(super) async fn definitions_of_class(&mut self, class: i64) -> Result<Vec<Json>, Failed> {
        let statement = self
            .statement(&format!("SELECT {COLUMNS} FROM dhcp#_option_def o WHERE o.class_id = "))
            .value(class);
        let rows = self.rows(statement.text(" ORDER BY o.id")).await?;
        Ok(rows.iter().map(|row| Json::Object(read(row))).collect())
    }

    async fn find_definition(
        &mut self,
        code: i64,
        space: &str,
        tags: &[String],
    ) -> Result<Option<i64>, Failed> {
        let tag = tags.first().map_or(super::ALL, String::as_str);
        let statement = self.statement(
            "SELECT o.id, o.space FROM dhcp#_option_def o JOIN dhcp#_option_def_server a ON a.option_def_id = o.id \
             JOIN dhcp#_server s ON s.id = a.server_id WHERE o.class_id IS NULL AND s.tag = ",
        );
        let statement =
            statement.value(tag).text(" AND o.code = ").value(code).text(" AND o.space = ").value(space);
        let rows = self.rows(statement).await?;
        // MySQL finds those of spaces in other letter cases, too.
        Ok(rows.iter().find(|row| row.text(1) == Some(space)).and_then(|row| row.int(0)))
    }

    /// Writes a definition: into the row `former`, or a new one; it may be that of a class.
    pub(super) async fn write_definition(
        &mut self,
        definition: &Map<String, Json>,
        former: Option<i64>,
        class: Option<i64>,
    ) -> Result<i64, Failed> {
        let kind = number_of(text(definition, "type")?)?;
        let records = definition.get("record-types").and_then(Json::as_str).unwrap_or_default();
        let records = records.split(',').map(str::trim).filter(|kind| !kind.is_empty());
        let records: Vec<Json> =
            records.map(|kind| number_of(kind).map(Json::from)).collect::<Result<_, _>>()?;
        let records = (!records.is_empty()).then(|| spaced(&records));
        let context = definition.get("user-context").map(Json::to_string);
        let encapsulate = definition.get("encapsulate").and_then(Json::as_str).unwrap_or_default();
        let values = [
            ("code", Value::Int(number(definition, "code")?), ""),
            ("name", Value::Text(text(definition, "name")?.to_owned()), ""),
            ("space", Value::Text(text(definition, "space")?.to_owned()), ""),
            ("type", Value::Int(kind), ""),
            (
                "is_array",
                Value::Bool(definition.get("array").and_then(Json::as_bool).unwrap_or_default()),
                "",
            ),
            ("encapsulate", Value::Text(encapsulate.to_owned()), ""),
            ("record_types", Value::text(records.as_deref()), ""),
            ("user_context", Value::text(context.as_deref()), "::json"),
            ("class_id", class.map_or(Value::Null(Kind::Int), Value::Int), ""),
        ];
        let cast = |cast: &'static str| if self.engine() == crate::Engine::Postgres { cast } else { "" };
        match former {
            Some(id) => {
                let text = format!("UPDATE dhcp#_option_def SET modification_ts = {}", self.now());
                let mut statement = self.statement(&text);
                for (column, value, of_postgres) in values {
                    statement.push(&format!(", {column} = "));
                    statement.bind(value);
                    statement.push(cast(of_postgres));
                }
                self.execute(statement.text(" WHERE id = ").value(id)).await?;
                Ok(id)
            }
            None => {
                let columns: Vec<_> = values.iter().map(|(column, ..)| *column).collect();
                let mut statement = self.inserting("dhcp#_option_def", &columns);
                for (_, value, of_postgres) in values {
                    statement.push(", ");
                    statement.bind(value);
                    statement.push(cast(of_postgres));
                }
                self.added(statement.text(")"), "id").await
            }
        }
    }
}

fn number_of(kind: &str) -> Result<i64, Failed> {
    let found = DATA_TYPES.iter().find(|(_, name)| *name == kind);
    found.map(|(number, _)| *number).ok_or_else(|| Failed::Wrong(format!("'{kind}' is no type of data")))
}

fn name_of(number: i64) -> &'static str {
    DATA_TYPES.iter().find(|(it, _)| *it == number).map_or("binary", |(_, name)| name)
}

fn read(row: &Row) -> Map<String, Json> {
    let records: Vec<i64> = row.text(7).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let records: Vec<_> = records.into_iter().map(name_of).collect();
    let mut definition = Map::new();
    let mut put = |keyword: &str, value: Json| definition.insert(keyword.to_owned(), value);
    put("code", json!(row.int(1)));
    put("name", json!(row.text(2)));
    put("space", json!(row.text(3)));
    put("type", json!(name_of(row.int(4).unwrap_or_default())));
    put("array", json!(row.bool(5).unwrap_or_default()));
    put("encapsulate", json!(row.text(6).unwrap_or_default()));
    put("record-types", json!(records.join(", ")));
    if let Some(context) = row.text(8).and_then(|text| serde_json::from_str(text).ok()) {
        put("user-context", context);
    }
    definition
}
