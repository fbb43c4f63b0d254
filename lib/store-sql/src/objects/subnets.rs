//! Subnets.

use serde_json::{Map, Value as Json, json};

use super::options::Place;
use super::prefix::with_text;
use super::{Failed, For, Objects, doing, map_of, number, only_kept, text, with_tags};
use crate::config::NETWORK_NAME;

const TABLE: &str = "dhcp#_subnet";
const SERVERS: &str = "dhcp#_subnet_server";

impl Objects<'_> {
    /// Sets a subnet with all that lies in it, in place of one of its id or prefix.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn set_subnet(&mut self, subnet: &Map<String, Json>, tags: &[String]) -> Result<(), Failed> {
        let fields = self.protocol.subnets().fields;
        only_kept(subnet, &fields, &["pools", "pd-pools", "option-data"])?;
        let (id, prefix) = (number(subnet, "id")?, text(subnet, "subnet")?);
        let subnet = &with_text(subnet, "subnet", |prefix| self.prefix(prefix));
        self.begin(tags, "subnet set", true).await?;
        let objects = &mut *self;
        let done = doing(async {
            if let Some(name) = subnet.get("shared-network-name").and_then(Json::as_str) {
                objects.is_there(&Place::Network(name.to_owned())).await?;
            }
            let others = objects.statement("DELETE FROM dhcp#_subnet WHERE ");
            let others = Which::Prefix(prefix.to_owned()).add(objects, others, "");
            objects.execute(others.text(" AND subnet_id <> ").value(id)).await?;
            let there = objects.statement("SELECT 1 FROM dhcp#_subnet WHERE subnet_id = ").value(id);
            match objects.rows(there).await?.is_empty() {
                false => objects.update(TABLE, "subnet_id", id, &fields, subnet).await?,
                true => _ = objects.insert(TABLE, "subnet_id", &fields, subnet, &[]).await?,
            }
            objects.write_pools(id, subnet).await?;
            objects.write_options(&Place::Subnet(id), subnet).await?;
            objects.assign(SERVERS, "subnet_id", id, tags).await
        })
        .await;
        self.end(done).await
    }

    /// Deletes subnets: that of an id, that of a prefix, or those of a shared network.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn delete_subnet(&mut self, which: &Which) -> Result<u64, Failed> {
        self.begin(&[], "subnet deleted", true).await?;
        let objects = &mut *self;
        let done = doing(async { objects.delete_subnets(which).await }).await;
        self.end(done).await
    }

    pub(super) async fn delete_subnets(&mut self, which: &Which) -> Result<u64, Failed> {
        let statement = self.statement("DELETE FROM dhcp#_subnet");
        let statement = which.add(self, statement.text(" WHERE "), "");
        self.execute(statement).await
    }

    /// The subnets that are meant, in the order of their ids, with all that lies in them.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn subnets(
        &mut self,
        which: Option<&Which>,
        servers: &For,
    ) -> Result<Vec<Map<String, Json>>, Failed> {
        let fields = self.protocol.subnets().fields;
        let mut statement = self.select(TABLE, "subnet_id", &fields);
        self.only(&mut statement, servers, "subnet_id", SERVERS, "subnet_id");
        if let Some(which) = which {
            statement = which.add(self, statement.text(" AND "), "o.");
        }
        let rows = self.rows(statement.text(" ORDER BY o.subnet_id")).await?;
        let tags = self.tags_of(SERVERS, "subnet_id", &rows).await?;
        let mut subnets = Vec::new();
        for row in &rows {
            let (id, mut subnet) = map_of(row, &fields);
            subnet.entry(NETWORK_NAME).or_insert(Json::Null);
            self.read_pools(id, &mut subnet).await?;
            subnet.insert("option-data".to_owned(), json!(self.options_in(&Place::Subnet(id)).await?));
            with_tags(&mut subnet, tags.of(id));
            subnets.push(subnet);
        }
        Ok(subnets)
    }

    /// Of all subnets for these servers what tells them apart, in the order of their ids.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn list_subnets(&mut self, servers: &For) -> Result<Vec<Map<String, Json>>, Failed> {
        let mut fields = self.protocol.subnets().fields;
        fields.retain(|field| ["id", "subnet", NETWORK_NAME].contains(&field.keyword));
        let mut subnets = self.brief((TABLE, "subnet_id"), (SERVERS, "subnet_id"), &fields, servers).await?;
        for subnet in &mut subnets {
            subnet.entry(NETWORK_NAME).or_insert(Json::Null);
        }
        Ok(subnets)
    }
}

/// Which subnets are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// That of this id.
    Id(i64),
    /// That of this prefix.
    Prefix(String),
    /// Those of this shared network.
    Network(String),
}

impl Which {
    fn add(&self, objects: &Objects<'_>, statement: crate::Statement, table: &str) -> crate::Statement {
        match self {
            Self::Id(id) => statement.text(&format!("{table}subnet_id = ")).value(*id),
            // However it is written, and as somebody else may have written it.
            Self::Prefix(prefix) => {
                let statement = statement.text(&format!("{table}subnet_prefix IN ("));
                statement.value(&*objects.prefix(prefix)).text(", ").value(&**prefix).text(")")
            }
            Self::Network(name) => statement.text(&format!("{table}shared_network_name = ")).value(&**name),
        }
    }
}
