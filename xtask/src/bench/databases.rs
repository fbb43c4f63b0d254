//! Exchanges a second with leases or reservations in a database: private servers that make no promise about power cuts, whose speed is
//! the disk's.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use kotare_tests::database::{DatabaseServer, Kind};
use kotare_tests::world::V4;
use serde_json::{Value, json};

use super::figures::Readings;
use super::load::{Steps, loaded};
use super::protocol::Protocol;
use super::stage::{Act, Contender};
use crate::run::Done;

/// 64 exchanges in flight, with leases in a new database that Debian's Kea made.
pub(super) fn served(act: &Act<'_>, kind: Kind) -> Done<Readings> {
    let database = DatabaseServer::start(kind).ok_or("there is no such database server here")?;
    if !database.create_as_kea("kea") {
        return Err("Kea's scripts are not there".into());
    }
    load(act, database.map("kea"))
}

/// The same in a file of SQLite, which Kea has not.
pub(super) fn in_file(act: &Act<'_>) -> Done<Readings> {
    load(act, json!({"type": "sqlite", "name": act.world.path("server/leases.sqlite")}))
}

/// Leases in memory, and 100 000 reservations of other clients in a database that Debian's Kea made; without a database none
/// are looked for.
pub(super) fn looked_up(act: &Act<'_>, kind: Option<Kind>) -> Done<Readings> {
    let steps = Steps { in_flight: 64, ..Steps::DEFAULT };
    let mut map = V4::with_pool(act, &steps);
    let Some(kind) = kind else { return loaded::<V4>(act, &steps, map) };
    let database = DatabaseServer::start(kind).ok_or("there is no such database server here")?;
    if !database.create_as_kea("kea") {
        return Err("Kea's scripts are not there".into());
    }
    let (id, numbers) = match kind {
        Kind::Postgres => ("decode(lpad(to_hex(n), 12, '0'), 'hex')", "generate_series(1, 100000) AS n"),
        Kind::MariaDb => {
            ("unhex(lpad(hex(n), 12, '0'))", "(SELECT seq AS n FROM seq_1_to_100000) AS numbers")
        }
    };
    let insert = "INSERT INTO hosts (dhcp_identifier, dhcp_identifier_type, dhcp4_subnet_id, ipv4_address)";
    database.administer("kea", &format!("{insert} SELECT {id}, 0, 1, {} + n FROM {numbers}", 0x0a40_0000));
    map["hosts-databases"] = json!([database.map("kea")]);
    loaded::<V4>(act, &steps, map)
}

/// The same in a file of SQLite, which Kea has not, with no reservations.
pub(super) fn looked_up_in_file(act: &Act<'_>) -> Done<Readings> {
    let steps = Steps { in_flight: 64, ..Steps::DEFAULT };
    let mut map = V4::with_pool(act, &steps);
    map["hosts-databases"] = json!([{"type": "sqlite", "name": act.world.path("server/hosts.sqlite")}]);
    loaded::<V4>(act, &steps, map)
}

fn load(act: &Act<'_>, lease_database: Value) -> Done<Readings> {
    let steps = Steps { in_flight: 64, ..Steps::DEFAULT };
    let mut map = V4::with_pool(act, &steps);
    map["lease-database"] = lease_database;
    loaded::<V4>(act, &steps, map)
}

/// The program of a contender. Debian's finds a UNIX socket of MySQL in its environment alone.
pub(super) fn finding_its_database(act: &Act<'_>, program: PathBuf, map: &mut Value) -> Done<PathBuf> {
    let is_of_hosts = map.get("hosts-databases").is_some();
    let database = if is_of_hosts { &mut map["hosts-databases"][0] } else { &mut map["lease-database"] };
    let socket = database["host"].as_str().filter(|host| host.starts_with('/')).map(str::to_owned);
    let (Contender::Kea, Some("mysql"), Some(socket)) = (act.contender, database["type"].as_str(), socket)
    else {
        return Ok(program);
    };
    database["host"] = "localhost".into();
    let script = act.world.path("kea-with-socket");
    script_of(&script, &format!("#!/bin/sh\nMYSQL_UNIX_PORT={socket} exec {} \"$@\"\n", program.display()))?;
    Ok(script)
}

fn script_of(path: &Path, text: &str) -> Done {
    fs::write(path, text)?;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o755))?)
}
