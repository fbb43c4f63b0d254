//! Client classes, in order.

use serde_json::{Map, Value as Json, json};

use super::name::CLASS;
use super::options::Place;
use super::{Failed, For, Objects, doing, map_of, maps, only_kept, text, with_tags};
use crate::value::Value;

const TABLE: &str = "dhcp#_client_class";
const SERVERS: &str = "dhcp#_client_class_server";

/// What a class depends on: found out by whoever reads its expression.
#[derive(Clone, Debug, Default)]
pub struct DependsOn {
    /// Whether on KNOWN or UNKNOWN.
    pub known: bool,
    /// Other classes, by name; those that are not in the database are left out.
    pub classes: Vec<String>,
}

impl Objects<'_> {
    /// Sets a class, in place of one of its name; it comes after `follows`, or stays, or comes last.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn set_class(
        &mut self,
        class: &Map<String, Json>,
        follows: Option<&str>,
        depends_on: &DependsOn,
        tags: &[String],
    ) -> Result<(), Failed> {
        let fields = self.protocol.classes().fields;
        only_kept(class, &fields, &["option-data", "option-def"])?;
        let name = text(class, "name")?;
        let mut written = class.clone();
        written.entry("only-in-additional-list").or_insert(json!(false));
        self.begin(tags, "client class set", true).await?;
        let objects = &mut *self;
        let done = doing(async {
            let id = match objects.named_so(CLASS, name).await? {
                Some(id) => {
                    objects.update(TABLE, "id", id, &fields, &written).await?;
                    objects.move_class(id, follows, depends_on.known).await?;
                    id
                }
                None => {
                    let more = [
                        ("depend_on_known_directly", Value::Bool(depends_on.known)),
                        ("follow_class_name", Value::text(follows)),
                    ];
                    objects.insert(TABLE, "id", &fields, &written, &more).await?
                }
            };
            objects.assign(SERVERS, "class_id", id, tags).await?;
            objects.delete("dhcp#_client_class_dependency", "class_id", id).await?;
            for other in &depends_on.classes {
                let other =
                    objects.statement("SELECT id FROM dhcp#_client_class WHERE name = ").value(&**other);
                if let Some(other) = objects.number(other).await? {
                    let statement = objects.statement(
                        "INSERT INTO dhcp#_client_class_dependency (class_id, dependency_id) VALUES (",
                    );
                    objects.execute(statement.value(id).text(", ").value(other).text(")")).await?;
                }
            }
            objects.write_options(&Place::Class(name.to_owned()), class).await?;
            objects.delete("dhcp#_option_def", "class_id", id).await?;
            for definition in maps(class, "option-def") {
                objects.write_definition(definition, None, Some(id)).await?;
            }
            Ok(())
        })
        .await;
        self.end(done).await
    }

    /// Says what a class depends on, and moves it if it is to follow another one.
    async fn move_class(&mut self, id: i64, follows: Option<&str>, known: bool) -> Result<(), Failed> {
        let mut statement =
            self.statement("UPDATE dhcp#_client_class SET depend_on_known_directly = ").value(known);
        if follows.is_some() {
            statement = statement.text(", follow_class_name = ").value(Value::text(follows));
        }
        self.execute(statement.text(" WHERE id = ").value(id)).await?;
        Ok(())
    }

    /// Deletes a class.
    ///
    /// # Errors
    /// As [`Failed`] says; wrong, when others depend on it.
    pub async fn delete_class(&mut self, name: &str) -> Result<u64, Failed> {
        self.begin(&[], "client class deleted", true).await?;
        let objects = &mut *self;
        let done = doing(async {
            let statement = objects.statement(
                "SELECT c.name FROM dhcp#_client_class c JOIN dhcp#_client_class_dependency d ON d.class_id = c.id \
                 JOIN dhcp#_client_class it ON it.id = d.dependency_id WHERE it.name = ",
            );
            if let Some(other) =
                objects.rows(statement.value(name)).await?.first().and_then(|row| row.text(0))
            {
                return Err(Failed::Wrong(format!("class '{name}' is used by class '{other}'")));
            }
            objects
                .execute(objects.statement("DELETE FROM dhcp#_client_class WHERE name = ").value(name))
                .await
        })
        .await;
        self.end(done).await
    }

    /// The classes that are meant, in their order.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn classes(
        &mut self,
        name: Option<&str>,
        servers: &For,
    ) -> Result<Vec<Map<String, Json>>, Failed> {
        let fields = self.protocol.classes().fields;
        let mut statement = self.select(TABLE, "id", &fields);
        statement.push(&self.named(" LEFT JOIN dhcp#_client_class_order p ON p.class_id = o.id"));
        self.only(&mut statement, servers, "id", SERVERS, "class_id");
        if let Some(name) = name {
            statement = statement.text(" AND o.name = ").value(name);
        }
        let rows = self.rows(statement.text(" ORDER BY p.order_index, o.id")).await?;
        let tags = self.tags_of(SERVERS, "class_id", &rows).await?;
        let mut classes = Vec::new();
        for row in &rows {
            let (id, mut class) = map_of(row, &fields);
            let place = Place::Class(text(&class, "name")?.to_owned());
            class.insert("option-data".to_owned(), json!(self.options_in(&place).await?));
            let definitions = self.definitions_of_class(id).await?;
            if !definitions.is_empty() {
                class.insert("option-def".to_owned(), json!(definitions));
            }
            with_tags(&mut class, tags.of(id));
            classes.push(class);
        }
        Ok(classes)
    }
}
