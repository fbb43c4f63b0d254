//! The body of the fuzz target `config`, over configurations and what changes make of them.

#[path = "../../../fuzz/bodies/config.rs"]
mod config;
#[path = "../../../fuzz/corpora.rs"]
mod corpora;
#[path = "../../../fuzz/mutations.rs"]
mod mutations;

const SAMPLES: &[&str] = &[
    include_str!("data/everything.conf"),
    include_str!("../../../etc/kea-dhcp4.conf"),
    r#"{ "Dhcp4": {} }"#,
    r#"{ "Dhcp4": { "valid-lifetime": 4000, "min-valid-lifetime": 60, "renew-timer": 900, "comment": "all",
        "subnet4": [ { "subnet": "192.0.2.0/24", "id": 1, "relay": { "ip-address": "10.0.0.1" },
            "pools": [ { "pool": "192.0.2.10 - 192.0.2.20", "pool-id": 3 }, { "pool": "192.0.2.128/25" } ],
            "reservations": [ { "hw-address": "1:2:3:4:5:6", "ip-address": "192.0.2.5", "hostname": "h" },
                { "client-id": "'me'", "option-data": [ { "name": "routers", "data": "192.0.2.1" } ] } ] } ] } }"#,
    r#"{ "Dhcp4": { # options
        "option-def": [ { "name": "foo", "code": 224, "type": "record", "record-types": "uint8,string" },
            { "name": "bar", "code": 1, "space": "inner", "type": "uint16", "array": true } ],
        "option-data": [ { "name": "domain-name-servers", "data": "192.0.2.1, 192.0.2.2", "always-send": true },
            { "code": 224, "data": "7, some text" }, { "space": "inner", "code": 1, "data": "1,2" },
            { "code": 250, "csv-format": false, "data": "0102ff" }, { "name": "domain-name", "never-send": true },
            { "space": "vendor-4491", "code": 2, "data": "10.0.0.1" }, { "code": 125, "data": "4491" } ] } }"#,
    r#"{ "Dhcp4": { "option-data": [ { "code": 43 }, { "code": 224, "csv-format": false, "data": "0102ff" } ],
        "option-def": [ { "name": "box", "code": 224, "type": "empty", "encapsulate": "inner" } ] } }"#,
    r#"{ "Dhcp4": { /* classes */
        "client-classes": [ { "name": "a", "test": "option[60].text == 'x'", "valid-lifetime": 7,
                "option-data": [ { "name": "boot-file-name", "data": "f" } ] },
            { "name": "b", "test": "member('a') and pkt4.mac == 0x010203040506", "only-if-required": true },
            { "name": "SPAWN", "template-test": "substring(option[61].hex, 0, 3)" } ],
        "shared-networks": [ { "name": "n", "interface": "eth0", "calculate-tee-times": true,
            "subnet4": [ { "subnet": "10.0.0.0/8", "client-class": "a" }, { "subnet": "172.16.0.0/12" } ] } ] } }"#,
    r#"{ "Dhcp4": { "control-socket": { "socket-type": "unix", "socket-name": "kea.sock" },
        "lease-database": { "type": "memfile", "persist": true, "name": "l.csv", "lfc-interval": 3600 },
        "loggers": [ { "name": "kea-dhcp4", "severity": "DEBUG", "debuglevel": 99,
            "output-options": [ { "output": "stdout", "pattern": "%m\n" }, { "output": "f", "maxsize": 9 } ] } ],
        "expired-leases-processing": { "hold-reclaimed-time": 0 }, "user-context": { "a": [ {}, null, 0.5 ] },
        "sanity-checks": { "lease-checks": "fix" }, "dhcp-ddns": { "enable-updates": false } } }"#,
];

const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "#",
    "//",
    "/*",
    "*/",
    "\n",
    "null",
    "true",
    "-1",
    "0",
    "4294967296",
    "0.25",
    "1e-7",
    "\"\"",
    "\"comment\": \"c\",",
    "\"pools\": [ { \"pool\": \"192.0.2.0/30\" } ],",
    "\"id\": 2,",
    "\"subnet4\": [ { \"subnet\": \"10.0.0.0/8\" } ],",
    "\"valid-lifetime\": 60,",
    "\"t1-percent\": 0.3,",
    "\"never-send\": true,",
    "\"csv-format\": false,",
    "\"csv-format\": true,",
    "\"data\": \"\",",
    "\"code\": 43,",
    "\"user-context\": {},",
    "\"reservation-mode\": \"global\",",
    "\"authoritative\": true,",
    "\\u00e9",
    "\u{e9}",
];

/// Whatever is written: refused with reasons, or shown as what means the same.
#[test]
fn any_text_passes_the_fuzz_target() {
    let samples: Vec<_> = SAMPLES.iter().map(|sample| sample.as_bytes().to_vec()).collect();
    mutations::run(&samples, WORDS, 5000, config::check);
}

/// What the fuzzer found worth keeping.
#[test]
fn the_corpus_passes_the_fuzz_target() {
    corpora::run(include_str!("../../../fuzz/corpora/config"), config::check);
}
