//! The configuration of servers: what is written by the declared columns is read by them, for the servers that it is for,
//! and every change of it is seen.

use std::sync::Arc;

use kotare_store_sql::config::{ConfigReader, Fetched, Form, Kept, Object, Protocol, Unread};
use kotare_store_sql::objects::Objects;
use kotare_store_sql::schema::{self, Schema};
use kotare_store_sql::{Connection, Engine, Statement};
use serde_json::{Map, Value as Json, json};

use crate::for_each_engine;
use crate::world::{self, Database};

for_each_engine! {
    /// Everything that can be kept comes back as it was.
    all_keywords_come_back,
    /// What is for other servers, or for none, is not read; what is for one alone is taken rather than what is for all.
    servers_have_their_own,
    /// Several changes within one second are all seen, each once; so is what goes.
    changes_are_seen,
    /// A change that was begun before another and ends after it is seen, too.
    late_changes_are_seen,
    /// A change is seen once whatever the clock of who made it says.
    changes_by_wrong_clocks_are_seen,
    /// A change is seen when the audit was emptied before it, and numbers begin anew.
    changes_after_an_emptied_audit_are_seen,
    /// Where an older state of the database is back, all is read again, also when its numbers were given anew before.
    an_older_state_is_seen,
    /// What goes to another server goes from this one; of what did not change nothing is read again.
    changes_of_servers_are_seen,
    /// A row that makes no sense is named, and nothing is read.
    odd_rows_are_named,
    /// Whatever stands in a column that makes no sense there, its row and the column are named, and when it is mended all
    /// is read.
    nonsense_is_named_by_its_column,
    /// What makes no sense is of no matter where it is for others.
    odd_rows_of_others_do_not_matter,
}

async fn made(database: &Database) -> Connection {
    let mut connection = database.connect().await;
    for step in Schema::of(&mut connection).await.expect("a look").steps() {
        schema::take(&mut connection, &step, |_| ())
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", step.what));
    }
    connection
}

async fn run(connection: &mut Connection, text: &str) {
    connection.script(text).await.unwrap_or_else(|error| panic!("{text}: {error}"));
}

/// Begins a revision of the audit as writers do; what changes after it is told of under it.
async fn revise(connection: &mut Connection, protocol: Protocol) {
    let text = protocol.named(match connection.engine() {
        Engine::MySql => "CALL createAuditRevisionDHCP#('2026-01-01 00:00:00', 'all', 'a change', 0)",
        Engine::Postgres => {
            "SELECT createAuditRevisionDHCP#('2026-01-01 00:00:00+00', 'all', 'a change', FALSE)"
        }
        Engine::Sqlite => {
            "INSERT INTO dhcp#_audit_revision (modification_ts, log_message, server_id) VALUES (1767225600, 'a change', 1)"
        }
    });
    run(connection, &text).await;
}

fn map(json: Json) -> Map<String, Json> {
    json.as_object().expect("a map").clone()
}

/// Writes an object by its columns, and columns that say what it lies in.
async fn write(
    connection: &mut Connection,
    protocol: Protocol,
    object: &Object,
    json: &Json,
    more: &[(&str, Json)],
) {
    let mut columns = object.written(connection.engine());
    columns.extend(more.iter().map(|(name, _)| protocol.named(name)));
    // Tables that older versions of Kea made have no default for it in MySQL. That of SQLite is in seconds.
    let now = if connection.engine() == Engine::Sqlite { "" } else { ", CURRENT_TIMESTAMP" };
    if !now.is_empty() {
        columns.push("modification_ts".to_owned());
    }
    let table = protocol.named(object.table);
    let text = format!("INSERT INTO {table} ({}) VALUES (", columns.join(", "));
    let mut statement = Statement::new(connection.engine(), &text);
    let inner = ["pools", "pd-pools", "option-data", "option-def"];
    object.bind(&mut statement, &map(json.clone()), &inner).expect("what can be kept");
    for (_, value) in more {
        statement.push(", ");
        match value {
            Json::String(text) => statement.bind(&**text),
            number => statement.bind(number.as_i64().expect("a number")),
        }
    }
    let written = connection.execute(statement.text(now).text(")")).await;
    written.unwrap_or_else(|error| panic!("{table}: {error}"));
}

/// Makes the object with this number be for a server.
async fn assign(connection: &mut Connection, protocol: Protocol, object: &Object, number: i64, server: i64) {
    let servers = object.servers.expect("servers");
    let text = format!(
        "INSERT INTO {} ({}, server_id, modification_ts) VALUES ({number}, {server}, CURRENT_TIMESTAMP)",
        servers.table, servers.column
    );
    run(connection, &protocol.named(&text)).await;
}

fn maps(kept: &[Arc<Kept>]) -> Vec<Json> {
    kept.iter().map(|kept| Json::Object(kept.map.clone())).collect()
}

fn read(read: Result<Fetched, Unread>) -> Fetched {
    read.unwrap_or_else(|error| panic!("{error}"))
}

fn option(code: u16, data: &str) -> Json {
    json!({"code": code, "space": "dhcp4", "data": data, "csv-format": true, "always-send": true, "never-send": false,
           "client-classes": ["gold"], "user-context": {"a": [1]}})
}

/// A value for each keyword but those that tell an object.
fn filled(object: &Object) -> Map<String, Json> {
    use kotare_store_sql::config::Form::*;
    let value = |form| match form {
        Text | Bytes => Some(json!("it's \"Größe\"")),
        Number => Some(json!(77)),
        Truth => Some(json!(true)),
        Word(words) => Some(json!(words[2])),
        Real => Some(json!(0.375)),
        List => Some(json!(["a", "b c"])),
        Relay => Some(json!({"ip-addresses": ["192.0.2.1"]})),
        Map | MapText => Some(json!({"a": [1, {"b": null}]})),
        Address4 => Some(json!("192.0.2.200")),
        Address6 => Some(json!("2001:db8::7")),
        DataType => Some(json!("record")),
        DataTypes => Some(json!("uint8, string")),
        Hex => None,
    };
    let pair = |field: &kotare_store_sql::config::Field| Some((field.keyword.to_owned(), value(field.form)?));
    object.fields.iter().filter_map(pair).collect()
}

async fn all_keywords_come_back(database: Database) {
    let mut connection = made(&database).await;
    for protocol in [Protocol::V4, Protocol::V6] {
        revise(&mut connection, protocol).await;
        let mut network = filled(&protocol.networks());
        network.insert("name".to_owned(), json!("floor"));
        let mut subnet = filled(&protocol.subnets());
        subnet.insert("shared-network-name".to_owned(), json!("floor"));
        let prefix = if protocol == Protocol::V4 { "192.0.2.0/24" } else { "2001:db8::/64" };
        subnet.insert("subnet".to_owned(), json!(prefix));
        let range =
            if protocol == Protocol::V4 { "192.0.2.9-192.0.2.20" } else { "2001:db8::9-2001:db8::20" };
        let mut pool = json!({"pool": range, "client-classes": ["x"], "evaluate-additional-classes": ["y"],
                              "user-context": {"p": 1}});
        let pd_pool = json!({"prefix": "2001:db8:1::", "prefix-len": 48, "delegated-len": 64,
                             "excluded-prefix": "2001:db8:1::", "excluded-prefix-len": 72});
        let definition = json!({"code": 222, "name": "mine", "space": "s", "type": "record", "array": false,
                                "encapsulate": "", "record-types": "uint8, string", "user-context": {"d": 1}});
        let mut class = filled(&protocol.classes());
        class.insert("name".to_owned(), json!("gold"));
        let (network, class) = (Json::Object(network), Json::Object(class));
        let (numbers, own) = ([("subnet_id", json!(77))], Json::Object(subnet.clone()));

        write(&mut connection, protocol, &protocol.networks(), &network, &[]).await;
        write(&mut connection, protocol, &protocol.subnets(), &own, &[]).await;
        write(&mut connection, protocol, &protocol.pools(), &pool, &numbers).await;
        write(&mut connection, protocol, &protocol.classes(), &class, &[]).await;
        write(&mut connection, protocol, &protocol.definitions(), &definition, &[]).await;
        write(&mut connection, protocol, &protocol.definitions(), &definition, &[("class_id", json!(1))])
            .await;
        for (code, place) in [
            (1, vec![("scope_id", json!(0))]),
            (2, vec![("scope_id", json!(1)), ("dhcp#_subnet_id", json!(77))]),
            (3, vec![("scope_id", json!(2)), ("dhcp_client_class", json!("gold"))]),
            (4, vec![("scope_id", json!(4)), ("shared_network_name", json!("floor"))]),
            (5, vec![("scope_id", json!(5)), ("pool_id", json!(1))]),
        ] {
            write(&mut connection, protocol, &protocol.options(), &option(code, "1, 2"), &place).await;
        }
        let raw = json!({"code": 6, "space": "s", "data": "00FF10", "csv-format": false, "always-send": false,
                         "never-send": true});
        write(&mut connection, protocol, &protocol.options(), &raw, &[("scope_id", json!(0))]).await;
        let values = [("a", json!(-5)), ("b.c", json!(0.5)), ("d", json!(true)), ("e", json!("true"))];
        let globals: Vec<Json> = values.map(|(name, value)| json!({"name": name, "value": value})).to_vec();
        for (at, global) in (1..).zip(&globals) {
            write(&mut connection, protocol, &protocol.globals(), global, &[]).await;
            assign(&mut connection, protocol, &protocol.globals(), at, 1).await;
        }
        for object in [protocol.networks(), protocol.classes(), protocol.definitions(), protocol.options()] {
            assign(&mut connection, protocol, &object, 1, 1).await;
        }
        assign(&mut connection, protocol, &protocol.options(), 6, 1).await;
        assign(&mut connection, protocol, &protocol.subnets(), 77, 1).await;
        if protocol == Protocol::V6 {
            write(&mut connection, protocol, &protocol.pd_pools(), &pd_pool, &numbers).await;
        }

        let whole = |mut json: Json, code, more: &[(&str, Json)]| {
            json["option-data"] = json!([option(code, "1, 2")]);
            more.iter().for_each(|(keyword, value)| json[*keyword] = value.clone());
            json
        };
        pool["option-data"] = json!([option(5, "1, 2")]);
        let mut inner = vec![("pools", json!([pool]))];
        if protocol == Protocol::V6 {
            inner.push(("pd-pools", json!([pd_pool])));
        }
        let found = read(ConfigReader::new(protocol, "").everything(&mut connection).await).configuration;
        assert_eq!(maps(&found.subnets), [whole(own, 2, &inner)]);
        assert_eq!(maps(&found.networks), [whole(network, 4, &[])]);
        assert_eq!(maps(&found.classes), [whole(class, 3, &[("option-def", json!([definition]))])]);
        assert_eq!(maps(&found.definitions), [definition]);
        assert_eq!(maps(&found.options), [option(1, "1, 2"), raw]);
        assert_eq!(maps(&found.globals), globals);
    }
}

async fn servers_have_their_own(database: Database) {
    let mut connection = made(&database).await;
    let protocol = Protocol::V4;
    revise(&mut connection, protocol).await;
    for tag in ["one", "two"] {
        let server = json!({"server-tag": tag, "description": "a server"});
        write(&mut connection, protocol, &protocol.servers(), &server, &[]).await;
    }
    let servers = "SELECT id FROM dhcp4_server WHERE tag IN ('all', 'one', 'two') ORDER BY tag";
    let rows = connection.rows(Statement::new(connection.engine(), servers)).await.expect("servers");
    let [all, one, two] = [0, 1, 2].map(|at: usize| rows[at].int(0).expect("a number"));
    // For nobody, for all, for each, for both.
    let subnets: [&[i64]; 5] = [&[], &[all], &[one], &[two], &[one, two]];
    for (id, servers) in (1..).zip(subnets) {
        let subnet = json!({"id": id, "subnet": format!("10.0.{id}.0/24")});
        write(&mut connection, protocol, &protocol.subnets(), &subnet, &[]).await;
        for server in servers {
            assign(&mut connection, protocol, &protocol.subnets(), id, *server).await;
        }
    }
    for (number, server) in (1..).zip([one, all, two]) {
        let global = json!({"name": "valid-lifetime", "value": number});
        write(&mut connection, protocol, &protocol.globals(), &global, &[]).await;
        assign(&mut connection, protocol, &protocol.globals(), number, server).await;
    }
    for (tag, ids, lifetime) in
        [("", vec![2], 2), ("one", vec![2, 3, 5], 1), ("two", vec![2, 4, 5], 3), ("three", vec![2], 2)]
    {
        let found = read(ConfigReader::new(protocol, tag).everything(&mut connection).await).configuration;
        assert_eq!(found.subnets.iter().map(|kept| kept.key).collect::<Vec<_>>(), ids, "{tag}");
        let lifetimes: Vec<_> = found.globals.iter().map(|kept| &kept.map["value"]).collect();
        assert_eq!(lifetimes, [&json!(lifetime)], "{tag}");
    }
}

async fn changes_are_seen(database: Database) {
    let mut connection = made(&database).await;
    let protocol = Protocol::V6;
    let mut fetched = read(ConfigReader::new(protocol, "").everything(&mut connection).await);
    let reader = ConfigReader::new(protocol, "");
    // All revisions have one time; SQLite has no triggers that would tell of them.
    for (id, ids) in [(1, vec![1]), (2, vec![1, 2]), (0, vec![2]), (3, vec![2, 3])] {
        assert!(matches!(reader.changes(&mut connection, &fetched).await, Ok(None)), "nothing changed");
        revise(&mut connection, protocol).await;
        if id == 0 {
            run(&mut connection, "DELETE FROM dhcp6_subnet WHERE subnet_id = 1").await;
        } else {
            let subnet = json!({"id": id, "subnet": format!("2001:db8:{id}::/64")});
            write(&mut connection, protocol, &protocol.subnets(), &subnet, &[]).await;
            assign(&mut connection, protocol, &protocol.subnets(), id, 1).await;
        }
        tell(&mut connection, "dhcp6_subnet").await;
        let changed = reader.changes(&mut connection, &fetched).await;
        fetched = changed.unwrap_or_else(|error| panic!("{error}")).expect("a change");
        let kept: Vec<_> = fetched.configuration.subnets.iter().map(|kept| kept.key).collect();
        assert_eq!(kept, ids);
    }
    // It is the same as what somebody finds who comes now.
    let anew = read(reader.everything(&mut connection).await);
    assert_eq!(anew, fetched);
}

async fn late_changes_are_seen(database: Database) {
    let (mut slow, mut quick) = (made(&database).await, database.connect().await);
    // A file has one writer at a time.
    if slow.engine() == Engine::Sqlite {
        return;
    }
    let protocol = Protocol::V6;
    let reader = ConfigReader::new(protocol, "");
    let add = async |connection: &mut Connection, id: i64| {
        let subnet = json!({"id": id, "subnet": format!("2001:db8:{id}::/64")});
        write(connection, protocol, &protocol.subnets(), &subnet, &[]).await;
        assign(connection, protocol, &protocol.subnets(), id, 1).await;
    };
    revise(&mut quick, protocol).await;
    add(&mut quick, 1).await;
    let fetched = read(reader.everything(&mut quick).await);
    run(&mut slow, "BEGIN").await;
    revise(&mut slow, protocol).await;
    add(&mut slow, 2).await;
    revise(&mut quick, protocol).await;
    add(&mut quick, 3).await;
    let next = async |connection: &mut Connection, fetched: &Fetched| {
        let changed = reader.changes(connection, fetched).await;
        changed.unwrap_or_else(|error| panic!("{error}")).expect("a change")
    };
    let fetched = next(&mut quick, &fetched).await;
    let keys =
        |fetched: &Fetched| fetched.configuration.subnets.iter().map(|kept| kept.key).collect::<Vec<_>>();
    assert_eq!(keys(&fetched), [1, 3]);
    run(&mut slow, "COMMIT").await;
    let fetched = next(&mut quick, &fetched).await;
    assert_eq!(keys(&fetched), [1, 2, 3]);
    assert!(matches!(reader.changes(&mut quick, &fetched).await, Ok(None)), "each is seen once");
}

async fn changes_by_wrong_clocks_are_seen(database: Database) {
    let mut connection = made(&database).await;
    let protocol = Protocol::V6;
    let reader = ConfigReader::new(protocol, "");
    let mut fetched = read(reader.everything(&mut connection).await);
    // The first, an hour later, an hour earlier, and by the first clock again.
    for (id, hour) in [(1, 12), (2, 13), (3, 11), (4, 12)] {
        revise(&mut connection, protocol).await;
        let time = match connection.engine() {
            Engine::Sqlite => (1_767_225_600 + hour * 3600).to_string(),
            _ => format!("'2026-01-01 {hour}:00:00'"),
        };
        let newest = format!(
            "UPDATE dhcp6_audit_revision SET modification_ts = {time} \
             WHERE id = (SELECT i FROM (SELECT max(id) AS i FROM dhcp6_audit_revision) AS m)"
        );
        run(&mut connection, &newest).await;
        let subnet = json!({"id": id, "subnet": format!("2001:db8:{id}::/64")});
        write(&mut connection, protocol, &protocol.subnets(), &subnet, &[]).await;
        assign(&mut connection, protocol, &protocol.subnets(), id, 1).await;
        tell(&mut connection, "dhcp6_subnet").await;
        let changed = reader.changes(&mut connection, &fetched).await;
        fetched = changed.unwrap_or_else(|error| panic!("{error}")).expect("a change");
        assert_eq!(fetched.configuration.subnets.len() as i64, id);
        assert!(matches!(reader.changes(&mut connection, &fetched).await, Ok(None)), "each is seen once");
    }
}

async fn changes_after_an_emptied_audit_are_seen(database: Database) {
    let mut connection = made(&database).await;
    let protocol = Protocol::V6;
    let reader = ConfigReader::new(protocol, "");
    let mut fetched = read(reader.everything(&mut connection).await);
    for id in [1, 2, 3] {
        if id == 3 {
            run(&mut connection, "DELETE FROM dhcp6_audit").await;
            run(&mut connection, "DELETE FROM dhcp6_audit_revision").await;
        }
        revise(&mut connection, protocol).await;
        let subnet = json!({"id": id, "subnet": format!("2001:db8:{id}::/64")});
        write(&mut connection, protocol, &protocol.subnets(), &subnet, &[]).await;
        assign(&mut connection, protocol, &protocol.subnets(), id, 1).await;
        tell(&mut connection, "dhcp6_subnet").await;
        let changed = reader.changes(&mut connection, &fetched).await;
        fetched = changed.unwrap_or_else(|error| panic!("{error}")).expect("a change");
        assert_eq!(fetched.configuration.subnets.len() as i64, id);
        assert!(matches!(reader.changes(&mut connection, &fetched).await, Ok(None)), "each is seen once");
    }
}

async fn an_older_state_is_seen(database: Database) {
    let mut connection = made(&database).await;
    let engine = connection.engine();
    // A file's numbers are those of single changes.
    if engine == Engine::Sqlite {
        return;
    }
    let protocol = Protocol::V6;
    let reader = ConfigReader::new(protocol, "");
    let add = async |connection: &mut Connection, id: i64| {
        revise(connection, protocol).await;
        let subnet = json!({"id": id, "subnet": format!("2001:db8:{id}::/64")});
        write(connection, protocol, &protocol.subnets(), &subnet, &[]).await;
        assign(connection, protocol, &protocol.subnets(), id, 1).await;
        let newest = Statement::new(engine, "SELECT max(id) FROM dhcp6_audit_revision");
        connection.rows(newest).await.expect("a number")[0].int(0).expect("a number")
    };
    let take_back = async |connection: &mut Connection, id: i64, revision: i64| {
        run(connection, &format!("DELETE FROM dhcp6_subnet WHERE subnet_id = {id}")).await;
        run(connection, &format!("DELETE FROM dhcp6_audit WHERE revision_id > {revision}")).await;
        run(connection, &format!("DELETE FROM dhcp6_audit_revision WHERE id > {revision}")).await;
    };
    let next = async |connection: &mut Connection, fetched: &Fetched| {
        let changed = reader.changes(connection, fetched).await;
        let fetched = changed.unwrap_or_else(|error| panic!("{error}")).expect("a change");
        assert!(matches!(reader.changes(connection, &fetched).await, Ok(None)), "it is seen once");
        let keys: Vec<i64> = fetched.configuration.subnets.iter().map(|kept| kept.key).collect();
        (fetched, keys)
    };
    let first = add(&mut connection, 1).await;
    add(&mut connection, 2).await;
    let fetched = read(reader.everything(&mut connection).await);
    take_back(&mut connection, 2, first).await;
    let (fetched, keys) = next(&mut connection, &fetched).await;
    assert_eq!(keys, [1]);
    let lost = add(&mut connection, 3).await;
    let (fetched, keys) = next(&mut connection, &fetched).await;
    assert_eq!(keys, [1, 3]);
    take_back(&mut connection, 3, first).await;
    let again = add(&mut connection, 4).await;
    for script in [
        format!(
            "INSERT INTO dhcp6_audit_revision (id, modification_ts, log_message) \
             VALUES ({lost}, '2026-01-01 17:31:07', 'a change')"
        ),
        format!("UPDATE dhcp6_audit SET revision_id = {lost} WHERE revision_id = {again}"),
        format!("DELETE FROM dhcp6_audit_revision WHERE id = {again}"),
    ] {
        run(&mut connection, &script).await;
    }
    let (_, keys) = next(&mut connection, &fetched).await;
    assert_eq!(keys, [1, 4]);
    // A revision of nothing is no older state.
    revise(&mut connection, protocol).await;
    let fetched = read(reader.everything(&mut connection).await);
    assert!(matches!(reader.changes(&mut connection, &fetched).await, Ok(None)));
}

async fn changes_of_servers_are_seen(database: Database) {
    let mut connection = made(&database).await;
    let protocol = Protocol::V4;
    revise(&mut connection, protocol).await;
    for tag in ["one", "two"] {
        let server = json!({"server-tag": tag, "description": "a server"});
        write(&mut connection, protocol, &protocol.servers(), &server, &[]).await;
    }
    let mut objects = Objects::of(&mut connection, protocol);
    let subnet = |id: i64, timer: i64| {
        map(json!({"id": id, "subnet": format!("10.0.{id}.0/24"), "renew-timer": timer,
                   "pools": [{"pool": format!("10.0.{id}.1-10.0.{id}.9")}]}))
    };
    let one = ["one".to_owned()];
    for id in [1, 2] {
        objects.set_subnet(&subnet(id, 1), &one).await.expect("it is set");
    }
    let reader = ConfigReader::new(protocol, "one");
    let first = read(reader.everything(&mut connection).await);
    let mut objects = Objects::of(&mut connection, protocol);
    objects.set_subnet(&subnet(2, 5), &one).await.expect("it is set");
    let next = async |connection: &mut Connection, fetched: &Fetched| {
        let changed = reader.changes(connection, fetched).await;
        changed.unwrap_or_else(|error| panic!("{error}")).expect("a change")
    };
    let second = next(&mut connection, &first).await;
    let [before, after] = [&first, &second].map(|fetched| &fetched.configuration.subnets);
    assert!(Arc::ptr_eq(&before[0], &after[0]), "it is not read again");
    assert_eq!((&before[1].map["renew-timer"], &after[1].map["renew-timer"]), (&json!(1), &json!(5)));
    assert_eq!(after[1].map["pools"], before[1].map["pools"]);
    let mut objects = Objects::of(&mut connection, protocol);
    objects.set_subnet(&subnet(1, 1), &["two".to_owned()]).await.expect("it is set");
    let third = next(&mut connection, &second).await;
    assert_eq!(third.configuration.subnets.iter().map(|kept| kept.key).collect::<Vec<_>>(), [2]);
    // With the server goes what was for it.
    Objects::of(&mut connection, protocol).delete_server("one").await.expect("it is deleted");
    let fourth = next(&mut connection, &third).await;
    assert_eq!(fourth.configuration.subnets, []);
}

/// What makes no sense in a column of this form; databases refuse some of it themselves.
fn nonsense(form: Form) -> &'static [&'static str] {
    match form {
        Form::List | Form::Relay => &["'oops'", "'{}'", "'[ \"a'", "'7'"],
        Form::DataTypes => &["'oops'", "'[ \"string\" ]'", "'[ 99 ]'"],
        Form::Map | Form::MapText => &["'oops'", "'[]'", "'\"a\"'"],
        Form::Word(_) | Form::DataType => &["99", "-1", "'oops'"],
        Form::Number | Form::Truth | Form::Real => &["'oops'"],
        Form::Address4 => &["-1", "'oops'", "99999999999"],
        Form::Address6 => &["'oops'"],
        // Whatever stands there is text.
        Form::Text | Form::Bytes | Form::Hex => &[],
    }
}

async fn nonsense_is_named_by_its_column(database: Database) {
    let mut connection = made(&database).await;
    let protocol = Protocol::V6;
    let all = ["all".to_owned()];
    let mut objects = Objects::of(&mut connection, protocol);
    objects.set_network(&map(json!({"name": "floor"})), &all).await.expect("a network");
    let subnet = json!({"id": 1, "subnet": "2001:db8::/64", "shared-network-name": "floor",
        "pools": [{"pool": "2001:db8::1-2001:db8::9"}],
        "pd-pools": [{"prefix": "2001:db8:1::", "prefix-len": 48, "delegated-len": 64}]});
    objects.set_subnet(&map(subnet), &all).await.expect("a subnet");
    revise(&mut connection, protocol).await;
    let class = json!({"name": "gold", "only-in-additional-list": false});
    write(&mut connection, protocol, &protocol.classes(), &class, &[]).await;
    assign(&mut connection, protocol, &protocol.classes(), 1, 1).await;
    let definition = json!({"code": 222, "name": "mine", "space": "s", "type": "string", "array": false,
                            "encapsulate": "", "record-types": ""});
    write(&mut connection, protocol, &protocol.definitions(), &definition, &[]).await;
    assign(&mut connection, protocol, &protocol.definitions(), 1, 1).await;
    let of_all = [("scope_id", json!(0))];
    write(&mut connection, protocol, &protocol.options(), &option(7, "x"), &of_all).await;
    assign(&mut connection, protocol, &protocol.options(), 1, 1).await;
    let reader = ConfigReader::new(protocol, "");
    let good = read(reader.everything(&mut connection).await).configuration;
    let mut accepted = 0;
    for object in [
        protocol.subnets(),
        protocol.networks(),
        protocol.classes(),
        protocol.pools(),
        protocol.pd_pools(),
        protocol.options(),
        protocol.definitions(),
    ] {
        let table = protocol.named(object.table);
        for field in &object.fields {
            let column = field.quoted(connection.engine());
            run(&mut connection, &format!("CREATE TABLE kept AS SELECT {column} FROM {table}")).await;
            for value in nonsense(field.form) {
                run(&mut connection, "BEGIN").await;
                let text = format!("UPDATE {table} SET {column} = {value}");
                let taken = connection.script(&text).await.is_ok();
                // A look is a transaction of its own; what is odd has to be there before.
                run(&mut connection, if taken { "COMMIT" } else { "ROLLBACK" }).await;
                if !taken {
                    continue;
                }
                let told = reader.everything(&mut connection).await;
                let odd = told.map(|_| ()).expect_err(&text).to_string();
                assert!(odd.starts_with(&format!("row 1 of the table {table}")), "{text}: {odd}");
                assert!(
                    odd.ends_with(&format!("the column {} makes no sense", field.column)),
                    "{text}: {odd}"
                );
                accepted += 1;
                run(&mut connection, &format!("UPDATE {table} SET {column} = (SELECT {column} FROM kept)"))
                    .await;
            }
            run(&mut connection, "DROP TABLE kept").await;
        }
    }
    assert_eq!(read(reader.everything(&mut connection).await).configuration, good);
    assert!(accepted > 15, "{accepted}");
}

async fn odd_rows_of_others_do_not_matter(database: Database) {
    let mut connection = made(&database).await;
    let protocol = Protocol::V4;
    let mut objects = Objects::of(&mut connection, protocol);
    objects.set_server("one", "").await.expect("it is set");
    for (id, tag) in [(1, "all"), (2, "one")] {
        let pool = json!({"pool": format!("10.0.{id}.1-10.0.{id}.9"), "client-classes": ["a"]});
        let subnet = json!({"id": id, "subnet": format!("10.0.{id}.0/24"), "pools": [pool]});
        objects.set_subnet(&map(subnet), &[tag.to_owned()]).await.expect("it is set");
    }
    revise(&mut connection, protocol).await;
    run(&mut connection, "UPDATE dhcp4_pool SET client_classes = 'oops' WHERE subnet_id = 2").await;
    let found = read(ConfigReader::new(protocol, "two").everything(&mut connection).await).configuration;
    assert_eq!(found.subnets.iter().map(|kept| kept.key).collect::<Vec<_>>(), [1]);
    let odd = ConfigReader::new(protocol, "one").everything(&mut connection).await.expect_err("an odd row");
    assert!(odd.to_string().ends_with("the column client_classes makes no sense"), "{odd}");
}

/// Tells the audit of the last revision that something changed, where nothing else has.
async fn tell(connection: &mut Connection, table: &str) {
    if connection.engine() == Engine::Sqlite {
        let there =
            "SELECT 1 FROM dhcp6_audit a WHERE a.revision_id = (SELECT max(id) FROM dhcp6_audit_revision)";
        let rows = connection.rows(Statement::new(connection.engine(), there)).await.expect("an audit");
        if rows.is_empty() {
            let text = format!(
                "INSERT INTO dhcp6_audit (object_type, object_id, modification_type, revision_id) \
                 SELECT '{table}', 1, 1, max(id) FROM dhcp6_audit_revision"
            );
            run(connection, &text).await;
        }
    }
}

async fn odd_rows_are_named(database: Database) {
    let mut connection = made(&database).await;
    let protocol = Protocol::V4;
    revise(&mut connection, protocol).await;
    let global = json!({"name": "valid-lifetime", "value": 7});
    write(&mut connection, protocol, &protocol.globals(), &global, &[]).await;
    assign(&mut connection, protocol, &protocol.globals(), 1, 1).await;
    run(&mut connection, "UPDATE dhcp4_global_parameter SET value = 'seven'").await;
    let odd = ConfigReader::new(protocol, "").everything(&mut connection).await.expect_err("an odd row");
    assert_eq!(
        odd.to_string(),
        "row 1 of the table dhcp4_global_parameter ('valid-lifetime'): the column value is no value of the type that parameter_type says"
    );
    // The connection is as good as before.
    run(&mut connection, "UPDATE dhcp4_global_parameter SET value = '8'").await;
    let found = read(ConfigReader::new(protocol, "").everything(&mut connection).await).configuration;
    assert_eq!(found.globals[0].map["value"], json!(8));
}

/// A database that Kea 2.2 made and that was brought to the schema of today is read.
async fn upgraded(engine: Engine) {
    let Some(database) = world::of_kea_2_2(engine) else { return };
    let mut connection = made(&database).await;
    for protocol in [Protocol::V4, Protocol::V6] {
        revise(&mut connection, protocol).await;
        let prefix = if protocol == Protocol::V4 { "10.0.1.0/24" } else { "2001:db8::/64" };
        let subnet = json!({"id": 7, "subnet": prefix, "cache-threshold": 0.25});
        write(&mut connection, protocol, &protocol.subnets(), &subnet, &[]).await;
        assign(&mut connection, protocol, &protocol.subnets(), 7, 1).await;
        let found = read(ConfigReader::new(protocol, "me").everything(&mut connection).await).configuration;
        assert_eq!(maps(&found.subnets), [subnet]);
    }
}

#[test]
fn upgraded_mysql_is_read() {
    world::run(upgraded(Engine::MySql));
}

#[test]
fn upgraded_postgresql_is_read() {
    world::run(upgraded(Engine::Postgres));
}
