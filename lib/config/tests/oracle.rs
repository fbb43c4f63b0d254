//! A released Kea as the judge: what `kea-dhcp4 -t` of Kea 2.2 accepts is accepted, what it refuses is refused.

use std::path::{Path, PathBuf};
use std::process::Command;

use kotare_config::json::{Diagnostics, parse};
use kotare_config::judge;
use kotare_config::v4::{Config4, FILE};

/// Both accept these, inside `Dhcp4`.
const GOOD: &[&str] = &[
    r#""valid-lifetime": 0"#,
    r#""valid-lifetime": 100, "min-valid-lifetime": 100, "max-valid-lifetime": 100"#,
    r#""valid-lifetime": 007"#,
    r#""valid-lifetime": 1, # c
       // c
       /* c */ "renew-timer": 5,"#,
    r#""t1-percent": .5, "t2-percent": 8.e-1"#,
    r#""renew-timer": 9, "rebind-timer": 3"#,
    r#""subnet4": [], "shared-networks": [], "option-data": [], "hooks-libraries": []"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "pools": [ { "pool": " 10.0.0.1-10.0.0.9 " } ] } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "pools": [ { "pool": "10.0.0.16/28" } ] } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.7/8", "id": 1 } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1 }, { "subnet": "10.0.0.0/9", "id": 2 } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8" }, { "subnet": "11.0.0.0/8" } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 4294967294 } ]"#,
    r#""subnet4": [ { "subnet": "0.0.0.0/0", "id": 1 } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "relay": { "ip-address": "10.0.0.1" } } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "relay": { "ip-addresses": [ "10.0.0.1", "10.0.0.2" ] } } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "reservation-mode": "out-of-pool" } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "client-class": "", "require-client-classes": [] } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "reservations": [ { "hw-address": "1:2:3:4:5:6", "hostname": "a" }, { "flex-id": "'a'", "hostname": "b" } ] } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "next-server": "", "server-hostname": "", "boot-file-name": "" } ]"#,
    r#""reservations": [ { "duid": "01:02:03", "ip-address": "10.0.0.1", "hostname": "a" } ]"#,
    r#""shared-networks": [ { "name": "a", "subnet4": [ { "subnet": "10.0.0.0/8", "id": 1 } ] }, { "name": "b" } ]"#,
    r#""interfaces-config": { "interfaces": [ "*" ], "dhcp-socket-type": "udp", "outbound-interface": "use-routing" }"#,
    r#""interfaces-config": { "interfaces": [] }"#,
    r#""control-socket": { "socket-type": "unix", "socket-name": "/tmp/a" }"#,
    r#""lease-database": { "type": "memfile", "persist": false, "lfc-interval": 0 }"#,
    r#""hosts-database": { "type": "mysql", "name": "a", "on-fail": "serve-retry-exit" }"#,
    r#""hosts-databases": [ { "type": "postgresql", "connect-timeout": 4 } ]"#,
    r#""loggers": [ { "name": "kea-dhcp4", "severity": "info", "output_options": [ { "output": "stdout" } ] } ]"#,
    r#""loggers": [ { "name": "kea-dhcp4.leases" } ]"#,
    r#""dhcp-ddns": { "enable-updates": true, "ncr-protocol": "udp", "qualifying-suffix": "a." }"#,
    r#""ddns-use-conflict-resolution": false"#,
    r#""ddns-replace-client-name": "ALWAYS""#,
    r#""client-classes": [ { "name": "a", "test": "option[61].exists", "only-if-required": true } ]"#,
    r#""client-classes": [ { "name": "DROP", "test": "member('ALL')" } ]"#,
    r#""host-reservation-identifiers": [ "client-id", "flex-id" ]"#,
    r#""expired-leases-processing": { "max-reclaim-time": 10000 }"#,
    r#""sanity-checks": { "lease-checks": "fix-del" }"#,
    r#""multi-threading": { "enable-multi-threading": true, "thread-pool-size": 65535 }"#,
    r#""dhcp-queue-control": { "enable-queue": true, "queue-type": "kea-ring4", "anything": [ null ] }"#,
    r#""compatibility": { "lenient-option-parsing": true }"#,
    r#""config-control": { "config-databases": [ { "type": "mysql" } ], "config-fetch-wait-time": 9 }"#,
    r#""comment": "a", "user-context": { "b": null }"#,
    r#""comment": "a", "user-context": { "comment": "b" }"#,
    r#""option-def": [ { "name": "a", "code": 230, "type": "uint8", "comment": "c" } ]"#,
    r#""option-data": [ { "name": "routers", "data": "10.0.0.1", "comment": "c" } ]"#,
    r#""server-tag": "", "decline-probation-period": 0, "parked-packet-limit": 1, "statistic-default-sample-count": 0"#,
];

/// Both refuse these.
const BAD: &[&str] = &[
    r#""valid-lifetime": +1"#,
    r#""valid-lifetime": 1 "renew-timer": 2"#,
    r#","valid-lifetime": 1"#,
    r#""valid-lifetime": 1, "valid-lifetime": 1"#,
    r#""valid-lifetime": "1""#,
    r#""valid-lifetime": 1.0"#,
    r#""valid-lifetime": null"#,
    r#""valid-lifetime": 99999999999999999999"#,
    r#""valid-lifetime": 10, "min-valid-lifetime": 20"#,
    r#""min-valid-lifetime": 8000"#,
    "\"server-tag\": \"a\tb\"",
    r#""server-tag": "a\x""#,
    r#""t1-percent": 1"#,
    r#""authoritative": True"#,
    r#""authoritative": 1"#,
    r#""lifetime": 1"#,
    r#""subnet4": {}"#,
    r#""subnet4": [ { "id": 1 } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0", "id": 1 } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/33", "id": 1 } ]"#,
    r#""subnet4": [ { "subnet": "2001:db8::/32", "id": 1 } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 4294967295 } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1 }, { "subnet": "11.0.0.0/8", "id": 1 } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1 }, { "subnet": "10.0.0.0/8", "id": 2 } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "pools": [ { "pool": "10.0.0.1" } ] } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "pools": [ { "pool": "10.0.0.9-10.0.0.1" } ] } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "pools": [ { "pool": "11.0.0.0/24" } ] } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "pools": [ { "pool": "10.0.0.0/24" }, { "pool": "10.0.0.9-10.0.1.9" } ] } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "relay": { "ip-addresses": [ "a" ] } } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "next-server": "a" } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "reservations": [ { "hostname": "a" } ] } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "reservations": [ { "hw-address": "a", "duid": "a" } ] } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "reservations": [ { "hw-address": "a", "ip-address": "11.0.0.1" } ] } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "reservations": [ { "hw-address": "a" }, { "hw-address": "a" } ] } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "reservations": [ { "hw-address": "x" } ] } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "calculate-tee-times": true, "t1-percent": 0.9, "t2-percent": 0.8 } ]"#,
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "cache-threshold": 1.0 } ]"#,
    r#""reservations": [ { "hw-address": "a", "ip-address": "0.0.0.0" } ]"#,
    r#""shared-networks": [ { "subnet4": [] } ]"#,
    r#""shared-networks": [ { "name": "a" }, { "name": "a" } ]"#,
    r#""shared-networks": [ { "name": "a", "authoritative": true, "subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "authoritative": false } ] } ]"#,
    r#""interfaces-config": { "interfaces": [ "*", "*" ] }"#,
    r#""interfaces-config": { "interfaces": [ "*/10.0.0.1" ] }"#,
    r#""interfaces-config": { "dhcp-socket-type": "tcp" }"#,
    r#""lease-database": { "persist": true }"#,
    r#""lease-database": { "type": "paper" }"#,
    r#""lease-database": { "type": "memfile", "lfc-interval": -1 }"#,
    r#""lease-database": { "type": "memfile", "on-fail": "never" }"#,
    r#""dhcp-ddns": { "server-port": 53001 }"#,
    r#""dhcp-ddns": { "enable-updates": true, "server-ip": "a" }"#,
    r#""dhcp-ddns": { "enable-updates": true, "sender-ip": "::1" }"#,
    r#""dhcp-ddns": { "enable-updates": true, "ncr-protocol": "TCP" }"#,
    r#""ddns-replace-client-name": true"#,
    r#""client-classes": [ { "test": "member('ALL')" } ]"#,
    r#""client-classes": [ { "name": "a" }, { "name": "a" } ]"#,
    r#""client-classes": [ { "name": "KNOWN", "test": "member('ALL')" } ]"#,
    r#""host-reservation-identifiers": [ "mac" ]"#,
    r#""expired-leases-processing": { "max-reclaim-time": 10001 }"#,
    r#""expired-leases-processing": { "reclaim-timer-wait-time": 65536 }"#,
    r#""sanity-checks": { "lease-checks": "perhaps" }"#,
    r#""multi-threading": { "thread-pool-size": 65536, "enable-multi-threading": true }"#,
    r#""compatibility": { "lenient-option-parsing": 1 }"#,
    r#""config-control": { "config-fetch-wait-time": 65536 }"#,
    r#""user-context": "a""#,
    r#""option-def": [ { "name": "a", "type": "uint8" } ]"#,
    r#""option-def": [ { "name": "a", "code": 256, "type": "uint8" } ]"#,
    r#""option-data": [ { "data": "10.0.0.1" } ]"#,
    r#""option-data": [ { "name": "routers", "data": "10.0.0.1", "csv": true } ]"#,
    r#""hooks-libraries": [ { "parameters": {} } ]"#,
    r#""dhcp4o6-port": 65536"#,
];

/// This server refuses these as Kea 3.3 does, or where Kea 2.2 looks only when it starts to serve.
const WORSE: &[&str] = &[
    r#""subnet4": [ { "subnet": "10.0.0.0/8", "id": 1, "pools": [ { "pool": "10.0.0.1/24" } ] } ]"#,
    r#""control-socket": { "socket-type": "tcp", "socket-name": "/tmp/a" }"#,
    r#""loggers": [ { "severity": "INFO" } ]"#,
    r#""loggers": [ { "name": "a", "debuglevel": 100 } ]"#,
    r#""loggers": [ { "name": "a", "output_options": [ { "flush": true } ] } ]"#,
    r#""valid-lifetime": 4294967296"#,
    r#""valid-lifetime": -1"#,
    r#""next-server": "a""#,
];

/// The first error of this server's judgement, if there is one.
fn ours(text: &str) -> Option<String> {
    let mut diagnostics = Diagnostics::new();
    if let Some(root) = parse("c", text.as_bytes(), &mut diagnostics) {
        judge::<Config4>(root, &FILE, &mut diagnostics);
    }
    diagnostics.errors().next().map(ToString::to_string)
}

fn whole(text: &str) -> String {
    format!("{{ \"Dhcp4\": {{ {text} }} }}")
}

/// The tables of this file say what this server does, whether a Kea is there to compare or not.
#[test]
fn good_and_bad_are_told_apart() {
    for text in GOOD {
        assert_eq!(ours(&whole(text)), None, "{text}");
    }
    for text in BAD.iter().chain(WORSE) {
        assert!(ours(&whole(text)).is_some(), "{text}");
    }
}

/// Kea 2.2 agrees with every row.
#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn kea_agrees() {
    let Some(partners) = std::env::var_os("KOTARE_PARTNERS").map(PathBuf::from) else {
        eprintln!("skipped: KOTARE_PARTNERS does not name a folder with usr/sbin/kea-dhcp4");
        return;
    };
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut surprises = Vec::new();
    for (texts, expected) in [(GOOD, true), (BAD, false)] {
        for text in texts {
            let said = kea(&partners, dir.path(), &whole(text));
            if said.is_ok() != expected {
                surprises.push(format!("{text}\n  {}", said.err().unwrap_or_default()));
            }
        }
    }
    assert!(surprises.is_empty(), "Kea judges differently:\n{}", surprises.join("\n"));
}

/// Kea's judgement of a configuration: what it says when it refuses.
fn kea(partners: &Path, dir: &Path, text: &str) -> Result<(), String> {
    let file = dir.join("kea.conf");
    std::fs::write(&file, text).expect("a file in the temporary directory");
    let output = Command::new(partners.join("usr/sbin/kea-dhcp4"))
        .arg("-t")
        .arg(&file)
        .env("LD_LIBRARY_PATH", partners.join("usr/lib/x86_64-linux-gnu"))
        .env("KEA_LOCKFILE_DIR", "none")
        .env("KEA_PIDFILE_DIR", dir)
        .output()
        .expect("kea-dhcp4 runs");
    let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    match output.status.success() {
        true => Ok(()),
        false => Err(said.lines().last().unwrap_or_default().to_owned()),
    }
}
