//! The tables of a database.

use crate::connection::Connection;
use crate::engine::Engine;
use crate::error::SqlError;

/// Makes the tables of a file of SQLite that are not there: whoever starts a server with one has nothing else to do. The
/// tables of the other engines are an administrator's, who makes them with `kea-admin`.
pub(crate) async fn make_if_own(connection: &mut Connection) -> Result<(), SqlError> {
    match connection.engine() {
        Engine::Sqlite => connection.script(SQLITE).await,
        Engine::MySql | Engine::Postgres => Ok(()),
    }
}

/// Kea's tables of leases, with times in seconds since 1970 and addresses of IPv6 in 16 bytes.
const SQLITE: &str = "
CREATE TABLE IF NOT EXISTS lease4 (
    address INTEGER PRIMARY KEY NOT NULL,
    hwaddr BLOB,
    client_id BLOB,
    valid_lifetime INTEGER,
    expire INTEGER,
    subnet_id INTEGER,
    fqdn_fwd INTEGER,
    fqdn_rev INTEGER,
    hostname TEXT,
    state INTEGER DEFAULT 0,
    user_context TEXT,
    relay_id BLOB,
    remote_id BLOB,
    pool_id INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS lease4_by_hwaddr_subnet_id ON lease4 (hwaddr, subnet_id);
CREATE INDEX IF NOT EXISTS lease4_by_client_id_subnet_id ON lease4 (client_id, subnet_id);
CREATE INDEX IF NOT EXISTS lease4_by_expire_state ON lease4 (expire, state);
CREATE INDEX IF NOT EXISTS lease4_by_subnet_id ON lease4 (subnet_id);
CREATE INDEX IF NOT EXISTS lease4_by_hostname ON lease4 (lower(hostname));
CREATE TABLE IF NOT EXISTS lease6 (
    address BLOB PRIMARY KEY NOT NULL,
    duid BLOB,
    valid_lifetime INTEGER,
    expire INTEGER,
    subnet_id INTEGER,
    pref_lifetime INTEGER,
    lease_type INTEGER,
    iaid INTEGER,
    prefix_len INTEGER,
    fqdn_fwd INTEGER,
    fqdn_rev INTEGER,
    hostname TEXT,
    hwaddr BLOB,
    hwtype INTEGER,
    hwaddr_source INTEGER,
    state INTEGER DEFAULT 0,
    user_context TEXT,
    pool_id INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lease6_by_duid_iaid_subnet_id ON lease6 (duid, iaid, subnet_id);
CREATE INDEX IF NOT EXISTS lease6_by_expire_state ON lease6 (expire, state);
CREATE INDEX IF NOT EXISTS lease6_by_subnet_id_lease_type ON lease6 (subnet_id, lease_type);
CREATE INDEX IF NOT EXISTS lease6_by_hwaddr ON lease6 (hwaddr);
CREATE INDEX IF NOT EXISTS lease6_by_hostname ON lease6 (lower(hostname));
";
