//! Exchanges a second with leases or reservations in a database: private servers that make no promise about power cuts, whose speed is
//! the disk's.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use kotare_tests::database::{DatabaseServer, Kind};
use kotare_tests::world::{V4, program};
use serde_json::{Value, json};

use super::figures::Readings;
use super::load::{Steps, loaded};
use super::protocol::Protocol;
use super::stage::{Act, Contender};
use crate::run::Done;

/// 64 exchanges in flight, with leases in a new database that Debian's Kea made.
pub(super) fn served(act: &Act<'_>, kind: Kind) -> Done<Readings> {
    load(act, made(kind, &[])?.map("kea"))
}

/// The same with a million leases and 100 000 reservations of others present, which are looked for there, too.
///
/// The databases have room for all that in memory.
pub(super) fn served_among_many(act: &Act<'_>, kind: Kind) -> Done<Readings> {
    let room = match kind {
        Kind::Postgres => ["-c", "shared_buffers=1GB"],
        Kind::MariaDb => ["--innodb-buffer-pool-size=1G", "--innodb-log-file-size=256M"],
    };
    let database = made(kind, &room)?;
    let (time, numbers) = match kind {
        Kind::Postgres => ("to_timestamp(1900000000)", "generate_series(1, 1000000) AS n"),
        Kind::MariaDb => ("from_unixtime(1900000000)", "(SELECT seq AS n FROM seq_1_to_1000000) AS numbers"),
    };
    let columns =
        "address, hwaddr, client_id, valid_lifetime, expire, subnet_id, fqdn_fwd, fqdn_rev, hostname, state";
    let insert = format!(
        "INSERT INTO lease4 ({columns}) SELECT {} + n, {id}, NULL, 3600, {time}, 1, false, false, '', 0 FROM {numbers}",
        0x0a80_0000,
        id = id(kind)
    );
    // A million changes of one row that counts them, in one transaction, would take PostgreSQL hours: it is counted afterwards.
    let counted = "INSERT INTO lease4_stat (subnet_id, state, leases) VALUES (1, 0, 1000000)";
    database.administer(
        "kea",
        &match kind {
            Kind::Postgres => {
                format!("SET session_replication_role = replica; {insert}; {counted}; ANALYZE lease4")
            }
            Kind::MariaDb => insert,
        },
    );
    reserve(&database, kind);
    let steps = Steps { in_flight: 64, ..Steps::DEFAULT };
    let mut map = V4::with_pool(act, &steps);
    map["lease-database"] = database.map("kea");
    map["hosts-databases"] = json!([database.map("kea")]);
    loaded::<V4>(act, &steps, map)
}

/// A database that Debian's Kea made, in a server with these arguments.
fn made(kind: Kind, arguments: &[&str]) -> Done<DatabaseServer> {
    let mut database = DatabaseServer::made(kind, None).ok_or("there is no such database server here")?;
    database.tell(arguments.iter().copied());
    database.run();
    match database.create_as_kea("kea") {
        true => Ok(database),
        false => Err("Kea's scripts are not there".into()),
    }
}

/// The hardware address with the number `n`.
fn id(kind: Kind) -> &'static str {
    match kind {
        Kind::Postgres => "decode(lpad(to_hex(n), 12, '0'), 'hex')",
        Kind::MariaDb => "unhex(lpad(hex(n), 12, '0'))",
    }
}

/// 100 000 reservations of nobody who asks.
fn reserve(database: &DatabaseServer, kind: Kind) {
    let numbers = match kind {
        Kind::Postgres => "generate_series(1, 100000) AS n",
        Kind::MariaDb => "(SELECT seq AS n FROM seq_1_to_100000) AS numbers",
    };
    let (id, insert) = (
        id(kind),
        "INSERT INTO hosts (dhcp_identifier, dhcp_identifier_type, dhcp4_subnet_id, ipv4_address)",
    );
    database.administer("kea", &format!("{insert} SELECT {id}, 0, 1, {} + n FROM {numbers}", 0x0a40_0000));
}

/// The same in a file of SQLite, which Kea has not.
pub(super) fn in_file(act: &Act<'_>) -> Done<Readings> {
    load(act, json!({"type": "sqlite", "name": act.world.path("server/leases.sqlite")}))
}

/// The same with a million leases of others present.
pub(super) fn in_file_among_many(act: &Act<'_>) -> Done<Readings> {
    let database = act.world.path("server/leases.sqlite");
    act.place::<V4>(&database, "leases.sqlite", uploaded)?;
    load(act, json!({"type": "sqlite", "name": database}))
}

/// Makes a file of SQLite with a million leases of subnet 1.
fn uploaded(path: &Path) -> io::Result<()> {
    let rows = path.with_extension("csv");
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&rows)?);
    let columns = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,\
                   pool_id";
    writeln!(file, "{columns}")?;
    for number in 1u32..=1_000_000 {
        let (address, [_, a, b, c]) = (Ipv4Addr::from(0x0a80_0000 + number), number.to_be_bytes());
        writeln!(file, "{address},00:00:00:{a:02x}:{b:02x}:{c:02x},,3600,1900000000,1,0,0,,0,,0")?;
    }
    file.flush()?;
    for (command, more) in
        [("db-init", vec![]), ("lease-upload", vec![OsStr::new("-4"), OsStr::new("-i"), rows.as_os_str()])]
    {
        let output = Command::new(program("kea-admin"))
            .args([command, "sqlite", "-n"])
            .arg(path)
            .args(more)
            .output()?;
        if !output.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
    }
    fs::remove_file(rows)
}

/// Leases in memory, and 100 000 reservations of other clients in a database that Debian's Kea made; without a database none
/// are looked for.
pub(super) fn looked_up(act: &Act<'_>, kind: Option<Kind>) -> Done<Readings> {
    let steps = Steps { in_flight: 64, ..Steps::DEFAULT };
    let mut map = V4::with_pool(act, &steps);
    let Some(kind) = kind else { return loaded::<V4>(act, &steps, map) };
    let database = made(kind, &[])?;
    reserve(&database, kind);
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
    let mut socket = None;
    for pointer in ["/hosts-databases/0", "/lease-database"] {
        let Some(database) = map.pointer_mut(pointer).filter(|it| it["type"] == "mysql") else { continue };
        let host = database["host"].as_str().filter(|host| host.starts_with('/')).map(str::to_owned);
        if let (Contender::Kea, Some(host)) = (act.contender, host) {
            database["host"] = "localhost".into();
            socket = Some(host);
        }
    }
    let Some(socket) = socket else { return Ok(program) };
    let script = act.world.path("kea-with-socket");
    script_of(&script, &format!("#!/bin/sh\nMYSQL_UNIX_PORT={socket} exec {} \"$@\"\n", program.display()))?;
    Ok(script)
}

fn script_of(path: &Path, text: &str) -> Done {
    fs::write(path, text)?;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o755))?)
}
