//! What a script is told of leases of DHCPv4, and that it is run.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use kotare_model::Lease4;
use kotare_testkit::{Client, SERVER, Via, World, address, relayed};
use serde_json::{Value as Json, json};
use tempfile::tempdir;
use tokio::time::{sleep, timeout};

use super::RunScript;
use super::runner::{Run, Runner};
use super::variables::Variables;
use crate::test_world::{with_modules, with_modules_after};
use crate::{Companion, Modules4};

fn server(dhcp4: Json) -> (World, Modules4) {
    with_modules(&map(dhcp4)).unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn map(dhcp4: Json) -> Json {
    let mut all = json!({
        "subnet4": [{
            "id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.101"}],
            "valid-lifetime": 3600,
        }],
        "hooks-libraries": [{"library": "/any/libdhcp_run_script.so", "parameters": {"name": "/bin/true"}}],
    });
    all.as_object_mut().unwrap().extend(dhcp4.as_object().unwrap().clone());
    all
}

/// The hook points that the script would have been run for since the last time, with what it would have been told.
fn told(modules: &Modules4) -> Vec<(&'static str, Vec<String>)> {
    let runs = modules.kept::<RunScript<Lease4>>().runner.waiting();
    runs.into_iter().map(|run| (run.point, lines(&run))).collect()
}

/// Its variables, a line each.
pub(super) fn lines(run: &Run) -> Vec<String> {
    run.variables.iter().map(|(name, value)| format!("{name}={value}")).collect()
}

/// What is told of a lease.
fn lease(prefix: &str, address: &str, cltt: i64, hwaddr: &str, state: &str, id: &str) -> Vec<String> {
    let lifetime = if state == "declined" { 86_400 } else { 3600 };
    [
        format!("ADDRESS={address}"),
        format!("CLTT={cltt}"),
        "HOSTNAME=".into(),
        format!("HWADDR={hwaddr}"),
        "HWADDR_TYPE=1".into(),
        format!("STATE={state}"),
        "SUBNET_ID=1".into(),
        format!("VALID_LIFETIME={lifetime}"),
        format!("CLIENT_ID={id}"),
    ]
    .map(|line| format!("{prefix}_{line}"))
    .to_vec()
}

const MAC: &str = "02:00:00:00:00:01";

/// A client behind a relay agent gets a lease, extends it and gives it back.
#[test]
fn a_lease_is_told_from_beginning_to_end() {
    let (mut world, modules) = server(json!({}));
    let relay = address("192.0.2.1");
    let client = Client::new(1).with_id(&[0, 1, 2]);
    let on = |message| relayed(message, relay, b"\x01\x05howdy\x02\x02\x87\xf6");
    let offer = world.send(&on(client.discover()), Via::relay(relay)).expect("an offer");
    assert_eq!(told(&modules), [], "an offer is nobody's lease");
    let leased = world.send(&on(client.select(&offer)), Via::relay(relay)).expect("a lease").yiaddr();
    let given = world.now.0;
    let query: Vec<String> = [
        "TYPE=DHCPREQUEST",
        "TXID=256",
        "LOCAL_ADDR=192.0.2.254",
        "LOCAL_PORT=67",
        "REMOTE_ADDR=192.0.2.1",
        "REMOTE_PORT=67",
        "IFACE_INDEX=7",
        "IFACE_NAME=eth0",
        "HOPS=1",
        "SECS=0",
        "FLAGS=0",
        "CIADDR=0.0.0.0",
        "SIADDR=0.0.0.0",
        "YIADDR=0.0.0.0",
        "GIADDR=192.0.2.1",
        "RELAYED=true",
        "HWADDR=02:00:00:00:00:01",
        "HWADDR_TYPE=1",
        "LOCAL_HWADDR=ff:ff:ff:ff:ff:ff",
        "LOCAL_HWADDR_TYPE=1",
        "REMOTE_HWADDR=02:00:00:00:00:cc",
        "REMOTE_HWADDR_TYPE=1",
        "OPTION_82=0x0105686F776479020287F6",
        "OPTION_82_SUB_OPTION_1=0x686F776479",
        "OPTION_82_SUB_OPTION_2=0x87F6",
    ]
    .map(|line| format!("QUERY4_{line}"))
    .to_vec();
    let runs = told(&modules);
    let [("leases4_committed", lines)] = &runs[..] else { panic!("{runs:#?}") };
    let mut wanted = query;
    wanted.push("LEASES4_SIZE=1".into());
    wanted.extend(lease("LEASES4_AT0", "192.0.2.100", given, MAC, "default", "00:01:02"));
    wanted.push("DELETED_LEASES4_SIZE=0".into());
    assert_eq!(lines, &wanted);

    world.pass(1800);
    world.send(&client.renew(leased), Via::unicast(leased)).expect("a renewal");
    let runs = told(&modules);
    let [("lease4_renew", renewed), ("leases4_committed", committed)] = &runs[..] else {
        panic!("{runs:#?}")
    };
    let about = renewed.iter().position(|line| line.starts_with("SUBNET4_")).expect("a subnet");
    let mut wanted: Vec<String> = [
        "SUBNET4_ID=1",
        "SUBNET4_NAME=192.0.2.0/24",
        "SUBNET4_PREFIX=192.0.2.0",
        "SUBNET4_PREFIX_LEN=24",
        "PKT4_CLIENT_ID=00:01:02",
        "PKT4_HWADDR=02:00:00:00:00:01",
        "PKT4_HWADDR_TYPE=1",
    ]
    .map(str::to_owned)
    .to_vec();
    wanted.extend(lease("LEASE4", "192.0.2.100", given + 1800, MAC, "default", "00:01:02"));
    assert_eq!(&renewed[about..], &wanted);
    assert!(renewed.contains(&"QUERY4_CIADDR=192.0.2.100".into()), "{renewed:?}");
    assert!(renewed.contains(&"QUERY4_RELAYED=false".into()), "{renewed:?}");
    assert!(committed.contains(&format!("LEASES4_AT0_CLTT={}", given + 1800)), "{committed:?}");

    world.send(&client.release(leased, SERVER), Via::unicast(leased));
    let runs = told(&modules);
    let [("lease4_release", released), ("leases4_committed", committed)] = &runs[..] else {
        panic!("{runs:#?}")
    };
    let wanted = lease("LEASE4", "192.0.2.100", given + 1800, MAC, "default", "00:01:02");
    assert_eq!(&released[released.len() - wanted.len()..], &wanted);
    let sizes: Vec<_> = committed.iter().filter(|line| line.contains("SIZE")).collect();
    assert_eq!(sizes, ["LEASES4_SIZE=0", "DELETED_LEASES4_SIZE=1"]);
    let state = "DELETED_LEASES4_AT0_STATE=released".to_owned();
    assert!(committed.contains(&state), "{committed:?}");
}

/// What is extended for an offer is told as renewed, as in Kea; what identifiers do not count for is told without them.
#[test]
fn an_offer_extends_a_lease() {
    let (mut world, modules) = server(json!({"match-client-id": false}));
    let client = Client::new(1).with_id(&[0, 1, 2]);
    world.lease(&client).expect("a lease");
    told(&modules);
    world.send(&client.discover(), Via::BROADCAST).expect("an offer");
    let runs = told(&modules);
    let [("lease4_renew", lines)] = &runs[..] else { panic!("{runs:#?}") };
    assert!(lines.contains(&"PKT4_CLIENT_ID=".into()), "{lines:?}");
    assert!(lines.contains(&"QUERY4_TYPE=DHCPDISCOVER".into()), "{lines:?}");
}

/// Nothing is told of what somebody only asks about.
#[test]
fn a_rehearsal_is_not_told() {
    let (mut world, modules) = server(json!({}));
    let client = Client::new(1);
    let leased = world.lease(&client).expect("a lease");
    told(&modules);
    for message in [client.renew(leased), client.release(leased, SERVER)] {
        world.rehearse(&message, Via::unicast(leased));
    }
    assert_eq!(told(&modules), []);
}

/// An address that its client found in use, whose probation then ends.
#[test]
fn a_probation_is_told() {
    let (mut world, modules) = server(json!({}));
    let client = Client::new(1);
    let leased = world.lease(&client).expect("a lease");
    let given = world.now.0;
    told(&modules);
    world.send(&client.decline(leased, SERVER), Via::BROADCAST);
    let runs = told(&modules);
    let [("lease4_decline", declined), ("leases4_committed", committed)] = &runs[..] else {
        panic!("{runs:#?}")
    };
    let wanted = lease("LEASE4", "192.0.2.100", given, MAC, "default", "");
    assert_eq!(&declined[declined.len() - wanted.len()..], &wanted);
    let nobodys = lease("LEASES4_AT0", "192.0.2.100", given, "", "declined", "");
    assert!(nobodys.iter().all(|line| committed.contains(line)), "{committed:?}");

    world.pass(86_400);
    world.reclaim();
    let mut wanted = lease("LEASE4", "192.0.2.100", given, "", "declined", "");
    let recovered = ("lease4_recover", wanted.clone());
    wanted.push("REMOVE_LEASE=false".into());
    assert_eq!(told(&modules), [("lease4_expire", wanted), recovered]);
}

/// A lease that its client let expire, reclaimed or taken by another before that.
#[test]
fn the_end_of_a_lease_is_told() {
    for removes in [true, false] {
        let hold = if removes { 0 } else { 3600 };
        let (mut world, modules) =
            server(json!({"expired-leases-processing": {"hold-reclaimed-time": hold}}));
        world.lease(&Client::new(1)).expect("a lease");
        let given = world.now.0;
        world.pass(3600);
        told(&modules);
        world.reclaim();
        let mut wanted = lease("LEASE4", "192.0.2.100", given, MAC, "default", "");
        wanted.push(format!("REMOVE_LEASE={removes}"));
        assert_eq!(told(&modules), [("lease4_expire", wanted)]);
    }
    let (mut world, modules) = server(json!({}));
    for client in [1, 2] {
        world.lease(&Client::new(client)).expect("a lease");
    }
    world.pass(3600);
    told(&modules);
    world.lease(&Client::new(3)).expect("the lease of another");
    let runs = told(&modules);
    let [("lease4_expire", lines), ("leases4_committed", _)] = &runs[..] else { panic!("{runs:#?}") };
    assert!(lines.contains(&"REMOVE_LEASE=false".into()), "{lines:?}");
}

/// While a configuration takes the place of another, what both have modules told of is told to the script once.
#[test]
fn the_end_of_a_lease_is_told_once_in_a_change() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (_, former) = server(json!({"expired-leases-processing": {"hold-reclaimed-time": 3600}}));
    let next = map(json!({"expired-leases-processing": {"hold-reclaimed-time": 0}}));
    let (mut world, next) = with_modules_after(&next, runtime.handle(), Some(&former)).expect("modules");
    let mut hooks = next.hooks.clone();
    hooks.observers.extend(former.hooks.observers.clone());
    world.hook(hooks);
    for removes in [false, true] {
        world.lease(&Client::new(1)).expect("a lease");
        world.pass(3600);
        told(&next);
        world.reclaim();
        let runs = told(&next);
        let [("lease4_expire", lines)] = &runs[..] else { panic!("{runs:#?}") };
        assert!(lines.contains(&format!("REMOVE_LEASE={removes}")), "{lines:?}");
        next.kept::<RunScript<Lease4>>().take_over();
    }
}

/// What is wrong is told with its place.
#[test]
fn errors_are_told() {
    for (parameters, error) in [
        (json!({}), "\"name\" is missing"),
        (json!({"name": 1}), "\"name\""),
        (
            json!({"name": "/nowhere/script.sh"}),
            "Invalid 'name' parameter: '/nowhere/script.sh' cannot be run",
        ),
        (json!({"name": "/etc/passwd"}), "Invalid 'name' parameter: '/etc/passwd' is not executable"),
        (json!({"name": "/bin/true", "sync": "no"}), "\"sync\""),
    ] {
        let entries = json!([{"library": "libdhcp_run_script.so", "parameters": parameters}]);
        let errors = with_modules(&json!({"hooks-libraries": entries})).map(drop).expect_err("an error");
        assert!(errors.join("\n").contains(error), "{parameters}: {errors:?}");
    }
}

/// A script that writes down its argument and its environment, which is nothing but the variables.
fn recorder(folder: &Path) -> std::path::PathBuf {
    let script = folder.join("script.sh");
    let text = format!(
        "#!/bin/sh\n{{ echo $1; /usr/bin/nice; /usr/bin/env; }} >{0}/$1.$X.part; /bin/mv {0}/$1.$X.part {0}/$1.$X\n",
        folder.display()
    );
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    script
}

fn run(number: usize) -> Run {
    let mut variables = Variables::default();
    variables.set("", "X", number);
    Run { point: "lease4_renew", variables }
}

/// All that was told is run before the end, with nothing in the environment but what was told.
#[test]
fn a_script_is_run() {
    let folder = tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let runner = Runner::new(recorder(folder.path()), runtime.handle().clone());
    runner.run(run(0));
    runner.begin();
    (1..50).for_each(|number| runner.run(run(number)));
    runner.end();
    let done = || {
        let names = fs::read_dir(folder.path()).unwrap().flatten().map(|file| file.file_name());
        names.filter(|name| !name.to_string_lossy().ends_with(".part")).count() == 51
    };
    let waited = async {
        while !done() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    runtime.block_on(async { timeout(Duration::from_secs(60), waited).await.expect("all of them are run") });
    let said = fs::read_to_string(folder.path().join("lease4_renew.49")).unwrap();
    assert!(
        said.starts_with("lease4_renew\n19\n") && said.contains("X=49\n") && !said.contains("HOME="),
        "{said}"
    );
    runner.run(run(50));
    drop(runner);
    drop(runtime);
    assert!(!folder.path().join("lease4_renew.50").exists(), "nothing is run after the end");
}

/// What hangs is ended with what it started.
#[test]
fn a_script_ends_with_what_it_started() {
    let folder = tempdir().unwrap();
    let (script, told) = (folder.path().join("script.sh"), folder.path().join("pid"));
    let text = format!(
        "#!/bin/sh\n/bin/sleep 1000 &\necho $! >{0}.part; /bin/mv {0}.part {0}\nwait\n",
        told.display()
    );
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let runner = Runner::new(script, runtime.handle().clone());
    let waited = async {
        let begun = async {
            while !told.exists() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        runner.attend(&run(0), begun).await;
        let pid = fs::read_to_string(&told).unwrap();
        // Who has ended and is not asked about by whoever started it is one that does nothing, and has no command line.
        let command = || fs::read(format!("/proc/{}/cmdline", pid.trim())).unwrap_or_default();
        while !command().is_empty() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    runtime.block_on(async { timeout(Duration::from_secs(60), waited).await.expect("it ends") });
}

/// So many wait, and no more; whoever tells waits for nobody.
#[test]
fn what_waits_is_bounded() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let runner = Runner::new("/bin/true".into(), runtime.handle().clone());
    (0..10_000).for_each(|number| runner.run(run(number)));
    let waiting = runner.waiting();
    assert_eq!(waiting.len(), 8192);
    assert_eq!(waiting.last(), Some(&run(8191)));
}
