//! The pools of a subnet.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::{Map, Value as Json, json};

use super::options::{Place, pool_place};
use super::prefix::{address, with_text};
use super::{Failed, Objects, Protocol, map_of, maps, number, only_kept, text};
use crate::config::Field;
use crate::value::Value;

impl Objects<'_> {
    /// Writes the pools of a subnet in place of those that were there.
    pub(super) async fn write_pools(&mut self, subnet: i64, map: &Map<String, Json>) -> Result<(), Failed> {
        self.delete("dhcp#_pool", "subnet_id", subnet).await?;
        let fields = self.protocol.pools().fields;
        for pool in maps(map, "pools") {
            only_kept(pool, &fields[2..], &["pool", "option-data"])?;
            let (start, end) = self.range(text(pool, "pool")?)?;
            let mut written = pool.clone();
            written.insert("start".to_owned(), json!(start));
            written.insert("end".to_owned(), json!(end));
            let id = self
                .insert("dhcp#_pool", "id", &fields, &written, &[("subnet_id", Value::Int(subnet))])
                .await?;
            self.write_options(&Place::Pool(id), pool).await?;
        }
        if self.protocol == Protocol::V4 {
            return Ok(());
        }
        self.delete("dhcp#_pd_pool", "subnet_id", subnet).await?;
        // `excluded-prefix-len` is written of its own, as the column has to have a value.
        let mut fields = self.protocol.pd_pools().fields;
        fields.retain(|field| field.keyword != "excluded-prefix-len");
        for pool in maps(map, "pd-pools") {
            only_kept(pool, &fields, &["option-data", "excluded-prefix-len"])?;
            let excluded = if pool.contains_key("excluded-prefix-len") {
                number(pool, "excluded-prefix-len")?
            } else {
                0
            };
            let more = [("subnet_id", Value::Int(subnet)), ("excluded_prefix_length", Value::Int(excluded))];
            let written = with_text(&with_text(pool, "prefix", address), "excluded-prefix", address);
            let id = self.insert("dhcp#_pd_pool", "id", &fields, &written, &more).await?;
            self.write_options(&Place::PdPool(id), pool).await?;
        }
        Ok(())
    }

    /// Adds the pools of a subnet to it.
    pub(super) async fn read_pools(
        &mut self,
        subnet: i64,
        map: &mut Map<String, Json>,
    ) -> Result<(), Failed> {
        let fields = self.protocol.pools().fields;
        let pools = self.read_list("dhcp#_pool", &fields, subnet, false).await?;
        map.insert("pools".to_owned(), pools);
        if self.protocol == Protocol::V6 {
            let fields = self.protocol.pd_pools().fields;
            let pools = self.read_list("dhcp#_pd_pool", &fields, subnet, true).await?;
            map.insert("pd-pools".to_owned(), pools);
        }
        Ok(())
    }

    async fn read_list(
        &mut self,
        table: &str,
        fields: &[Field],
        subnet: i64,
        prefixes: bool,
    ) -> Result<Json, Failed> {
        let statement = self
            .select(table, "id", fields)
            .text(" WHERE o.subnet_id = ")
            .value(subnet)
            .text(" ORDER BY o.id");
        let rows = self.rows(statement).await?;
        let mut pools = Vec::new();
        for row in &rows {
            let (id, mut pool) = map_of(row, fields);
            if let (Some(Json::String(start)), Some(Json::String(end))) =
                (pool.remove("start"), pool.remove("end"))
            {
                pool.insert("pool".to_owned(), json!(format!("{start}-{end}")));
            }
            if pool.get("excluded-prefix").is_none() {
                pool.remove("excluded-prefix-len");
            }
            let options = self.options_in(&pool_place(self.protocol, prefixes, id)).await?;
            pool.insert("option-data".to_owned(), Json::Array(options));
            pools.push(Json::Object(pool));
        }
        Ok(Json::Array(pools))
    }

    /// The pool of addresses with this range, or that of prefixes.
    ///
    /// # Errors
    /// As [`Failed`] says; wrong, when there is none.
    pub async fn pool_of(&mut self, range: &str) -> Result<Place, Failed> {
        let (start, end) = self.range(range)?;
        let map: Map<_, _> =
            [("start".to_owned(), json!(start)), ("end".to_owned(), json!(end))].into_iter().collect();
        let engine = self.engine();
        let mut statement = self.statement("SELECT id FROM dhcp#_pool WHERE ");
        for (at, field) in self.protocol.pools().fields.iter().take(2).enumerate() {
            statement.push(if at > 0 { " AND " } else { "" });
            statement.push(&format!("{} = ", field.quoted(engine)));
            field.bind(&mut statement, &map).map_err(Failed::Wrong)?;
        }
        let id = self.number(statement).await?;
        id.map(Place::Pool).ok_or_else(|| Failed::Wrong(format!("the pool '{range}' is not in the database")))
    }

    /// The pool of prefixes of this prefix and length.
    ///
    /// # Errors
    /// As [`Objects::pool_of`].
    pub async fn pd_pool_of(&mut self, prefix: &str, length: i64) -> Result<Place, Failed> {
        let statement = self.statement("SELECT id FROM dhcp#_pd_pool WHERE prefix IN (");
        let statement = statement.value(&*address(prefix)).text(", ").value(prefix).text(")");
        let id = self.number(statement.text(" AND prefix_length = ").value(length)).await?;
        id.map(Place::PdPool).ok_or_else(|| {
            Failed::Wrong(format!("the prefix delegation pool '{prefix}/{length}' is not in the database"))
        })
    }

    /// The first and the last address of what is written of a pool: a range or a prefix.
    pub(super) fn range(&self, pool: &str) -> Result<(String, String), Failed> {
        let ends = match self.protocol {
            Protocol::V4 => ends(
                pool,
                32,
                |text| text.parse::<Ipv4Addr>().ok().map(|address| u128::from(address.to_bits())),
                |bits| Some(Ipv4Addr::from_bits(u32::try_from(bits).ok()?).to_string()),
            ),
            Protocol::V6 => ends(
                pool,
                128,
                |text| text.parse::<Ipv6Addr>().ok().map(Ipv6Addr::to_bits),
                |bits| Some(Ipv6Addr::from_bits(bits).to_string()),
            ),
        };
        ends.ok_or_else(|| Failed::Wrong(format!("'{pool}' is no range of addresses and no prefix")))
    }
}

fn ends(
    pool: &str,
    width: u32,
    read: impl Fn(&str) -> Option<u128>,
    show: impl Fn(u128) -> Option<String>,
) -> Option<(String, String)> {
    let (start, end) = match (pool.split_once('/'), pool.split_once('-')) {
        (Some((prefix, length)), _) => {
            let length: u32 = length.trim().parse().ok().filter(|length| *length <= width)?;
            let rest = u128::MAX.checked_shr(128 - (width - length)).unwrap_or(0);
            let start = read(prefix.trim())? & !rest;
            (start, start | rest)
        }
        (None, Some((start, end))) => (read(start.trim())?, read(end.trim())?),
        (None, None) => (read(pool.trim())?, read(pool.trim())?),
    };
    Some((show(start)?, show(end)?)).filter(|_| start <= end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of4(pool: &str) -> Option<(String, String)> {
        ends(
            pool,
            32,
            |text| text.parse::<Ipv4Addr>().ok().map(|address| u128::from(address.to_bits())),
            |bits| Some(Ipv4Addr::from_bits(u32::try_from(bits).ok()?).to_string()),
        )
    }

    #[test]
    fn pools_are_ranges_or_prefixes() {
        let of = |start: &str, end: &str| Some((start.to_owned(), end.to_owned()));
        assert_eq!(of4("192.0.2.1 - 192.0.2.9"), of("192.0.2.1", "192.0.2.9"));
        assert_eq!(of4("192.0.2.0/24"), of("192.0.2.0", "192.0.2.255"));
        assert_eq!(of4("192.0.2.7/32"), of("192.0.2.7", "192.0.2.7"));
        assert_eq!(of4("0.0.0.0/0"), of("0.0.0.0", "255.255.255.255"));
        for wrong in ["192.0.2.9-192.0.2.1", "192.0.2.0/33", "x", "-", "/"] {
            assert_eq!(of4(wrong), None, "{wrong}");
        }
    }
}
