//! Each kind of object with all that lies in it. A table is read once, not once for each object.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use serde_json::{Map, Value as Json, json};

use super::Protocol;
use super::object::Object;
use super::read::{ConfigReader, Kept, Unread};
use crate::connection::Connection;
use crate::statement::Statement;
use crate::value::Row;

type Lists<K> = HashMap<K, Vec<Json>>;

/// `scope_id` of options, by what they lie in.
const IN_NOTHING: i64 = 0;
const IN_SUBNET: i64 = 1;
const IN_CLASS: i64 = 2;
const IN_NETWORK: i64 = 4;
const IN_POOL: i64 = 5;
const IN_PD_POOL: i64 = 6;

/// A row that was read, with the columns that were selected behind those of its object.
struct Read {
    kept: Kept,
    more: Row,
}

impl ConfigReader {
    pub(super) async fn globals(&self, connection: &mut Connection) -> Result<Vec<Kept>, Unread> {
        let object = self.protocol.globals();
        let rows = self.of_server(connection, &object, "", " ORDER BY o.id").await?;
        Ok(own_first(rows, &["name"]))
    }

    pub(super) async fn definitions(&self, connection: &mut Connection) -> Result<Vec<Kept>, Unread> {
        let object = self.protocol.definitions();
        let rows = self.of_server(connection, &object, "", " AND o.class_id IS NULL ORDER BY o.id").await?;
        Ok(own_first(rows, &["code", "space"]))
    }

    pub(super) async fn options(&self, connection: &mut Connection) -> Result<Vec<Kept>, Unread> {
        let (object, only) = (self.protocol.options(), format!(" AND o.scope_id = {IN_NOTHING}"));
        let rows = self.of_server(connection, &object, "", &(only + " ORDER BY o.option_id")).await?;
        Ok(own_first(rows, &["code", "space", "client-classes"]))
    }

    pub(super) async fn classes(&self, connection: &mut Connection) -> Result<Vec<Kept>, Unread> {
        let object = self.protocol.classes();
        let order = " LEFT JOIN dhcp#_client_class_order p ON p.class_id = o.id";
        let rows = self.of_server(connection, &object, order, " ORDER BY p.order_index, o.id").await?;
        let mut options = self.options_in(connection, IN_CLASS, "dhcp_client_class", text_of).await?;
        let definitions = self.protocol.definitions();
        let mut definitions = self.inside(connection, &definitions, "class_id", "", Row::int).await?;
        let mut classes = kept(rows);
        for class in &mut classes {
            put(class, "option-data", options.remove(name_of(&class.map)));
            put(class, "option-def", definitions.remove(&class.key));
        }
        Ok(classes)
    }

    pub(super) async fn networks(&self, connection: &mut Connection) -> Result<Vec<Kept>, Unread> {
        let object = self.protocol.networks();
        let rows = self.of_server(connection, &object, "", " ORDER BY o.id").await?;
        let mut options = self.options_in(connection, IN_NETWORK, "shared_network_name", text_of).await?;
        let mut networks = kept(rows);
        for network in &mut networks {
            put(network, "option-data", options.remove(name_of(&network.map)));
        }
        Ok(networks)
    }

    pub(super) async fn subnets(&self, connection: &mut Connection) -> Result<Vec<Kept>, Unread> {
        let object = self.protocol.subnets();
        let rows = self.of_server(connection, &object, "", " ORDER BY o.subnet_id").await?;
        let mut options = self.options_in(connection, IN_SUBNET, "dhcp#_subnet_id", Row::int).await?;
        let mut pools = self.pools(connection, &self.protocol.pools(), IN_POOL, "pool_id").await?;
        let mut pd_pools = match self.protocol {
            Protocol::V4 => Lists::new(),
            Protocol::V6 => {
                self.pools(connection, &self.protocol.pd_pools(), IN_PD_POOL, "pd_pool_id").await?
            }
        };
        let mut subnets = kept(rows);
        for subnet in &mut subnets {
            put(subnet, "pools", pools.remove(&subnet.key));
            put(subnet, "pd-pools", pd_pools.remove(&subnet.key));
            put(subnet, "option-data", options.remove(&subnet.key));
        }
        Ok(subnets)
    }

    /// Pools by subnet, with their options.
    async fn pools(
        &self,
        connection: &mut Connection,
        object: &Object,
        scope: i64,
        column: &str,
    ) -> Result<Lists<i64>, Unread> {
        let mut options = self.options_in(connection, scope, column, Row::int).await?;
        let mut lists = Lists::new();
        for Read { mut kept, more } in self.rows(connection, object, &["subnet_id"], "").await? {
            let inner = options.remove(&kept.key);
            put(&mut kept, "option-data", inner);
            let Some(subnet) = more.int(0) else { continue };
            lists.entry(subnet).or_default().push(Json::Object(kept.map));
        }
        Ok(lists)
    }

    /// Options by what they lie in.
    async fn options_in<K: Eq + Hash>(
        &self,
        connection: &mut Connection,
        scope: i64,
        column: &str,
        key: impl Fn(&Row, usize) -> Option<K>,
    ) -> Result<Lists<K>, Unread> {
        let object = self.protocol.options();
        self.inside(connection, &object, column, &format!(" AND o.scope_id = {scope}"), key).await
    }

    /// Objects by what they lie in, which a column says.
    async fn inside<K: Eq + Hash>(
        &self,
        connection: &mut Connection,
        object: &Object,
        column: &str,
        only: &str,
        key: impl Fn(&Row, usize) -> Option<K>,
    ) -> Result<Lists<K>, Unread> {
        let only = format!(" AND o.{column} IS NOT NULL{only}");
        let mut lists = Lists::new();
        for Read { kept, more } in self.rows(connection, object, &[column], &only).await? {
            let Some(key) = key(&more, 0) else { continue };
            lists.entry(key).or_insert_with(Vec::new).push(Json::Object(kept.map));
        }
        Ok(lists)
    }

    /// Objects in the order of their numbers, whomever they are for.
    async fn rows(
        &self,
        connection: &mut Connection,
        object: &Object,
        more: &[&str],
        only: &str,
    ) -> Result<Vec<Read>, Unread> {
        let mut text = format!("SELECT {}", object.columns(connection.engine()));
        for column in more {
            text.push_str(&format!(", o.{column}"));
        }
        text.push_str(&format!(" FROM {} o WHERE 1 = 1{only} ORDER BY o.{}", object.table, object.key));
        let statement = Statement::new(connection.engine(), &self.protocol.named(&text));
        self.understand(object, connection.rows(statement).await?)
    }

    /// Objects that are for this server or for all, and whether they are for this one.
    async fn of_server(
        &self,
        connection: &mut Connection,
        object: &Object,
        join: &str,
        rest: &str,
    ) -> Result<Vec<Read>, Unread> {
        let Some(servers) = object.servers else { return Ok(Vec::new()) };
        // Counted: MariaDB 10.11 gives a row twice that EXISTS finds two of.
        let count = format!(
            "(SELECT count(*) FROM {} a JOIN dhcp#_server s ON s.id = a.server_id WHERE a.{} = o.{} AND s.tag",
            servers.table, servers.column, object.key
        );
        let columns = object.columns(connection.engine());
        let named = |text: &str| self.protocol.named(text);
        let [all, own] = self.tags();
        let statement = Statement::new(connection.engine(), &named(&format!("SELECT {columns}, {count} = ")))
            .value(own)
            .text(&named(&format!(") FROM {} o{join} WHERE 0 < {count} IN (", object.table)))
            .value(all)
            .text(", ")
            .value(own)
            .text(&named(&format!(")){rest}")));
        self.understand(object, connection.rows(statement).await?)
    }

    fn understand(&self, object: &Object, rows: Vec<Row>) -> Result<Vec<Read>, Unread> {
        let read = |mut row: Row| {
            let (key, map) = object.read(&row, self.protocol)?;
            let more = Row(row.0.split_off(1 + object.fields.len()));
            Ok(Read { kept: Kept { key, map }, more })
        };
        rows.into_iter().map(read).collect()
    }
}

fn text_of(row: &Row, at: usize) -> Option<String> {
    row.text(at).map(str::to_owned)
}

fn name_of(map: &Map<String, Json>) -> &str {
    map.get("name").and_then(Json::as_str).unwrap_or_default()
}

fn kept(rows: Vec<Read>) -> Vec<Kept> {
    rows.into_iter().map(|read| read.kept).collect()
}

/// Of those that are the same by `keywords` the one for this server alone.
fn own_first(rows: Vec<Read>, keywords: &[&str]) -> Vec<Kept> {
    let same = |kept: &Kept| {
        let told: Vec<_> = keywords.iter().map(|keyword| kept.map.get(*keyword)).collect();
        json!(told).to_string()
    };
    let is_own = |read: &Read| read.more.int(0).is_some_and(|count| count > 0);
    let own: HashSet<String> = rows.iter().filter(|read| is_own(read)).map(|read| same(&read.kept)).collect();
    rows.into_iter()
        .filter(|read| is_own(read) || !own.contains(&same(&read.kept)))
        .map(|read| read.kept)
        .collect()
}

fn put(kept: &mut Kept, keyword: &str, list: Option<Vec<Json>>) {
    if let Some(list) = list {
        kept.map.insert(keyword.to_owned(), Json::Array(list));
    }
}
