//! All hook libraries at once, which a load is put through.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::guests::example;
use crate::radius::RadiusServer;
use crate::world::Family;

/// The libraries of both families that want no more than a folder.
const BOTH: [&str; 19] = [
    "class_cmds",
    "ddns_tuning",
    "flex_id",
    "flex_option",
    "host_cache",
    "host_cmds",
    "lease_cmds",
    "lease_query",
    "legal_log",
    "limits",
    "mysql",
    "perfmon",
    "pgsql",
    "radius",
    "rbac",
    "run_script",
    "stat_cmds",
    "subnet_cmds",
    "user_chk",
];
/// Those that want a database of configurations, or a module of somebody else.
pub const MORE: [&str; 2] = ["cb_cmds", "wasm"];
/// Those of DHCPv4 alone.
const ONLY4: [&str; 2] = ["bootp", "ping_check"];

/// The names of the libraries that [`with_all`] has a server load.
pub fn names<F: Family>() -> Vec<&'static str> {
    let only = ONLY4.iter().filter(|_| F::MAP == "Dhcp4");
    BOTH.iter().chain(only).copied().collect()
}

/// A configuration with all of them. What they read and write lies in a folder.
///
/// # Errors
/// When that cannot be made there.
pub fn with_all<F: Family>(map: Value, folder: &Path) -> io::Result<Value> {
    let entry = |name: &&'static str| (*name, PathBuf::from(format!("/nowhere/libdhcp_{name}.so")));
    with::<F>(map, folder, &names::<F>().iter().map(entry).collect::<Vec<_>>())
}

/// The same with [`MORE`], and with those that ask others asking them: `radius` a [`RadiusServer`] beside the server, and
/// `ping_check` whoever may use an address. The module is left out where Debian's compiler for it is not unpacked.
///
/// # Errors
/// As [`with_all`].
pub fn with_more<F: Family>(map: Value, folder: &Path) -> io::Result<Value> {
    let mut map = with_all::<F>(map, folder)?;
    let file = folder.join("configuration.sqlite");
    map["config-control"] = json!({"config-databases": [{"type": "sqlite", "name": file}]});
    let libraries = map["hooks-libraries"].as_array_mut().into_iter().flatten();
    for entry in libraries {
        if is_called(entry, "radius") {
            entry["parameters"] = RadiusServer::parameters();
        }
        if is_called(entry, "ping_check") {
            entry["parameters"] = json!({"enable-ping-check": true});
        }
    }
    let module = example("option_table", folder).map(|file| {
        let table = json!({"option": "224", "*": "anywhere"});
        json!({"library": file, "parameters": {"module-parameters": table}})
    });
    let commands = json!({"library": "/nowhere/libdhcp_cb_cmds.so"});
    map["hooks-libraries"].as_array_mut().into_iter().for_each(|all| {
        all.push(commands.clone());
        all.extend(module.clone());
    });
    Ok(map)
}

/// Whether an entry is that of a library.
fn is_called(entry: &Value, name: &str) -> bool {
    entry["library"].as_str().is_some_and(|file| file.ends_with(&format!("libdhcp_{name}.so")))
}

/// The same with some of them, each with its file. Limits are not reached.
///
/// # Errors
/// As [`with_all`].
pub fn with<F: Family>(
    mut map: Value,
    folder: &Path,
    libraries: &[(&'static str, PathBuf)],
) -> io::Result<Value> {
    fs::create_dir_all(folder.join("logs"))?;
    fs::write(folder.join("registry"), "")?;
    let script = folder.join("script.sh");
    fs::write(&script, "#!/bin/sh\n")?;
    fs::set_permissions(&script, Permissions::from_mode(0o755))?;
    let digit = F::MAP.trim_start_matches("Dhcp");
    if libraries.iter().any(|(name, _)| *name == "limits") {
        let limits = json!({"address-limit": 10_000_000, "rate-limit": "1000000 packets per second"});
        let context = json!({ "limits": limits });
        map["client-classes"] = json!([{"name": "gold", "test": "member('ALL')", "user-context": context}]);
        map[format!("subnet{digit}")][0]["user-context"] = context;
    }
    let entry = |(name, file): &(&str, PathBuf)| {
        let mut entry = json!({"library": file});
        let parameters = parameters(folder, name, digit);
        if !parameters.is_null() {
            entry["parameters"] = parameters;
        }
        entry
    };
    map["hooks-libraries"] = libraries.iter().map(entry).collect();
    Ok(map)
}

/// What a library does not do without, or does otherwise for a load.
fn parameters(folder: &Path, library: &str, digit: &str) -> Value {
    let path = |name: &str| folder.join(name).display().to_string();
    let is_v4 = digit == "4";
    match library {
        "ddns_tuning" => {
            let client = if is_v4 { "pkt4.mac" } else { "option[1].hex" };
            json!({"hostname-expr": format!("concat('host-', hexstring({client}, '-'))")})
        }
        "flex_id" => {
            let expression = if is_v4 { "pkt4.mac" } else { "option[1].hex" };
            json!({ "identifier-expression": expression })
        }
        "flex_option" => {
            let (code, client) = if is_v4 { (67, "pkt4.mac") } else { (59, "option[1].hex") };
            json!({"options": [{"code": code, "add": format!("concat('boot/', hexstring({client}, '-'))")}]})
        }
        "lease_query" => json!({"requesters": [if is_v4 { "192.0.2.250" } else { "2001:db8:1::250" }]}),
        "legal_log" => json!({"path": path("logs"), "base-name": "who"}),
        "perfmon" => json!({"enable-monitoring": true, "interval-width-secs": 1}),
        // Nobody answers, and nobody shall wait for that.
        "ping_check" => json!({"enable-ping-check": false}),
        // Nobody listens there.
        "radius" => {
            let server = json!({"name": "127.0.0.1", "port": 1, "secret": "nobody's"});
            json!({"retries": 0, "timeout": 1, "accounting": {"servers": [server]}})
        }
        "rbac" => json!({"assign-role-method": "remote-address"}),
        "run_script" => json!({"name": path("script.sh"), "sync": false}),
        "user_chk" => json!({"registry": path("registry"), "outcome": path("outcome")}),
        _ => Value::Null,
    }
}
