//! The parameters of `ha`. Kea minds no others; here a warning tells of them.

use kotare_config::Level;
use kotare_config::json::{Diagnostics, Value};
use kotare_config::schema::{Table, Type, param};
use kotare_ha::{Mode, Pause, Peer, Relationship, Role, State, Threading, Tls, judge_together};

use super::secrets::{Locked, Login};

/// The `parameters` of the library.
pub static PARAMETERS: Table = Table {
    name: "parameters",
    // It has to be there, which is said with a message of its own.
    groups: &[&[param("high-availability", Type::Maps(&RELATIONSHIP))]],
    open: true,
    ..Table::EMPTY
};

const U32: i64 = u32::MAX as i64;

/// An entry of `high-availability`.
static RELATIONSHIP: Table = Table {
    name: "high-availability",
    groups: &[&[
        param("this-server-name", Type::Text).required(),
        param("mode", Type::Text).required(),
        param("peers", Type::Maps(&PEER)).required(),
        param("send-lease-updates", Type::Bool).or_bool(true),
        param("sync-leases", Type::Bool).or_bool(true),
        param("sync-timeout", Type::Int(0, U32)).or_int(60_000),
        param("sync-page-limit", Type::Int(0, U32)).or_int(10_000),
        // By the mode.
        param("delayed-updates-limit", Type::Int(0, U32)),
        param("heartbeat-delay", Type::Int(0, U32)).or_int(10_000),
        param("max-response-delay", Type::Int(0, U32)).or_int(60_000),
        param("max-ack-delay", Type::Int(0, U32)).or_int(10_000),
        param("max-unacked-clients", Type::Int(0, U32)).or_int(10),
        param("max-rejected-lease-updates", Type::Int(0, U32)).or_int(10),
        param("wait-backup-ack", Type::Bool).or_bool(false),
        param("multi-threading", Type::Map(&THREADING)),
        param("trust-anchor", Type::Text),
        param("cert-file", Type::Text),
        param("key-file", Type::Text),
        param("require-client-certs", Type::Bool).or_bool(true),
        param("restrict-commands", Type::Bool).or_bool(true),
        param("state-machine", Type::Map(&MACHINE)),
    ]],
    open: true,
    ..Table::EMPTY
};

/// `multi-threading`.
static THREADING: Table = Table {
    name: "multi-threading",
    groups: &[&[
        param("enable-multi-threading", Type::Bool).or_bool(true),
        param("http-dedicated-listener", Type::Bool).or_bool(true),
        param("http-listener-threads", Type::Int(0, U32)).or_int(0),
        param("http-client-threads", Type::Int(0, U32)).or_int(0),
    ]],
    open: true,
    ..Table::EMPTY
};

/// An entry of `peers`.
static PEER: Table = Table {
    name: "peers",
    groups: &[&[
        param("name", Type::Text).required(),
        param("url", Type::Text).required(),
        param("role", Type::Text).required(),
        param("auto-failover", Type::Bool).or_bool(true),
        param("trust-anchor", Type::Text),
        param("cert-file", Type::Text),
        param("key-file", Type::Text),
        param("basic-auth-user", Type::Text),
        param("basic-auth-user-file", Type::Text),
        param("basic-auth-password", Type::Text),
        param("basic-auth-password-file", Type::Text),
    ]],
    open: true,
    ..Table::EMPTY
};

/// `state-machine`.
static MACHINE: Table = Table {
    name: "state-machine",
    groups: &[&[param("states", Type::Maps(&STATE))]],
    open: true,
    ..Table::EMPTY
};

/// An entry of `states`.
static STATE: Table = Table {
    name: "states",
    groups: &[&[param("state", Type::Text).required(), param("pause", Type::Text).or_text("never")]],
    open: true,
    ..Table::EMPTY
};

/// The relationships that parameters of [`PARAMETERS`] are about. What is wrong goes to `diagnostics`, all of it; none are
/// of use then. Touches no file.
pub fn read(parameters: Level<'_>, diagnostics: &mut Diagnostics) -> Vec<Locked> {
    strangers(parameters, &PARAMETERS, diagnostics);
    let mut all = Vec::new();
    for level in parameters.list(&RELATIONSHIP) {
        let Some(locked) = relationship(level, diagnostics) else { continue };
        if let Some(map) = level.map() {
            for wrong in locked.relationship().judge() {
                diagnostics.error(map.source(), wrong);
            }
        }
        all.push(locked);
    }
    if let Some(list) = parameters.own("high-availability") {
        let relationships: Vec<_> = all.iter().map(|locked| locked.relationship().clone()).collect();
        // Of one that could not be read it is said why.
        let is_whole = all.len() == list.items().len();
        for wrong in judge_together(&relationships).into_iter().filter(|_| is_whole) {
            diagnostics.error(list.source(), wrong);
        }
    }
    all
}

/// `None` for one of no known mode.
fn relationship(level: Level<'_>, diagnostics: &mut Diagnostics) -> Option<Locked> {
    strangers(level, &RELATIONSHIP, diagnostics);
    let mode = word(level, "mode", Mode::named, diagnostics)?;
    let mut read = Relationship::new(level.text("this-server-name"), mode);
    read.sends_updates = level.bool("send-lease-updates");
    read.syncs_leases = level.bool("sync-leases");
    read.sync_timeout = level.millis("sync-timeout");
    read.sync_page_limit = level.count("sync-page-limit");
    read.delayed_updates_limit = level.int("delayed-updates-limit").unwrap_or(read.delayed_updates_limit);
    read.heartbeat_delay = level.millis("heartbeat-delay");
    read.max_response_delay = level.millis("max-response-delay");
    read.max_ack_delay = level.millis("max-ack-delay");
    read.max_unacked_clients = level.count("max-unacked-clients");
    read.max_rejected_updates = level.count("max-rejected-lease-updates");
    read.waits_for_backups = level.bool("wait-backup-ack");
    read.requires_client_certs = level.bool("require-client-certs");
    read.restricts_commands = level.bool("restrict-commands");
    read.tls = tls(level);
    let threading = level.section(&THREADING);
    strangers(threading, &THREADING, diagnostics);
    read.threading = Threading {
        enabled: threading.bool("enable-multi-threading"),
        listens: threading.bool("http-dedicated-listener"),
        listener_threads: threading.count("http-listener-threads"),
        client_threads: threading.count("http-client-threads"),
    };
    let machine = level.section(&MACHINE);
    strangers(machine, &MACHINE, diagnostics);
    for state in machine.list(&STATE) {
        strangers(state, &STATE, diagnostics);
        let named = |name: &str| State::named(name).ok_or_else(|| format!("unknown state {name}"));
        let at = word(state, "state", named, diagnostics);
        let pause = word(state, "pause", Pause::named, diagnostics);
        read.pauses.extend(at.zip(pause));
    }
    let mut logins = Vec::new();
    for peer in level.list(&PEER) {
        strangers(peer, &PEER, diagnostics);
        let Some(role) = word(peer, "role", Role::named, diagnostics) else { continue };
        let mut known = Peer::new(peer.text("name"), peer.text("url"), role);
        known.fails_over = peer.bool("auto-failover");
        known.tls = tls(peer);
        logins.push(Login::read(peer, &known.name, diagnostics));
        read.peers.push(known);
    }
    Some(Locked::new(read, logins))
}

fn tls(level: Level<'_>) -> Tls {
    let text = |keyword| level.own(keyword).and_then(Value::as_str).map(str::to_owned);
    Tls { trust_anchor: text("trust-anchor"), cert_file: text("cert-file"), key_file: text("key-file") }
}

/// What a word means, if anything.
fn word<T>(
    level: Level<'_>,
    keyword: &'static str,
    named: impl FnOnce(&str) -> Result<T, String>,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    match named(level.text(keyword)) {
        Ok(meant) => Some(meant),
        Err(wrong) => {
            if let Some(value) = level.own(keyword) {
                diagnostics.error(value.source(), wrong);
            }
            None
        }
    }
}

/// Warns of parameters that there are not.
fn strangers(level: Level<'_>, table: &'static Table, diagnostics: &mut Diagnostics) {
    for entry in level.map().map_or(&[][..], Value::entries) {
        let name = entry.key.as_str();
        if table.param(name).is_none() && !matches!(name, "comment" | "user-context") {
            let message = format!("\"{name}\" of \"{}\" is unknown and has no effect", table.name);
            diagnostics.warning(entry.key.source(), message);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kotare_config::schema::LibrarySchema;
    use kotare_config::v6::{Config6, FILE};
    use kotare_config::{Input, read as read_config};
    use serde_json::{Value as Json, json};

    use super::*;

    /// What is read of `high-availability`, or what is wrong with it; and what is warned of.
    fn relationships(high_availability: &Json) -> (Result<Vec<Relationship>, Vec<String>>, usize) {
        static SCHEMAS: &[LibrarySchema] = &[LibrarySchema { name: "ha", parameters: &PARAMETERS }];
        let library = json!({"library": "/usr/lib/kea/hooks/libdhcp_ha.so",
            "parameters": {"high-availability": high_availability}});
        let written = json!({"Dhcp6": {"hooks-libraries": [library]}});
        let file = FILE.with_libraries(SCHEMAS);
        let candidate = match read_config::<Config6>(Input::Command("config-set", &written), &file) {
            Ok(candidate) => candidate,
            Err(refused) => return (Err(refused.error_lines()), 0),
        };
        let mut diagnostics = Diagnostics::new();
        let level = candidate.config.process.libraries[0].level(&PARAMETERS);
        let read = read(level, &mut diagnostics);
        let read =
            read.into_iter().filter_map(|it| it.unlock(|_| Ok("file".into()), &mut diagnostics)).collect();
        let warnings = diagnostics.warning_count();
        (if diagnostics.has_errors() { Err(diagnostics.error_lines()) } else { Ok(read) }, warnings)
    }

    fn refusals(high_availability: &Json) -> String {
        relationships(high_availability).0.unwrap_err().join("\n")
    }

    /// The manual's load-balancing pair with a backup that wants a password.
    fn pair() -> Json {
        json!({
            "this-server-name": "server1",
            "mode": "load-balancing",
            "heartbeat-delay": 10000,
            "max-response-delay": 60000,
            "max-ack-delay": 5000,
            "max-unacked-clients": 5,
            "max-rejected-lease-updates": 10,
            "delayed-updates-limit": 100,
            "peers": [
                {"name": "server1", "url": "http://192.168.56.33:8005/", "role": "primary", "auto-failover": true},
                {"name": "server2", "url": "http://192.168.56.66:8005/", "role": "secondary", "auto-failover": true},
                {"name": "server3", "url": "http://192.168.56.99:8005/", "role": "backup",
                    "basic-auth-user": "foo", "basic-auth-password": "1234", "auto-failover": false}
            ]
        })
    }

    /// Everything that the manual names is understood, and what it does not say is as Kea has it.
    #[test]
    fn the_manuals_examples_are_read() {
        let (read, warnings) = relationships(&json!([pair()]));
        let read = read.unwrap().remove(0);
        assert_eq!(warnings, 0);
        assert_eq!((read.max_ack_delay, read.max_unacked_clients), (Duration::from_secs(5), 5));
        assert_eq!(read.peers[2].login, Some(("foo".into(), "1234".into())));
        assert!(!read.peers[2].fails_over && read.peers[0].fails_over && read.peers[0].login.is_none());
        let mut plain = Relationship::new("server1", Mode::LoadBalancing);
        plain.peers = read.peers.clone();
        (plain.max_ack_delay, plain.max_unacked_clients) = (Duration::from_secs(5), 5);
        assert_eq!(read, plain);

        let mut hub = [pair(), pair()];
        for (number, (spoke, names)) in hub.iter_mut().zip([["a", "b"], ["c", "d"]]).enumerate() {
            *spoke = json!({"this-server-name": names[1], "mode": "hot-standby", "sync-timeout": 90000,
            "state-machine": {"states": [{"state": "waiting", "pause": "once"}, {"state": "ready"}]},
            "multi-threading": {"enable-multi-threading": true, "http-listener-threads": number},
            "trust-anchor": "/ca", "cert-file": "/cert", "key-file": "/key", "comment": "x",
            "peers": [
                {"name": names[0], "url": "https://[2001:db8::1]:8007/", "role": "primary",
                    "basic-auth-user-file": "/user", "basic-auth-password-file": "/password"},
                {"name": names[1], "url": "http://[2001:db8::2]:8007/", "role": "standby", "trust-anchor": "",
                    "cert-file": "", "key-file": ""}
            ]});
        }
        let (read, warnings) = relationships(&json!(hub));
        let read = read.unwrap();
        assert_eq!((warnings, read.len()), (0, 2));
        assert_eq!(read[1].pauses, [(State::Waiting, Pause::Once), (State::Ready, Pause::Never)]);
        assert_eq!((read[1].threading.listener_threads, read[1].delayed_updates_limit), (1, 0));
        assert_eq!(read[1].peers[0].login, Some(("file".into(), "file".into())));
        assert_eq!(read[1].tls_of(&read[1].peers[1]), [None; 3]);
    }

    /// What is wrong is told with its place.
    #[test]
    fn what_is_wrong_is_refused() {
        let with = |key: &str, value: Json| {
            let mut pair = pair();
            pair[key] = value;
            refusals(&json!([pair]))
        };
        assert!(with("mode", json!("balanced")).contains("unsupported value 'balanced' for mode parameter"));
        assert!(with("heartbeat-delay", json!(-1)).contains("heartbeat-delay"));
        assert!(with("sync-page-limit", json!(0)).contains("sync-page-limit"));
        assert!(with("peers", json!({})).contains("peers"));
        let states = |states: Json| with("state-machine", json!({"states": states}));
        assert!(states(json!([{"state": "asleep"}])).contains("unknown state asleep"));
        assert!(states(json!([{"state": "ready", "pause": "twice"}])).contains("of 'pause' parameter"));
        assert!(refusals(&json!([])).contains("must not be empty"));
        assert!(refusals(&json!([pair(), pair()])).contains("only supported for 'hot-standby' mode"));
        let peer = |key: &str, value: &str| {
            let mut pair = pair();
            pair["peers"][2][key] = json!(value);
            refusals(&json!([pair]))
        };
        assert!(peer("role", "spare").contains("unsupported value 'spare' for role parameter"));
        assert!(peer("url", "http://server3/").contains("bad url 'http://server3/'"));
        assert!(peer("basic-auth-user", "a:b").contains("must not contain a ':' in peer 'server3'"));
        assert!(peer("basic-auth-password-file", "/x").contains("only one of basic-auth-password and"));
    }

    /// A parameter that there is not is no error, as in Kea, and is told.
    #[test]
    fn strangers_are_told() {
        let mut pair = pair();
        pair["heartbeat-dealy"] = json!(1);
        pair["peers"][0]["colour"] = json!("red");
        let (read, warnings) = relationships(&json!([pair]));
        assert_eq!((read.is_ok(), warnings), (true, 2));
    }
}
