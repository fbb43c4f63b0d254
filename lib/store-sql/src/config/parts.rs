//! Each kind of object with all that lies in it. A table is read once, not once for each object.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

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

/// A row that was read, and whether it is for this server alone.
struct Read {
    kept: Kept,
    is_own: bool,
}

/// Which rows of a table `o` are read: all, or those that belong to these subnets.
#[derive(Clone, Copy)]
struct Of<'a> {
    /// The condition before and after the numbers.
    around: (&'a str, &'a str),
    subnets: Option<&'a BTreeSet<i64>>,
}

const ALL_ROWS: Of<'static> = Of { around: ("", ""), subnets: None };

impl Of<'_> {
    fn push(&self, statement: &mut Statement, protocol: Protocol) {
        if let Some(subnets) = self.subnets {
            statement.push(&protocol.named(self.around.0));
            statement.list(subnets, |statement, subnet| statement.bind(*subnet));
            statement.push(self.around.1);
        }
    }
}

impl ConfigReader {
    pub(super) async fn globals(&self, connection: &mut Connection) -> Result<Vec<Arc<Kept>>, Unread> {
        let object = self.protocol.globals();
        let rows = self.of_server(connection, &object, "", ALL_ROWS, " ORDER BY o.id").await?;
        Ok(own_first(rows, &["name"]))
    }

    pub(super) async fn definitions(&self, connection: &mut Connection) -> Result<Vec<Arc<Kept>>, Unread> {
        let object = self.protocol.definitions();
        let rows = self
            .of_server(connection, &object, "", ALL_ROWS, " AND o.class_id IS NULL ORDER BY o.id")
            .await?;
        Ok(own_first(rows, &["code", "space"]))
    }

    pub(super) async fn options(&self, connection: &mut Connection) -> Result<Vec<Arc<Kept>>, Unread> {
        let (object, only) = (self.protocol.options(), format!(" AND o.scope_id = {IN_NOTHING}"));
        let rows =
            self.of_server(connection, &object, "", ALL_ROWS, &(only + " ORDER BY o.option_id")).await?;
        Ok(own_first(rows, &["code", "space", "client-classes"]))
    }

    pub(super) async fn classes(&self, connection: &mut Connection) -> Result<Vec<Arc<Kept>>, Unread> {
        let object = self.protocol.classes();
        let order = " LEFT JOIN dhcp#_client_class_order p ON p.class_id = o.id";
        let rows =
            self.of_server(connection, &object, order, ALL_ROWS, " ORDER BY p.order_index, o.id").await?;
        let mut classes = kept(rows);
        let (names, keys) = (names_of(&classes), keys_of(&classes));
        let lie = (IN_CLASS, "dhcp_client_class", ALL_ROWS);
        let mut options = self.options_in(connection, lie, text_of, |name| names.contains(name)).await?;
        let definitions = self.protocol.definitions();
        let of = ("class_id", "", ALL_ROWS);
        let mut definitions =
            self.inside(connection, &definitions, of, Row::int, |class| keys.contains(class)).await?;
        for class in &mut classes {
            put(class, "option-data", options.remove(name_of(&class.map)));
            put(class, "option-def", definitions.remove(&class.key));
        }
        Ok(shared(classes))
    }

    pub(super) async fn networks(&self, connection: &mut Connection) -> Result<Vec<Arc<Kept>>, Unread> {
        let object = self.protocol.networks();
        let rows = self.of_server(connection, &object, "", ALL_ROWS, " ORDER BY o.id").await?;
        let mut networks = kept(rows);
        let names = names_of(&networks);
        let lie = (IN_NETWORK, "shared_network_name", ALL_ROWS);
        let mut options = self.options_in(connection, lie, text_of, |name| names.contains(name)).await?;
        for network in &mut networks {
            put(network, "option-data", options.remove(name_of(&network.map)));
        }
        Ok(shared(networks))
    }

    /// All subnets, or those of these numbers that there are.
    pub(super) async fn subnets(
        &self,
        connection: &mut Connection,
        only: Option<&BTreeSet<i64>>,
    ) -> Result<Vec<Arc<Kept>>, Unread> {
        let object = self.protocol.subnets();
        let of = |before| Of { around: (before, ")"), subnets: only };
        let wanted = of(" AND o.subnet_id IN (");
        let rows = self.of_server(connection, &object, "", wanted, " ORDER BY o.subnet_id").await?;
        let mut subnets = kept(rows);
        let keys = keys_of(&subnets);
        let lie = (IN_SUBNET, "dhcp#_subnet_id", of(" AND o.dhcp#_subnet_id IN ("));
        let mut options = self.options_in(connection, lie, Row::int, |subnet| keys.contains(subnet)).await?;
        let pools = (self.protocol.pools(), IN_POOL, "pool_id");
        let mut pools = self.pools(connection, pools, only, &keys).await?;
        let mut pd_pools = match self.protocol {
            Protocol::V4 => Lists::new(),
            Protocol::V6 => {
                let pd_pools = (self.protocol.pd_pools(), IN_PD_POOL, "pd_pool_id");
                self.pools(connection, pd_pools, only, &keys).await?
            }
        };
        for subnet in &mut subnets {
            put(subnet, "pools", pools.remove(&subnet.key));
            put(subnet, "pd-pools", pd_pools.remove(&subnet.key));
            put(subnet, "option-data", options.remove(&subnet.key));
        }
        Ok(shared(subnets))
    }

    /// Pools by subnet, with their options.
    async fn pools(
        &self,
        connection: &mut Connection,
        (object, scope, column): (Object, i64, &str),
        only: Option<&BTreeSet<i64>>,
        subnets: &HashSet<i64>,
    ) -> Result<Lists<i64>, Unread> {
        let of = Of { around: (" AND o.subnet_id IN (", ")"), subnets: only };
        let rows = self.rows(connection, &object, "subnet_id", "", of).await?;
        let pools: Vec<(i64, Kept)> =
            self.understood(&object, rows, Row::int, |subnet| subnets.contains(subnet))?;
        let keys: HashSet<i64> = pools.iter().map(|(_, pool)| pool.key).collect();
        let before = format!(" AND o.{column} IN (SELECT id FROM {} WHERE subnet_id IN (", object.table);
        let lie = (scope, column, Of { around: (&before, "))"), subnets: only });
        let mut options = self.options_in(connection, lie, Row::int, |pool| keys.contains(pool)).await?;
        let mut lists = Lists::new();
        for (subnet, mut pool) in pools {
            let inner = options.remove(&pool.key);
            put(&mut pool, "option-data", inner);
            lists.entry(subnet).or_default().push(Json::Object(pool.map));
        }
        Ok(lists)
    }

    /// Options by what they lie in, as a column says, of what is wanted of that.
    async fn options_in<K: Eq + Hash>(
        &self,
        connection: &mut Connection,
        (scope, column, of): (i64, &str, Of<'_>),
        key: impl Fn(&Row, usize) -> Option<K>,
        wanted: impl Fn(&K) -> bool,
    ) -> Result<Lists<K>, Unread> {
        let object = self.protocol.options();
        let only = format!(" AND o.scope_id = {scope}");
        self.inside(connection, &object, (column, &only, of), key, wanted).await
    }

    /// Objects by what they lie in, as a column says, of what is wanted of that.
    async fn inside<K: Eq + Hash>(
        &self,
        connection: &mut Connection,
        object: &Object,
        (column, only, of): (&str, &str, Of<'_>),
        key: impl Fn(&Row, usize) -> Option<K>,
        wanted: impl Fn(&K) -> bool,
    ) -> Result<Lists<K>, Unread> {
        let only = format!(" AND o.{column} IS NOT NULL{only}");
        let rows = self.rows(connection, object, column, &only, of).await?;
        let mut lists = Lists::new();
        for (key, kept) in self.understood(object, rows, key, wanted)? {
            lists.entry(key).or_insert_with(Vec::new).push(Json::Object(kept.map));
        }
        Ok(lists)
    }

    /// Rows in the order of their numbers, whomever they are for, with one more column.
    async fn rows(
        &self,
        connection: &mut Connection,
        object: &Object,
        more: &str,
        only: &str,
        of: Of<'_>,
    ) -> Result<Vec<Row>, Unread> {
        let columns = object.columns(connection.engine());
        let text = format!("SELECT {columns}, o.{more} FROM {} o WHERE 1 = 1{only}", object.table);
        let mut statement = Statement::new(connection.engine(), &self.protocol.named(&text));
        of.push(&mut statement, self.protocol);
        Ok(connection.rows(statement.text(&format!(" ORDER BY o.{}", object.key))).await?)
    }

    /// What rows say that lie in something that is wanted, which the column behind theirs names. Others do not matter: they
    /// are of other servers, and may be wrong.
    fn understood<K>(
        &self,
        object: &Object,
        rows: Vec<Row>,
        key: impl Fn(&Row, usize) -> Option<K>,
        wanted: impl Fn(&K) -> bool,
    ) -> Result<Vec<(K, Kept)>, Unread> {
        let mut understood = Vec::with_capacity(rows.len());
        for row in rows {
            if let Some(outer) = key(&row, 1 + object.fields.len()).filter(&wanted) {
                let (key, map) = object.read(&row, self.protocol)?;
                understood.push((outer, Kept { key, map }));
            }
        }
        Ok(understood)
    }

    /// Objects that are for this server or for all, and whether they are for this one.
    async fn of_server(
        &self,
        connection: &mut Connection,
        object: &Object,
        join: &str,
        of: Of<'_>,
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
        let mut statement =
            Statement::new(connection.engine(), &named(&format!("SELECT {columns}, {count} = ")))
                .value(own)
                .text(&named(&format!(") FROM {} o{join} WHERE 0 < {count} IN (", object.table)))
                .value(all)
                .text(", ")
                .value(own)
                .text("))");
        of.push(&mut statement, self.protocol);
        let rows = connection.rows(statement.text(&named(rest))).await?;
        let counted = |row: &Row, at| Some(row.int(at).is_some_and(|count| count > 0));
        let read = self.understood(object, rows, counted, |_| true)?;
        Ok(read.into_iter().map(|(is_own, kept)| Read { kept, is_own }).collect())
    }
}

fn text_of(row: &Row, at: usize) -> Option<String> {
    row.text(at).map(str::to_owned)
}

fn name_of(map: &Map<String, Json>) -> &str {
    map.get("name").and_then(Json::as_str).unwrap_or_default()
}

fn names_of(kept: &[Kept]) -> HashSet<String> {
    kept.iter().map(|kept| name_of(&kept.map).to_owned()).collect()
}

fn keys_of(kept: &[Kept]) -> HashSet<i64> {
    kept.iter().map(|kept| kept.key).collect()
}

fn kept(rows: Vec<Read>) -> Vec<Kept> {
    rows.into_iter().map(|read| read.kept).collect()
}

fn shared(kept: Vec<Kept>) -> Vec<Arc<Kept>> {
    kept.into_iter().map(Arc::new).collect()
}

/// Of those that are the same by `keywords` the one for this server alone.
fn own_first(rows: Vec<Read>, keywords: &[&str]) -> Vec<Arc<Kept>> {
    let same = |kept: &Kept| {
        let told: Vec<_> = keywords.iter().map(|keyword| kept.map.get(*keyword)).collect();
        json!(told).to_string()
    };
    let own: HashSet<String> = rows.iter().filter(|read| read.is_own).map(|read| same(&read.kept)).collect();
    shared(
        rows.into_iter()
            .filter(|read| read.is_own || !own.contains(&same(&read.kept)))
            .map(|read| read.kept)
            .collect(),
    )
}

fn put(kept: &mut Kept, keyword: &str, list: Option<Vec<Json>>) {
    if let Some(list) = list {
        kept.map.insert(keyword.to_owned(), Json::Array(list));
    }
}
