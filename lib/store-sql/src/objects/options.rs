//! Options, wherever they lie.

use serde_json::{Map, Value as Json, json};

use super::name::NETWORK;
use super::{ALL, Failed, For, Objects, Protocol, doing, maps, number, text, with_tags};
use crate::config::spaced;
use crate::value::{Kind, Row, Value};

/// Where an option lies. Pools are told by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In nothing.
    Global,
    /// In a subnet, by id.
    Subnet(i64),
    /// In a class, by name.
    Class(String),
    /// In a shared network, by name.
    Network(String),
    /// In a pool of addresses.
    Pool(i64),
    /// In a pool of prefixes.
    PdPool(i64),
}

impl Place {
    /// `scope_id`, the column that names what it lies in, and its value.
    fn column(&self) -> (i64, Option<(&'static str, Value)>) {
        match self {
            Self::Global => (0, None),
            Self::Subnet(id) => (1, Some(("dhcp#_subnet_id", Value::Int(*id)))),
            Self::Class(name) => (2, Some(("dhcp_client_class", Value::Text(name.clone())))),
            Self::Network(name) => (4, Some(("shared_network_name", Value::Text(name.clone())))),
            Self::Pool(id) => (5, Some(("pool_id", Value::Int(*id)))),
            Self::PdPool(id) => (6, Some(("pd_pool_id", Value::Int(*id)))),
        }
    }

    fn message(&self) -> &'static str {
        match self {
            Self::Global => "global option set",
            Self::Subnet(_) => "subnet specific option set",
            Self::Class(_) => "client class specific option set",
            Self::Network(_) => "shared network specific option set",
            Self::Pool(_) => "address pool specific option set",
            Self::PdPool(_) => "prefix delegation pool specific option set",
        }
    }

    fn gone(&self) -> &'static str {
        match self {
            Self::Global => "global option deleted",
            Self::Subnet(_) => "subnet specific option deleted",
            Self::Class(_) => "client class specific options deleted",
            Self::Network(_) => "shared network specific option deleted",
            Self::Pool(_) => "address pool specific option deleted",
            Self::PdPool(_) => "prefix delegation pool specific option deleted",
        }
    }
}

/// What is read of an option, in this order.
const COLUMNS: &str = "o.option_id, o.code, o.value, o.formatted_value, o.space, o.persistent, o.cancelled, \
                       o.client_classes, o.user_context";

impl Objects<'_> {
    /// Sets an option, in place of one of the same code, space and classes in the same place.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn set_option(
        &mut self,
        place: &Place,
        option: &Map<String, Json>,
        tags: &[String],
    ) -> Result<(), Failed> {
        self.begin(tags, place.message(), false).await?;
        let objects = &mut *self;
        let done = doing(async {
            let classes = classes(option);
            let former = objects
                .find_options(
                    place,
                    number(option, "code")?,
                    text(option, "space")?,
                    Some(&classes),
                    Some(tags),
                )
                .await?;
            match former.first() {
                Some(&id) => objects.write_option(place, option, Some(id), tags).await,
                None => objects.write_option(place, option, None, tags).await,
            }
        })
        .await;
        self.end(done).await
    }

    /// Deletes options of a code and a space: those for these classes, or all.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn delete_options(
        &mut self,
        place: &Place,
        code: i64,
        space: &str,
        classes: Option<&[Json]>,
        tags: &[String],
    ) -> Result<u64, Failed> {
        self.begin(tags, place.gone(), false).await?;
        let objects = &mut *self;
        let done = doing(async {
            let classes = classes.map(spaced);
            let found = objects.find_options(place, code, space, classes.as_deref(), Some(tags)).await?;
            let mut gone = 0;
            for id in found {
                gone += objects.delete("dhcp#_options", "option_id", id).await?;
            }
            Ok(gone)
        })
        .await;
        self.end(done).await
    }

    /// The global options for these servers: of several of one code, space and classes that of the server itself.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn global_options(&mut self, servers: &For) -> Result<Vec<Map<String, Json>>, Failed> {
        let mut statement = self.statement(&format!("SELECT {COLUMNS} FROM dhcp#_options o"));
        self.only(&mut statement, servers, "option_id", "dhcp#_options_server", "option_id");
        let rows = self.rows(statement.text(" AND o.scope_id = 0 ORDER BY o.option_id")).await?;
        let all_tags = self.tags_of("dhcp#_options_server", "option_id", &rows).await?;
        let mut options: Vec<Map<String, Json>> = Vec::new();
        for row in &rows {
            let mut option = read(row);
            let tags = all_tags.of(row.int(0).unwrap_or_default());
            let is_for_all = tags.iter().any(|tag| tag == super::ALL);
            with_tags(&mut option, tags);
            let same = |other: &Map<String, Json>| {
                ["code", "space", "client-classes"]
                    .iter()
                    .all(|keyword| other.get(*keyword) == option.get(*keyword))
            };
            match options.iter().position(same) {
                Some(_) if is_for_all => {}
                Some(at) => options[at] = option,
                None => options.push(option),
            }
        }
        Ok(options)
    }

    /// The options that lie in something.
    pub(super) async fn options_in(&mut self, place: &Place) -> Result<Vec<Json>, Failed> {
        let (scope, column) = place.column();
        let text = format!("SELECT {COLUMNS} FROM dhcp#_options o WHERE o.scope_id = ");
        let mut statement = self.statement(&text).value(scope);
        if let Some((column, value)) = column {
            statement.push(&self.named(&format!(" AND o.{column} = ")));
            statement.bind(value);
        }
        let rows = self.rows(statement.text(" ORDER BY o.option_id")).await?;
        Ok(rows.iter().map(|row| Json::Object(read(row))).collect())
    }

    /// Adds what a map has under `option-data` in place of what there was.
    pub(super) async fn write_options(
        &mut self,
        place: &Place,
        map: &Map<String, Json>,
    ) -> Result<(), Failed> {
        let (scope, Some((column, value))) = place.column() else { return Ok(()) };
        let statement = self.statement("DELETE FROM dhcp#_options WHERE scope_id = ").value(scope);
        let column = self.named(column);
        self.execute(statement.text(&format!(" AND {column} = ")).value(value)).await?;
        for option in maps(map, "option-data") {
            self.write_option(place, option, None, &[]).await?;
        }
        Ok(())
    }

    async fn find_options(
        &mut self,
        place: &Place,
        code: i64,
        space: &str,
        classes: Option<&str>,
        tags: Option<&[String]>,
    ) -> Result<Vec<i64>, Failed> {
        let (scope, column) = place.column();
        let mut statement = self
            .statement(
                "SELECT o.option_id, o.space, o.client_classes FROM dhcp#_options o WHERE o.scope_id = ",
            )
            .value(scope);
        statement = statement.text(" AND o.code = ").value(code).text(" AND o.space = ").value(space);
        if let Some(classes) = classes {
            statement = statement.text(" AND o.client_classes = ").value(classes);
        }
        if let Some((column, value)) = column {
            statement = statement.text(&self.named(&format!(" AND o.{column} = "))).value(value);
        } else if let Some([tag]) = tags {
            statement.push(&self.named(
                " AND EXISTS (SELECT 1 FROM dhcp#_options_server a JOIN dhcp#_server s ON s.id = a.server_id \
                 WHERE a.option_id = o.option_id AND s.tag = ",
            ));
            statement = statement.value(&**tag).text(")");
        }
        let rows = self.rows(statement.text(" ORDER BY o.option_id")).await?;
        // MySQL finds those of other letter cases, too.
        let is_so = |row: &&Row| {
            row.text(1) == Some(space) && classes.is_none_or(|classes| row.text(2) == Some(classes))
        };
        Ok(rows.iter().filter(is_so).filter_map(|row| row.int(0)).collect())
    }

    async fn write_option(
        &mut self,
        place: &Place,
        option: &Map<String, Json>,
        former: Option<i64>,
        tags: &[String],
    ) -> Result<(), Failed> {
        let data = option.get("data").and_then(Json::as_str).unwrap_or_default();
        let is_text = option.get("csv-format").and_then(Json::as_bool).unwrap_or(true);
        let yes = |keyword: &str| option.get(keyword).and_then(Json::as_bool).unwrap_or_default();
        let (value, formatted) = match (is_text, data.is_empty()) {
            (_, true) => (Value::Null(Kind::Bytes), Value::Null(Kind::Text)),
            (true, false) => (Value::Null(Kind::Bytes), Value::Text(data.to_owned())),
            (false, false) => (Value::Bytes(bytes(data)?), Value::Null(Kind::Text)),
        };
        let context = option.get("user-context").map(Json::to_string);
        let (scope, column) = place.column();
        let mut more = vec![
            ("code", Value::Int(number(option, "code")?)),
            ("value", value),
            ("formatted_value", formatted),
            ("space", Value::Text(text(option, "space")?.to_owned())),
            ("persistent", Value::Bool(yes("always-send"))),
            ("cancelled", Value::Bool(yes("never-send"))),
            ("client_classes", Value::Text(classes(option))),
            ("user_context", Value::text(context.as_deref())),
            ("scope_id", Value::Int(scope)),
        ];
        more.extend(column);
        let id = match former {
            Some(id) => {
                let mut statement =
                    self.statement(&format!("UPDATE dhcp#_options SET modification_ts = {}", self.now()));
                for (column, value) in more {
                    statement.push(&self.named(&format!(", {column} = ")));
                    statement.bind(value);
                }
                self.execute(statement.text(" WHERE option_id = ").value(id)).await?;
                id
            }
            None => {
                let columns: Vec<_> = more.iter().map(|(column, _)| *column).collect();
                let mut statement = self.inserting("dhcp#_options", &columns);
                for (_, value) in more {
                    statement.push(", ");
                    statement.bind(value);
                }
                self.added(statement.text(")"), "option_id").await?
            }
        };
        match place {
            Place::Global => self.assign("dhcp#_options_server", "option_id", id, tags).await,
            _ => Ok(()),
        }
    }

    /// That what an option is to lie in is there.
    ///
    /// # Errors
    /// When it is not.
    pub async fn is_there(&mut self, place: &Place) -> Result<(), Failed> {
        let (is_there, what) = match place {
            Place::Global | Place::Class(_) | Place::Pool(_) | Place::PdPool(_) => return Ok(()),
            Place::Subnet(id) => {
                let statement =
                    self.statement("SELECT subnet_id FROM dhcp#_subnet WHERE subnet_id = ").value(*id);
                (self.number(statement).await?.is_some(), format!("subnet {id}"))
            }
            Place::Network(name) => {
                (self.named_so(NETWORK, name).await?.is_some(), format!("shared network '{name}'"))
            }
        };
        match is_there {
            false => Err(Failed::Wrong(format!("the {what} is not in the database"))),
            true => Ok(()),
        }
    }

    /// The tags of the servers that something is for in which options lie; without any, it is for no server. Classes are told
    /// by nobody.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn tags_around(&mut self, place: &Place) -> Result<Vec<String>, Failed> {
        let of_subnet = |within: &str| {
            format!(
                "SELECT s.tag FROM dhcp#_server s JOIN dhcp#_subnet_server a ON a.server_id = s.id {within} = "
            )
        };
        let (text, value) = match place {
            Place::Global | Place::Class(_) => return Ok(vec![ALL.to_owned()]),
            Place::Subnet(id) => (of_subnet("WHERE a.subnet_id"), Value::Int(*id)),
            Place::Pool(id) => {
                (of_subnet("JOIN dhcp#_pool p ON p.subnet_id = a.subnet_id WHERE p.id"), Value::Int(*id))
            }
            Place::PdPool(id) => {
                (of_subnet("JOIN dhcp#_pd_pool p ON p.subnet_id = a.subnet_id WHERE p.id"), Value::Int(*id))
            }
            Place::Network(name) => (
                "SELECT s.tag FROM dhcp#_server s JOIN dhcp#_shared_network_server a ON a.server_id = s.id \
                 JOIN dhcp#_shared_network n ON n.id = a.shared_network_id WHERE n.name = "
                    .to_owned(),
                Value::Text(name.clone()),
            ),
        };
        let statement = self.statement(&text).value(value);
        Ok(self.rows(statement).await?.iter().filter_map(|row| row.text(0).map(str::to_owned)).collect())
    }
}

/// The classes of an option as the column has them.
fn classes(option: &Map<String, Json>) -> String {
    spaced(option.get("client-classes").and_then(Json::as_array).map_or(&[], Vec::as_slice))
}

/// The bytes of hexadecimal digits, with separators or without.
fn bytes(data: &str) -> Result<Vec<u8>, Failed> {
    let digits: Vec<u32> = data
        .trim_start_matches("0x")
        .chars()
        .filter(|c| !matches!(c, ':' | ' '))
        .map(|c| c.to_digit(16))
        .collect::<Option<_>>()
        .filter(|digits: &Vec<_>| digits.len().is_multiple_of(2))
        .ok_or_else(|| Failed::Wrong(format!("'{data}' is not hexadecimal digits in pairs")))?;
    Ok(digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect())
}

fn read(row: &Row) -> Map<String, Json> {
    let mut option = Map::new();
    let mut put = |keyword: &str, value: Json| option.insert(keyword.to_owned(), value);
    put("code", json!(row.int(1)));
    put("space", json!(row.text(4).unwrap_or_default()));
    put("always-send", json!(row.bool(5).unwrap_or_default()));
    put("never-send", json!(row.bool(6).unwrap_or_default()));
    let (data, is_text) = match row.text(3).filter(|text| !text.is_empty()) {
        Some(text) => (text.to_owned(), true),
        None => {
            let bytes = row.bytes(2).unwrap_or_default();
            (bytes.iter().map(|byte| format!("{byte:02X}")).collect(), false)
        }
    };
    put("csv-format", json!(is_text));
    put("data", json!(data));
    let classes: Option<Json> = row.text(7).and_then(|text| serde_json::from_str(text).ok());
    if let Some(classes) = classes.filter(|classes| classes.as_array().is_some_and(|list| !list.is_empty())) {
        put("client-classes", classes);
    }
    if let Some(context) = row.text(8).and_then(|text| serde_json::from_str(text).ok()) {
        put("user-context", context);
    }
    option
}

/// Places in a subnet: those of each protocol.
pub(super) fn pool_place(protocol: Protocol, prefixes: bool, id: i64) -> Place {
    match protocol == Protocol::V6 && prefixes {
        true => Place::PdPool(id),
        false => Place::Pool(id),
    }
}
