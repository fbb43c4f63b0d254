//! The hook library run_script: a script that writes down what it is told of a real client's lease, beside Debian's Kea with
//! its own library.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use kotare_tests::tell;
use kotare_tests::world::{
    Client6Program, ClientProgram, Family, ServerOf, V4, V6, Wish, World, eventually, lan_configuration,
    lan6_configuration, partner, partner_file, sandboxed,
};
use serde_json::{Value, json};

/// What the script was told each time: the hook point and its variables, in the order of the words that do not change from
/// one client's attempt to the next.
type Told = Vec<Vec<String>>;

/// Writes a script into `folder` that writes down its argument and its environment, each time in a file of its own.
fn recorder(folder: &Path) {
    let file = format!("{}/told.$$", folder.display());
    // What the shell itself adds is no variable of ours.
    let text = format!(
        "#!/bin/sh\nunset PWD OLDPWD SHLVL _\n{{ echo $1; /usr/bin/env; }} >{file}.part\n/bin/mv {file}.part {file}\n"
    );
    fs::create_dir_all(folder).expect("a folder");
    let script = folder.join("script.sh");
    fs::write(&script, text).expect("a script");
    fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).expect("it can be run");
}

/// What was written down so far, each once.
fn told(folder: &Path) -> Told {
    let files = fs::read_dir(folder).expect("a folder").flatten().map(|file| file.path());
    let files = files.filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("told.") && !name.ends_with(".part")
    });
    let mut told: Told = files.map(|path| settled(&fs::read_to_string(path).expect("text"))).collect();
    told.retain(|lines| !is_asked_again(lines));
    told.sort();
    told.dedup();
    told
}

/// Whether a client on a busy machine only repeats itself: it asks everybody what it has asked its server, or once more for
/// what it has been given.
fn is_asked_again(lines: &[String]) -> bool {
    let has = |line: &str| lines.iter().any(|it| it == line);
    let is_first = has("QUERY4_CIADDR=0.0.0.0") && lines[0] != "lease4_renew";
    has("QUERY4_LOCAL_ADDR=255.255.255.255") && !is_first
}

/// The lines of a record in a fixed order, without what is another each time.
fn settled(text: &str) -> Vec<String> {
    let changes = |name: &str| ["_CLTT", "_TXID", "_SECS"].iter().any(|end| name.ends_with(end));
    let mut lines: Vec<_> = text
        .lines()
        .map(|line| match line.split_once('=') {
            Some((name, _)) if changes(name) => format!("{name}=some"),
            _ => line.to_owned(),
        })
        .filter(|line| !["PWD=", "_=", "SHLVL=", "OLDPWD="].iter().any(|own| line.starts_with(own)))
        .collect();
    lines[1..].sort();
    lines
}

/// What the script of a server is told while `play` is on, which is told so many times.
fn story<F: Family>(
    world: &World,
    (name, library): (&str, &Path),
    server: impl FnOnce(Value) -> Option<ServerOf<F>>,
    mut map: Value,
    count: usize,
    play: impl FnOnce(),
) -> Option<Told> {
    let folder = world.path(&format!("{name}-told"));
    recorder(&folder);
    // Leases end at once when they are given back, and a renewal is one however soon it comes: that is what Kea 2.2 does.
    map["expired-leases-processing"] = json!({"reclaim-timer-wait-time": 0, "hold-reclaimed-time": 0});
    if name == "kotare" {
        map["cache-threshold"] = json!(0.0);
    }
    map["hooks-libraries"] =
        json!([{"library": library, "parameters": {"name": folder.join("script.sh"), "sync": false}}]);
    let server = server(map)?;
    play();
    let all =
        eventually("the script was told of all", || Some(told(&folder)).filter(|told| told.len() >= count));
    assert!(server.stop(), "the server ends well");
    assert_eq!(all.len(), count, "{all:#?}");
    Some(all)
}

/// How two told differ: what only the first and only the second has, by hook point.
fn differences(one: &Told, other: &Told) -> Vec<String> {
    let without = |these: &[String], those: &[String], sign: &str| {
        let only = these.iter().filter(|line| !those.contains(line));
        only.map(|line| format!("{}: {sign}{line}", these[0])).collect::<Vec<_>>()
    };
    let pairs = one.iter().zip(other);
    pairs.flat_map(|(one, other)| [without(one, other, "-"), without(other, one, "+")].concat()).collect()
}

/// A client of DHCPv4 gets a lease, extends it and gives it back: the script is told the same as by Kea.
#[test]
fn a_script_is_told_of_leases() {
    sandboxed("a_script_is_told_of_leases", |world| {
        let lan = world.lan();
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        let mut play = || {
            client.obtain();
            client.renew();
            client.release();
            client.kill();
        };
        // There is nothing to choose from, however often the client asks.
        let mut map = lan_configuration();
        map["subnet4"][0]["pools"] = json!([{"pool": "192.0.2.100/32"}]);
        let library = Path::new("/nowhere/libdhcp_run_script.so");
        let kotare = |map| Some(ServerOf::<V4>::kotare(world, &lan.server, "kotare", map));
        let ours = story(world, ("kotare", library), kotare, map.clone(), 5, &mut play).expect("ours runs");
        let points: Vec<_> = ours.iter().map(|lines| lines[0].as_str()).collect();
        let committed = "leases4_committed";
        assert_eq!(points, ["lease4_release", "lease4_renew", committed, committed, committed]);
        let library = partner_file("usr/lib/x86_64-linux-gnu/kea/hooks/libdhcp_run_script.so");
        let (Some(library), Some(_)) = (library, partner(V4::SERVER)) else {
            return tell("no Kea to compare with");
        };
        let kea = |map| ServerOf::<V4>::kea(world, &lan.server, "kea", map);
        let keas = story(world, ("kea", &library), kea, map, 5, &mut play).expect("Kea runs");
        assert_eq!(differences(&keas, &ours), [""; 0]);
    });
}

/// The same of a client of DHCPv6 with an address and a prefix.
#[test]
fn a_script_is_told_of_leases6() {
    sandboxed("a_script_is_told_of_leases6", |world| {
        let lan = world.lan6();
        let mut client = lan.client("client", Client6Program::Dhcpcd, Wish::Both);
        let mut play = || {
            client.obtain();
            client.renew();
            client.release();
            client.kill();
        };
        let mut map = lan6_configuration();
        map["subnet6"][0]["pools"] = json!([{"pool": "2001:db8:1::100/128"}]);
        map["subnet6"][0]["pd-pools"] =
            json!([{"prefix": "2001:db8:8000::", "prefix-len": 56, "delegated-len": 56}]);
        let library = Path::new("/nowhere/libdhcp_run_script.so");
        let kotare = |map| Some(ServerOf::<V6>::kotare(world, &lan.server, "kotare", map));
        let ours = story(world, ("kotare", library), kotare, map.clone(), 7, &mut play).expect("ours runs");
        let points: Vec<_> = ours.iter().map(|lines| lines[0].as_str()).collect();
        let (released, renewed, committed) = ("lease6_release", "lease6_renew", "leases6_committed");
        assert_eq!(points, [released, released, renewed, renewed, committed, committed, committed]);
        let library = partner_file("usr/lib/x86_64-linux-gnu/kea/hooks/libdhcp_run_script.so");
        let (Some(library), Some(_)) = (library, partner(V6::SERVER)) else {
            return tell("no Kea to compare with");
        };
        let kea = |map| ServerOf::<V6>::kea(world, &lan.server, "kea", map);
        let keas = story(world, ("kea", &library), kea, map, 7, &mut play).expect("Kea runs");
        // Kea does not note at which port a message came.
        let mut differences = differences(&keas, &ours);
        differences.retain(|it| {
            !it.ends_with(": -QUERY6_LOCAL_PORT=0") && !it.ends_with(": +QUERY6_LOCAL_PORT=547")
        });
        assert_eq!(differences, [""; 0]);
    });
}
