//! Commands that a server sends to its partner.

use kotare_model::Timestamp;
use serde_json::{Map, Value, json};

use crate::Partner;

/// The number of the partner's order to be silent, to which that of the relationship is added.
const REMOTE_ORIGIN: u32 = 2000;

/// Who is said to have sent an update, and an order to servers up to 2.4.
const ORIGIN: &str = "ha-partner";

/// What a listener for partners of a DHCPv4 server takes (`restrict-commands`).
pub const COMMANDS4: &[&str] = &[
    "dhcp-disable",
    "dhcp-enable",
    "ha-heartbeat",
    "ha-maintenance-notify",
    "ha-reset",
    "ha-sync-complete-notify",
    "ha-sync-follow",
    "ha-terms-get",
    "lease4-bulk-apply",
    "lease4-del",
    "lease4-get-all",
    "lease4-get-page",
    "lease4-update",
    "list-commands",
    "status-get",
];

/// What a listener for partners of a DHCPv6 server takes (`restrict-commands`).
pub const COMMANDS6: &[&str] = &[
    "dhcp-disable",
    "dhcp-enable",
    "ha-heartbeat",
    "ha-maintenance-notify",
    "ha-reset",
    "ha-sync-complete-notify",
    "ha-sync-follow",
    "ha-terms-get",
    "lease6-bulk-apply",
    "lease6-del",
    "lease6-get-all",
    "lease6-get-page",
    "lease6-update",
    "list-commands",
    "status-get",
];

/// Who asks, and for which service: it makes the commands.
#[derive(Clone, Debug)]
pub struct Asker {
    /// `dhcp4` or `dhcp6`.
    pub service: &'static str,
    /// The name of this server in the relationship.
    pub name: String,
    /// The number of the relationship, from 0.
    pub relationship: u32,
}

impl Asker {
    /// Moves the arguments, which may be many leases.
    fn command(&self, command: &str, arguments: Value) -> Value {
        let entry = |key: &str, value: Value| (key.to_owned(), value);
        let service: Vec<Value> = vec![self.service.into()];
        Value::Object(Map::from_iter([
            entry("arguments", arguments),
            entry("command", command.into()),
            entry("service", service.into()),
        ]))
    }

    fn named(&self, command: &str) -> Value {
        self.command(command, json!({"server-name": self.name}))
    }

    /// How is the partner?
    #[must_use]
    pub fn heartbeat(&self) -> Value {
        self.named("ha-heartbeat")
    }

    /// The partner lacks leases, and is to fetch them.
    #[must_use]
    pub fn reset(&self) -> Value {
        self.named("ha-reset")
    }

    fn origin(&self) -> u32 {
        REMOTE_ORIGIN + self.relationship
    }

    /// The partner is to be silent for some seconds while its leases are fetched; for ever if none are given.
    #[must_use]
    pub fn disable(&self, seconds: Option<u64>) -> Value {
        let mut arguments = Map::new();
        if let Some(seconds) = seconds.filter(|seconds| *seconds > 0) {
            arguments.insert("max-period".into(), seconds.into());
        }
        arguments.insert("origin".into(), ORIGIN.into());
        arguments.insert("origin-id".into(), self.origin().into());
        self.command("dhcp-disable", Value::Object(arguments))
    }

    /// The partner may speak again.
    #[must_use]
    pub fn enable(&self) -> Value {
        self.command("dhcp-enable", json!({"origin": ORIGIN, "origin-id": self.origin()}))
    }

    /// The partner's leases are fetched from now on, or still are, and it is to tell of those that it gives meanwhile. Ours
    /// alone do that.
    #[must_use]
    pub fn follow(&self, begins: bool) -> Value {
        self.command("ha-sync-follow", json!({"begins": begins, "server-name": self.name}))
    }

    /// The partner's leases are here, and it may speak again.
    #[must_use]
    pub fn sync_complete(&self) -> Value {
        let origin = self.origin();
        self.command(
            "ha-sync-complete-notify",
            // Versions from 2.5.5 to 2.5.7 had the number in `origin`.
            json!({"origin": origin, "origin-id": origin, "server-name": self.name}),
        )
    }

    /// This server takes over from its partner, or gives back what it took.
    #[must_use]
    pub fn maintenance(&self, cancel: bool, state: Partner) -> Value {
        self.command(
            "ha-maintenance-notify",
            json!({"cancel": cancel, "server-name": self.name, "state": state.name()}),
        )
    }

    /// The leases after an address, or the first ones. `limit` is at least 1.
    #[must_use]
    pub fn page(&self, from: Option<&str>, limit: u32) -> Value {
        let command = format!("lease{}-get-page", self.version());
        self.command(&command, json!({"from": from.unwrap_or("start"), "limit": limit.max(1)}))
    }

    /// The same, as rows of a lease file: ours alone answer so.
    #[must_use]
    pub fn page_of_rows(&self, from: Option<&str>, limit: u32) -> Value {
        let mut command = self.page(from, limit);
        command["arguments"]["rows"] = true.into();
        command
    }

    /// The version of the protocol, as commands have it in their names.
    fn version(&self) -> &'static str {
        self.service.strip_prefix("dhcp").unwrap_or_default()
    }

    /// A lease was given, extended or kept as released: one command for it.
    #[must_use]
    pub fn update(&self, mut lease: Map<String, Value>) -> Value {
        expires(&mut lease);
        lease.insert("force-create".into(), true.into());
        lease.insert("origin".into(), ORIGIN.into());
        self.command(&format!("lease{}-update", self.version()), Value::Object(lease))
    }

    /// A lease is no more: one command for it.
    #[must_use]
    pub fn delete(&self, mut lease: Map<String, Value>) -> Value {
        expires(&mut lease);
        lease.insert("origin".into(), ORIGIN.into());
        self.command(&format!("lease{}-del", self.version()), Value::Object(lease))
    }

    /// What of its configuration does the partner go by? Ours alone answer that.
    #[must_use]
    pub fn terms(&self) -> Value {
        self.named("ha-terms-get")
    }

    /// Leases that are no more, and such that were given, extended or kept as released, in one command. Of DHCPv4 ours alone
    /// take it.
    #[must_use]
    pub fn bulk_apply(
        &self,
        deleted: impl IntoIterator<Item = Map<String, Value>>,
        leases: impl IntoIterator<Item = Map<String, Value>>,
    ) -> Value {
        let shown = |mut lease| {
            expires(&mut lease);
            Value::Object(lease)
        };
        let deleted: Vec<_> = deleted.into_iter().map(shown).collect();
        let leases: Vec<_> = leases.into_iter().map(shown).collect();
        self.bulk(vec![("deleted-leases", deleted.into()), ("leases", leases.into())])
    }

    /// The same of a lease file with rows of such leases. Ours alone take it.
    #[must_use]
    pub fn apply_rows(&self, rows: String) -> Value {
        self.bulk(vec![("rows", rows.into())])
    }

    fn bulk(&self, leases: Vec<(&str, Value)>) -> Value {
        let mut arguments: Map<_, _> =
            leases.into_iter().map(|(key, leases)| (key.to_owned(), leases)).collect();
        arguments.insert("origin".to_owned(), ORIGIN.into());
        self.command(&format!("lease{}-bulk-apply", self.version()), Value::Object(arguments))
    }
}

/// A lease says when it ends, not since when it runs.
fn expires(lease: &mut Map<String, Value>) {
    let number = |name: &str| lease.get(name).and_then(Value::as_i64);
    if let (Some(cltt), Some(valid)) = (number("cltt"), number("valid-lft")) {
        lease.remove("cltt");
        lease.insert("expire".into(), Timestamp(cltt.saturating_add(valid)).0.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::State;

    fn asker(service: &'static str) -> Asker {
        Asker { service, name: "server1".into(), relationship: 1 }
    }

    fn lease() -> Map<String, Value> {
        json!({"ip-address": "192.0.2.1", "cltt": 1000, "valid-lft": 50}).as_object().unwrap().clone()
    }

    /// The commands are those that Kea's hook library sends.
    #[test]
    fn commands_are_keas() {
        let v4 = asker("dhcp4");
        assert_eq!(
            v4.heartbeat(),
            json!({"command": "ha-heartbeat", "service": ["dhcp4"], "arguments": {"server-name": "server1"}})
        );
        assert_eq!(
            v4.disable(Some(60))["arguments"],
            json!({"origin": "ha-partner", "origin-id": 2001, "max-period": 60})
        );
        assert_eq!(v4.disable(None)["arguments"].get("max-period"), None);
        assert_eq!(v4.enable()["arguments"], json!({"origin": "ha-partner", "origin-id": 2001}));
        assert_eq!(
            v4.sync_complete()["arguments"],
            json!({"origin": 2001, "origin-id": 2001, "server-name": "server1"})
        );
        assert_eq!(
            v4.maintenance(false, Partner::In(State::Ready))["arguments"],
            json!({"cancel": false, "server-name": "server1", "state": "ready"})
        );
        assert_eq!(v4.reset()["command"], "ha-reset");
        let page = v4.page(None, 10_000);
        assert_eq!(
            (&page["command"], &page["arguments"]),
            (&json!("lease4-get-page"), &json!({"from": "start", "limit": 10_000}))
        );
        assert_eq!(asker("dhcp6").page(Some("2001:db8::1"), 0)["command"], "lease6-get-page");
    }

    /// Leases are sent with their end.
    #[test]
    fn leases_say_when_they_end() {
        let update = asker("dhcp4").update(lease());
        assert_eq!(
            update["arguments"],
            json!({"ip-address": "192.0.2.1", "valid-lft": 50, "expire": 1050, "force-create": true,
                "origin": "ha-partner"})
        );
        assert_eq!(asker("dhcp4").delete(lease())["command"], "lease4-del");
        let bulk = asker("dhcp6").bulk_apply([lease()], [lease(), lease()]);
        assert_eq!(bulk["arguments"]["deleted-leases"][0]["expire"], 1050);
        assert_eq!(bulk["arguments"]["leases"].as_array().unwrap().len(), 2);
        assert_eq!(bulk["arguments"]["origin"], "ha-partner");
        let rows = asker("dhcp4").apply_rows("address\n".into());
        assert_eq!(rows["command"], "lease4-bulk-apply");
        assert_eq!(rows["arguments"], json!({"rows": "address\n", "origin": "ha-partner"}));
        let page = asker("dhcp4").page_of_rows(Some("192.0.2.1"), 10);
        assert_eq!(page["arguments"], json!({"from": "192.0.2.1", "limit": 10, "rows": true}));
    }
}
