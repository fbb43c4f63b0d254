//! A Galera cluster: servers of MariaDB on several hosts, each of which has everything.

use super::{DatabaseServer, Kind};
use crate::world::{Host, partner_file, partner_or_system};

/// What a cluster needs beside MariaDB: what joins it, and what carries everything to a node that begins with nothing.
const LIBRARY: &str = "usr/lib/libgalera_smm.so";
const CARRIERS: [&str; 2] = ["wsrep_sst_rsync", "rsync"];

/// A small cache of changes; a node that missed more gets everything.
const CACHE: &str = "gcache.size=8M";

/// Makes the nodes of a cluster, on hosts with these addresses, and starts the first; the others join when they are
/// [run](DatabaseServer::run). None where Debian's programs are not there.
///
/// # Panics
/// If a node cannot be made, or the first does not start.
pub fn galera(hosts: &[(&Host, &str)]) -> Option<Vec<DatabaseServer>> {
    let library = partner_file(LIBRARY);
    let carriers = CARRIERS.iter().all(|program| partner_or_system(program).exists());
    let Some(library) = library.filter(|_| carriers) else {
        crate::tell("left out: no Galera here");
        return None;
    };
    let addresses: Vec<&str> = hosts.iter().map(|(_, address)| *address).collect();
    let told = |address: &str| {
        [
            "--wsrep-on=ON".to_owned(),
            format!("--wsrep-provider={}", library.display()),
            format!("--wsrep-cluster-address=gcomm://{}", addresses.join(",")),
            format!("--wsrep-node-address={address}"),
            format!("--wsrep-provider-options={CACHE}"),
            "--wsrep-cluster-name=kea".to_owned(),
            "--wsrep-sst-method=rsync".to_owned(),
            "--binlog-format=ROW".to_owned(),
            "--innodb-autoinc-lock-mode=2".to_owned(),
        ]
    };
    let mut nodes = Vec::new();
    for (host, address) in hosts {
        let mut node = DatabaseServer::made(Kind::MariaDb, Some(host))?;
        node.tell(told(address));
        nodes.push(node);
    }
    let first = &mut nodes[0];
    first.tell(told(addresses[0]).into_iter().chain(["--wsrep-new-cluster".to_owned()]));
    first.run();
    // Should it end, it joins the others.
    first.tell(told(addresses[0]));
    Some(nodes)
}
