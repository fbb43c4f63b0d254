//! Shared networks.

use serde_json::{Map, Value as Json, json};

use super::name::NETWORK;
use super::options::Place;
use super::subnets::Which;
use super::{Failed, For, Objects, doing, map_of, only_kept, text, with_tags};

const TABLE: &str = "dhcp#_shared_network";
const SERVERS: &str = "dhcp#_shared_network_server";

impl Objects<'_> {
    /// Sets a shared network, in place of one of its name, whose subnets it has from then on.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn set_network(&mut self, network: &Map<String, Json>, tags: &[String]) -> Result<(), Failed> {
        let fields = self.protocol.networks().fields;
        only_kept(network, &fields, &["option-data"])?;
        let name = text(network, "name")?;
        self.begin(tags, "shared network set", true).await?;
        let objects = &mut *self;
        let done = doing(async {
            let id = match objects.named_so(NETWORK, name).await? {
                Some(id) => objects.update(TABLE, "id", id, &fields, network).await.map(|()| id)?,
                None => objects.insert(TABLE, "id", &fields, network, &[]).await?,
            };
            objects.write_options(&Place::Network(name.to_owned()), network).await?;
            objects.assign(SERVERS, "shared_network_id", id, tags).await
        })
        .await;
        self.end(done).await
    }

    /// Deletes a shared network, and its subnets if those are to go.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn delete_network(&mut self, name: &str, subnets: bool) -> Result<u64, Failed> {
        self.begin(&[], "shared network deleted", true).await?;
        let objects = &mut *self;
        let done = doing(async {
            if subnets {
                objects.delete_subnets(&Which::Network(name.to_owned())).await?;
            }
            objects
                .execute(objects.statement("DELETE FROM dhcp#_shared_network WHERE name = ").value(name))
                .await
        })
        .await;
        self.end(done).await
    }

    /// The shared networks that are meant, in the order they came to be.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn networks(
        &mut self,
        name: Option<&str>,
        servers: &For,
    ) -> Result<Vec<Map<String, Json>>, Failed> {
        let fields = self.protocol.networks().fields;
        let mut statement = self.select(TABLE, "id", &fields);
        self.only(&mut statement, servers, "id", SERVERS, "shared_network_id");
        if let Some(name) = name {
            statement = statement.text(" AND o.name = ").value(name);
        }
        let rows = self.rows(statement.text(" ORDER BY o.id")).await?;
        let tags = self.tags_of(SERVERS, "shared_network_id", &rows).await?;
        let mut networks = Vec::new();
        for row in &rows {
            let (id, mut network) = map_of(row, &fields);
            let place = Place::Network(text(&network, "name")?.to_owned());
            network.insert("option-data".to_owned(), json!(self.options_in(&place).await?));
            with_tags(&mut network, tags.of(id));
            networks.push(network);
        }
        Ok(networks)
    }

    /// The names of all shared networks for these servers, in the order they came to be.
    ///
    /// # Errors
    /// As [`Failed`] says.
    pub async fn list_networks(&mut self, servers: &For) -> Result<Vec<Map<String, Json>>, Failed> {
        let mut fields = self.protocol.networks().fields;
        fields.retain(|field| field.keyword == "name");
        self.brief((TABLE, "id"), (SERVERS, "shared_network_id"), &fields, servers).await
    }
}
