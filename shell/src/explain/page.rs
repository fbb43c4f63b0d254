//! An explanation as text.

use std::fmt::Write;

use serde_json::Value;

use crate::table::Table;

/// Puts the answer on paper.
pub(super) fn of(answer: &Value) -> String {
    let told = &answer["arguments"];
    let mut page = Page(String::new());
    page.line(0, text(&answer["text"]));
    message(&mut page, &told["message"]);
    page.title("The way there");
    for (at, step) in list(&told["path"]).iter().enumerate() {
        page.line(1, format_args!("{:>3}. {}", at + 1, text(step)));
    }
    subnets(&mut page, &told["subnet"]);
    classes(&mut page, &told["classes"]);
    reservations(&mut page, &told["reservations"]);
    if told["address"].is_object() {
        address(&mut page, &told["address"]);
    }
    list(&told["associations"]).iter().for_each(|it| association(&mut page, it));
    reply(&mut page, &told["reply"]);
    changes(&mut page, list(&told["lease-changes"]));
    if !list(&told["remarks"]).is_empty() {
        page.title("Remarks");
        list(&told["remarks"]).iter().for_each(|remark| page.line(1, text(remark)));
    }
    page.0.trim_end().to_owned()
}

/// Text that grows by lines.
struct Page(String);

impl Page {
    fn title(&mut self, title: &str) {
        self.0.push('\n');
        self.line(0, title);
    }

    fn line(&mut self, depth: usize, line: impl std::fmt::Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{}{line}", "  ".repeat(depth));
    }

    /// A name and its value, unless there is none.
    fn entry(&mut self, depth: usize, name: &str, value: &Value) {
        match value {
            Value::Null => {}
            value => self.line(depth, format_args!("{name}: {}", plain(value))),
        }
    }

    fn table(&mut self, depth: usize, rows: Vec<Value>) {
        let table = Table::of(&Value::from(rows)).to_text();
        table.lines().for_each(|line| self.line(depth, line));
    }
}

fn message(page: &mut Page, message: &Value) {
    page.title("The message");
    for (name, key) in [
        ("type", "type"),
        ("hardware address", "hw-address"),
        ("client identifier", "client-id"),
        ("DUID", "duid"),
        ("ciaddr", "ciaddr"),
        ("giaddr", "giaddr"),
        ("interface", "interface"),
        ("from", "source"),
        ("to", "destination"),
    ] {
        page.entry(1, name, &message[key]);
    }
    for relay in list(&message["relays"]) {
        page.line(
            1,
            format_args!(
                "through the relay agent of link {}, from {}",
                text(&relay["link"]),
                text(&relay["peer"])
            ),
        );
        options(page, 2, &relay["options"]);
    }
    options(page, 1, &message["options"]);
}

fn options(page: &mut Page, depth: usize, options: &Value) {
    for option in list(options) {
        let name = option["name"].as_str().map(|name| format!(" ({name})")).unwrap_or_default();
        page.line(depth, format_args!("option {}{name}: {}", plain(&option["code"]), text(&option["data"])));
    }
}

fn subnets(page: &mut Page, subnet: &Value) {
    page.title("Subnets");
    for candidate in list(&subnet["candidates"]) {
        let mark = if candidate["selected"] == true { "*" } else { "-" };
        page.line(1, format_args!("{mark} {} (id {})", text(&candidate["subnet"]), plain(&candidate["id"])));
        list(&candidate["why"]).iter().for_each(|why| page.line(3, text(why)));
    }
    further(page, &subnet["further-candidates"], "subnets");
    page.entry(1, "shared network", &subnet["selected"]["shared-network"]);
}

fn classes(page: &mut Page, classes: &Value) {
    page.title("Classes");
    let names: Vec<_> = list(&classes["member-of"]).iter().map(text).collect();
    page.line(1, format_args!("member of: {}", names.join(", ")));
    for evaluated in list(&classes["evaluated"]) {
        page.line(
            1,
            format_args!(
                "{}: {} ({})",
                text(&evaluated["class"]),
                plain(&evaluated["result"]),
                text(&evaluated["stage"])
            ),
        );
        for value in list(&evaluated["values"]) {
            page.line(3, format_args!("{} = {}", text(&value["expression"]), plain(&value["value"])));
        }
    }
    further(page, &classes["further-evaluated"], "expressions");
}

fn reservations(page: &mut Page, reservations: &Value) {
    page.title("Reservations");
    for lookup in list(&reservations["lookups"]) {
        let found = lookup["found"].as_str().unwrap_or("none");
        page.line(1, format_args!("{} in {}: {found}", text(&lookup["identifier"]), text(&lookup["scope"])));
    }
    list(&reservations["why"]).iter().for_each(|why| page.line(1, text(why)));
}

fn address(page: &mut Page, address: &Value) {
    page.title("Address");
    page.entry(1, "address", &address["ip-address"]);
    page.entry(1, "because", &address["because"]);
    if address["certain"] == false {
        page.line(1, "it is chosen by chance: another free one may be given");
    }
    for attempt in list(&address["attempts"]) {
        let claim = attempt["claim"].as_str().map(|claim| format!(" ({claim})")).unwrap_or_default();
        let result = attempt["result"].as_str().unwrap_or("given up");
        page.line(1, format_args!("tried {}{claim}: {result}", text(&attempt["ip-address"])));
    }
    further(page, &address["further-attempts"], "attempts");
    pools(page, address);
    lifetime(page, 1, &address["lifetime"]);
}

/// What becomes of an association of DHCPv6.
fn association(page: &mut Page, association: &Value) {
    page.title(&format!("{} {}", text(&association["type"]), plain(&association["iaid"])));
    for granted in list(&association["granted"]) {
        page.line(1, format_args!("{}, from subnet {}", text(&granted["lease"]), text(&granted["subnet"])));
        page.entry(2, "because", &granted["because"]);
        if granted["certain"] == false {
            page.line(2, "it is chosen by chance: another free one may be given");
        }
        page.entry(2, "but not of it", &granted["excluded"]);
        page.entry(2, "preferred lifetime", &granted["lifetime"]["preferred-lifetime"]);
        lifetime(page, 2, &granted["lifetime"]);
    }
    for back in list(&association["given-back"]) {
        page.line(1, format_args!("{}: {}", text(&back["lease"]), text(&back["result"])));
    }
    list(&association["no-more"])
        .iter()
        .for_each(|lease| page.line(1, format_args!("no more: {}", text(lease))));
    if let Some(status) = association["status"].as_object() {
        page.line(1, format_args!("status {}: {}", plain(&status["code"]), plain(&status["text"])));
    }
    for attempt in list(&association["attempts"]) {
        let claim = attempt["claim"].as_str().map(|claim| format!(" ({claim})")).unwrap_or_default();
        let result = attempt["result"].as_str().unwrap_or("given up");
        page.line(1, format_args!("tried {}{claim}: {result}", text(&attempt["lease"])));
    }
    further(page, &association["further-attempts"], "attempts");
    pools(page, association);
}

fn pools(page: &mut Page, of: &Value) {
    for pool in list(&of["pools"]) {
        let mark = if pool["used"] == true { "*" } else { "-" };
        page.line(
            1,
            format_args!(
                "{mark} pool {} (subnet id {}): {}",
                text(&pool["pool"]),
                plain(&pool["subnet-id"]),
                text(&pool["why"])
            ),
        );
    }
}

fn lifetime(page: &mut Page, depth: usize, lifetime: &Value) {
    for (name, key) in [
        ("lifetime", "valid-lifetime"),
        ("because", "because"),
        ("from", "from"),
        ("at least", "min-valid-lifetime"),
        ("at most", "max-valid-lifetime"),
    ] {
        page.entry(if name == "lifetime" { depth } else { depth + 1 }, name, &lifetime[key]);
    }
}

fn reply(page: &mut Page, reply: &Value) {
    page.title("Reply");
    let Some(kind) = reply["type"].as_str() else { return page.line(1, text(&reply["reason"])) };
    page.line(
        1,
        format_args!("{kind}, {} bytes, to {}", plain(&reply["length"]), text(&reply["destination"])),
    );
    let fields = reply["fields"].as_object().into_iter().flatten();
    for (name, field) in fields {
        match field.get("value") {
            Some(value) => {
                page.line(1, format_args!("{name}: {} (from: {})", plain(value), text(&field["from"])))
            }
            None => page.entry(1, name, field),
        }
    }
    if let Some(name) = reply["hostname"]["name"].as_str() {
        page.line(1, format_args!("host name: {name} (from: {})", text(&reply["hostname"]["from"])));
    }
    let options = list(&reply["options"]).iter().map(|option| {
        serde_json::json!({"option": option["code"], "name": option["name"], "value": option["data"], "from": option["from"]})
    });
    page.table(1, options.collect());
    if !list(&reply["left-out"]).is_empty() {
        page.entry(1, "no room for options", &reply["left-out"]);
    }
}

fn changes(page: &mut Page, changes: &[Value]) {
    if changes.is_empty() {
        return;
    }
    page.title("Leases that would change");
    for change in changes {
        page.line(1, format_args!("before: {}", plain(&change["before"])));
        page.line(1, format_args!("after:  {}", plain(&change["after"])));
    }
}

fn further(page: &mut Page, count: &Value, what: &str) {
    if count.as_u64().is_some_and(|count| count > 0) {
        page.line(1, format_args!("… and {} further {what}", plain(count)));
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A value without the quotes of JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "none".to_owned(),
        value => value.to_string(),
    }
}
