//! What databases do themselves: the audit of the configuration, the order of classes, and what Kea's programs call.

use kotare_store_sql::schema::{self, Schema};
use kotare_store_sql::{Connection, Engine, Statement};

use crate::for_each_engine;
use crate::world::{self, Database};

for_each_engine! {
    /// Every change of a configuration is told of under its revision, what lies in an object by that.
    changes_are_audited,
    /// Classes stay in order, and depend on earlier ones of their servers alone.
    classes_keep_their_order,
    /// What depends on a class that depends on KNOWN does so, too.
    known_is_depended_on_indirectly,
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

/// The rows of a statement, each as a line.
async fn lines(connection: &mut Connection, text: &str) -> Vec<String> {
    let rows = connection.rows(Statement::new(connection.engine(), text)).await;
    let rows = rows.unwrap_or_else(|error| panic!("{text}: {error}"));
    let field = |row: &kotare_store_sql::Row, at: usize| match (row.text(at), row.int(at)) {
        (Some(text), _) => text.to_owned(),
        (_, Some(number)) => number.to_string(),
        _ => "-".to_owned(),
    };
    rows.iter().map(|row| (0..row.0.len()).map(|at| field(row, at)).collect::<Vec<_>>().join(" ")).collect()
}

/// Begins a revision of a protocol, as writers of a configuration do.
async fn revise(connection: &mut Connection, protocol: &str, cascade: bool) {
    let (flag, number) = (if cascade { "TRUE" } else { "FALSE" }, u8::from(cascade));
    let text = match connection.engine() {
        Engine::MySql => {
            format!("CALL createAuditRevisionDHCP{protocol}(NOW(), 'all', 'a change', {number})")
        }
        Engine::Postgres => {
            format!("SELECT createAuditRevisionDHCP{protocol}(now(), 'all', 'a change', {flag})")
        }
        Engine::Sqlite => {
            format!(
                "INSERT INTO dhcp{protocol}_audit_revision (log_message, server_id) VALUES ('a change', 1)"
            )
        }
    };
    run(connection, &text).await;
}

/// What the revision that was begun last tells of.
async fn told(connection: &mut Connection, protocol: &str) -> Vec<String> {
    let text = format!(
        "SELECT a.object_type, a.object_id, m.modification_type FROM dhcp{protocol}_audit a \
         JOIN modification m ON m.id = a.modification_type \
         WHERE a.revision_id = (SELECT max(id) FROM dhcp{protocol}_audit_revision) ORDER BY a.id"
    );
    lines(connection, &text).await
}

async fn changes_are_audited(database: Database) {
    let mut connection = made(&database).await;
    let it = &mut connection;
    assert!(lines(it, "SELECT id FROM dhcp4_audit").await.is_empty(), "the server `all` is told of");
    for protocol in ["4", "6"] {
        let d = |text: &str| text.replace('#', protocol);
        let address = |last: u8| match (it.engine(), protocol) {
            (Engine::Postgres, "4") => format!("'192.0.2.{last}'"),
            (_, "4") => last.to_string(),
            _ => format!("'2001:db8::{last}'"),
        };
        let pools =
            format!("(start_address, end_address, subnet_id) VALUES ({}, {}, 7)", address(1), address(9));
        // A subnet with what lies in it is one change.
        revise(it, protocol, true).await;
        run(it, &d("INSERT INTO dhcp#_shared_network (name) VALUES ('floor')")).await;
        run(it, &d("INSERT INTO dhcp#_subnet (subnet_id, subnet_prefix, shared_network_name) VALUES (7, '192.0.2.0/24', 'floor')")).await;
        run(it, &d(&format!("INSERT INTO dhcp#_pool {pools}"))).await;
        let option = "INSERT INTO dhcp#_options (code, space, client_classes, dhcp#_subnet_id, scope_id) VALUES (6, 'dhcp#', '[  ]', 7, 1)";
        run(it, &d(option)).await;
        assert_eq!(
            told(it, protocol).await,
            [d("dhcp#_shared_network 1 create"), d("dhcp#_subnet 7 create")]
        );
        // An option that is changed by itself changes what it lies in.
        revise(it, protocol, false).await;
        run(it, &d("INSERT INTO dhcp#_options (code, space, client_classes, scope_id) VALUES (7, 'dhcp#', '[  ]', 0)")).await;
        run(it, &d("INSERT INTO dhcp#_options (code, space, client_classes, pool_id, scope_id) VALUES (8, 'dhcp#', '[  ]', 1, 5)")).await;
        run(it, &d("INSERT INTO dhcp#_options (code, space, client_classes, shared_network_name, scope_id) VALUES (8, 'dhcp#', '[  ]', 'floor', 4)")).await;
        assert_eq!(
            told(it, protocol).await,
            [d("dhcp#_options 2 create"), d("dhcp#_subnet 7 update"), d("dhcp#_shared_network 1 update")]
        );
        revise(it, protocol, false).await;
        run(it, &d("UPDATE dhcp#_options SET code = 9 WHERE dhcp#_subnet_id = 7")).await;
        run(it, &d("DELETE FROM dhcp#_options WHERE scope_id = 0")).await;
        assert_eq!(told(it, protocol).await, [d("dhcp#_subnet 7 update"), d("dhcp#_options 2 delete")]);
        revise(it, protocol, false).await;
        run(it, &d("INSERT INTO dhcp#_global_parameter (name, value, parameter_type) VALUES ('renew-timer', '9', 0)")).await;
        run(it, &d("UPDATE dhcp#_global_parameter SET value = '10'")).await;
        run(it, &d("INSERT INTO dhcp#_server (tag) VALUES ('one')")).await;
        assert_eq!(
            told(it, protocol).await,
            [
                d("dhcp#_global_parameter 1 create"),
                d("dhcp#_global_parameter 1 update"),
                d("dhcp#_server 2 create")
            ]
        );
        // What is in a network stays when that goes; what is in a subnet goes with it.
        revise(it, protocol, true).await;
        run(it, &d("DELETE FROM dhcp#_shared_network")).await;
        assert_eq!(
            told(it, protocol).await,
            [d("dhcp#_shared_network 1 delete"), d("dhcp#_subnet 7 update")]
        );
        revise(it, protocol, true).await;
        run(it, &d("DELETE FROM dhcp#_subnet")).await;
        assert_eq!(told(it, protocol).await, [d("dhcp#_subnet 7 delete")]);
        for table in ["pool", "options"] {
            assert_eq!(lines(it, &d(&format!("SELECT count(*) FROM dhcp#_{table}"))).await, ["0"], "{table}");
        }
    }
}

/// The classes of DHCPv4 in order.
async fn ordered(connection: &mut Connection) -> Vec<String> {
    let text = "SELECT c.name FROM dhcp4_client_class c JOIN dhcp4_client_class_order o ON o.class_id = c.id \
                ORDER BY o.order_index";
    lines(connection, text).await
}

async fn classes_keep_their_order(database: Database) {
    let mut connection = made(&database).await;
    let it = &mut connection;
    revise(it, "4", true).await;
    for class in ["'a', NULL", "'b', NULL", "'c', NULL", "'d', 'a'"] {
        run(it, &format!("INSERT INTO dhcp4_client_class (name, follow_class_name) VALUES ({class})")).await;
    }
    assert_eq!(ordered(it).await, ["a", "d", "b", "c"]);
    let servers = "INSERT INTO dhcp4_client_class_server (class_id, server_id) SELECT id, 1 FROM dhcp4_client_class \
                   WHERE name <> 'c'";
    run(it, servers).await;
    // b (2) depends on d (4), which comes earlier.
    run(it, "INSERT INTO dhcp4_client_class_dependency (class_id, dependency_id) VALUES (2, 4)").await;
    for (refused, why) in [
        ("INSERT INTO dhcp4_client_class_dependency (class_id, dependency_id) VALUES (4, 2)", "later"),
        ("INSERT INTO dhcp4_client_class_dependency (class_id, dependency_id) VALUES (1, 1)", "self"),
        ("INSERT INTO dhcp4_client_class_dependency (class_id, dependency_id) VALUES (1, 77)", "not exist"),
        ("UPDATE dhcp4_client_class SET follow_class_name = 'b' WHERE name = 'd'", "break its dependencies"),
        ("INSERT INTO dhcp4_client_class (name, follow_class_name) VALUES ('e', 'none')", "not exist"),
    ] {
        let error = it.script(refused).await.expect_err(refused).to_string();
        assert!(error.contains(why), "{refused}: {error}");
    }
    assert_eq!(ordered(it).await, ["a", "d", "b", "c"]);
    // A change of something else moves nothing; another class to follow moves it.
    run(it, "UPDATE dhcp4_client_class SET test = 'x' WHERE name = 'a'").await;
    assert_eq!(ordered(it).await, ["a", "d", "b", "c"]);
    run(it, "UPDATE dhcp4_client_class SET follow_class_name = 'd' WHERE name = 'a'").await;
    assert_eq!(ordered(it).await, ["d", "a", "b", "c"]);
}

async fn known_is_depended_on_indirectly(database: Database) {
    let mut connection = made(&database).await;
    let it = &mut connection;
    revise(it, "6", true).await;
    let yes = if it.engine() == Engine::Postgres { "TRUE" } else { "1" };
    run(it, &format!("INSERT INTO dhcp6_client_class (name, depend_on_known_directly) VALUES ('a', {yes})"))
        .await;
    run(it, "INSERT INTO dhcp6_client_class (name) VALUES ('b'), ('c')").await;
    run(it, "INSERT INTO dhcp6_client_class_server (class_id, server_id) VALUES (1, 1), (2, 1), (3, 1)")
        .await;
    run(it, "INSERT INTO dhcp6_client_class_dependency (class_id, dependency_id) VALUES (2, 1)").await;
    let known =
        format!("SELECT class_id FROM dhcp6_client_class_order WHERE depend_on_known_indirectly = {yes}");
    assert_eq!(lines(it, &known).await, ["2"]);
    let check = match it.engine() {
        Engine::MySql => "CALL checkDHCPv6ClientClassKnownDependencyChange()",
        Engine::Postgres => "SELECT checkDHCPv6ClientClassKnownDependencyChange()",
        Engine::Sqlite => return,
    };
    run(it, &format!("UPDATE dhcp6_client_class SET test = 'x' WHERE id = 1; {check}")).await;
    let no = if it.engine() == Engine::Postgres { "FALSE" } else { "0" };
    run(it, &format!("UPDATE dhcp6_client_class SET depend_on_known_directly = {no} WHERE id = 1")).await;
    let error = it.script(check).await.expect_err("it is depended on").to_string();
    assert!(error.contains("must not change"), "{error}");
}

/// What the other engines have beside: a test for each.
fn with_routines(test: impl AsyncFn(Database)) {
    for engine in [Engine::MySql, Engine::Postgres] {
        world::with(engine, &test);
    }
}

/// Free addresses are those without a lease, one after the other, and follow what becomes of leases.
#[test]
fn free_addresses_are_kept() {
    with_routines(async |database| {
        let mut connection = made(&database).await;
        let it = &mut connection;
        let mysql = it.engine() == Engine::MySql;
        let (time, yes, call, none) = match mysql {
            true => ("FROM_UNIXTIME(1900000000)", "1", "CALL", "NULL"),
            false => ("to_timestamp(1900000000)", "TRUE", "SELECT", "NULL"),
        };
        let no = if mysql { "0" } else { "FALSE" };
        run(it, &format!("INSERT INTO lease4 (address, expire, subnet_id, state) VALUES (12, {time}, 1, 0), (13, {time}, 1, 2)")).await;
        run(it, &format!("{call} sflqCreateFlqPool4(10, 14, 1, {no})")).await;
        let again = it.script(&format!("{call} sflqCreateFlqPool4(10, 14, 1, {no})")).await;
        assert!(again.expect_err("it is there").to_string().to_lowercase().contains("duplicate"));
        run(it, &format!("{call} sflqCreateFlqPool4(10, 14, 1, {yes})")).await;
        let mut picked = Vec::new();
        for _ in 0..5 {
            picked.extend(lines(it, "SELECT sflqPickFreeLease4(10, 14)").await);
        }
        assert_eq!(picked, ["10", "11", "13", "14", "10"]);
        assert_eq!(lines(it, "SELECT sflqPickFreeLease4(10, 15)").await, ["0"]);
        let insert = |state: u8| {
            format!(
                "SELECT sflqInsertLease4(11, {none}, {none}, 60, {time}, 1, {no}, {no}, '', {state}, {none}, {none}, {none}, 0)"
            )
        };
        assert_eq!(lines(it, &insert(0)).await, ["1"]);
        assert_eq!(lines(it, "SELECT address FROM free_lease4 ORDER BY address").await, ["10", "13", "14"]);
        let update = format!(
            "SELECT sflqUpdateLease4(12, {none}, {none}, 60, {time}, 1, {no}, {no}, 'x', 2, {none}, {none}, {none}, 0, 12, {time})"
        );
        assert_eq!(lines(it, &update).await, ["1"]);
        assert_eq!(lines(it, &format!("SELECT sflqDeleteLease4(11, {time})")).await, ["1"]);
        assert_eq!(lines(it, &format!("SELECT sflqDeleteLease4(11, {time})")).await, ["0"]);
        assert_eq!(
            lines(it, "SELECT address FROM free_lease4 ORDER BY address").await,
            ["10", "11", "12", "13", "14"]
        );
        assert!(it.script(&format!("{call} sflqCreateFlqPool4(9, 8, 1, {no})")).await.is_err());
        // A pool as large as many are, over the numbers of more than one statement.
        run(it, &format!("{call} sflqCreateFlqPool4(100000, 125000, 2, {no})")).await;
        assert_eq!(lines(it, "SELECT count(*) FROM free_lease4 WHERE address > 14").await, ["25001"]);
    });
}

/// The same of prefixes.
#[test]
fn free_prefixes_are_kept() {
    with_routines(async |database| {
        let mut connection = made(&database).await;
        let it = &mut connection;
        let mysql = it.engine() == Engine::MySql;
        let address =
            |text: &str| if mysql { format!("INET6_ATON('{text}')") } else { format!("'{text}'::inet") };
        let range = |first: &str, last: &str| match mysql {
            true => format!("'{first}', '{last}'"),
            false => format!("'{first}'::inet, '{last}'::inet"),
        };
        let (time, call, number) = match mysql {
            true => ("FROM_UNIXTIME(1900000000)", "CALL", ""),
            false => ("to_timestamp(1900000000)", "SELECT", "::smallint"),
        };
        let no = if mysql { "0" } else { "FALSE" };
        let taken = address("2001:db8:0:8::");
        run(it, &format!("INSERT INTO lease6 (address, expire, subnet_id, lease_type, prefix_len, state) VALUES ({taken}, {time}, 1, 2, 61, 0)")).await;
        let pool = range("2001:db8::", "2001:db8:0:1f:ffff:ffff:ffff:ffff");
        run(it, &format!("{call} sflqCreateFlqPool6({pool}, 2{number}, 61{number}, 1, {no})")).await;
        let host = |what: &str| if mysql { what.to_owned() } else { format!("host({what})") };
        let pick = format!("SELECT {}", host(&format!("sflqPickFreeLease6({pool})")));
        let mut picked = Vec::new();
        for _ in 0..4 {
            picked.extend(lines(it, &pick).await);
        }
        assert_eq!(picked, ["2001:db8::", "2001:db8:0:10::", "2001:db8:0:18::", "2001:db8::"]);
        assert_eq!(lines(it, &format!("SELECT sflqDeleteLease6({taken}, {time})")).await, ["1"]);
        let free = format!("SELECT {} FROM free_lease6 ORDER BY bin_address", host("address"));
        assert_eq!(lines(it, &free).await.len(), 4);
        let zeros = if mysql { "''" } else { "''::bytea" };
        let insert = format!(
            "SELECT sflqInsertLease6({taken}, {zeros}, 60, {time}, 1, 30, 2{number}, 1, 61{number}, {no}, {no}, '', NULL, NULL, \
             NULL, 0, NULL, 0)"
        );
        assert_eq!(lines(it, &insert).await, ["1"]);
        assert_eq!(lines(it, &free).await, ["2001:db8::", "2001:db8:0:10::", "2001:db8:0:18::"]);
        // Other prefixes than before make the pool anew; addresses up to the last there is come to an end.
        run(it, &format!("{call} sflqCreateFlqPool6({pool}, 2{number}, 60{number}, 1, {no})")).await;
        assert_eq!(lines(it, &free).await, ["2001:db8::", "2001:db8:0:10::"]);
        let last =
            range("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
        run(it, &format!("{call} sflqCreateFlqPool6({last}, 0{number}, 128{number}, 1, {no})")).await;
        assert_eq!(lines(it, &free).await.len(), 4);
    });
}

/// Limits of a client's classes and subnet, in Kea's words.
#[test]
fn limits_are_checked() {
    with_routines(async |database| {
        let mut connection = made(&database).await;
        let it = &mut connection;
        run(it, "INSERT INTO lease4_stat_by_client_class (client_class, leases) VALUES ('gold', 2)").await;
        run(it, "INSERT INTO lease6_stat_by_client_class (client_class, lease_type, leases) VALUES ('gold', 2, 3)").await;
        run(it, "INSERT INTO lease4_stat (subnet_id, state, leases) VALUES (7, 0, 5)").await;
        run(it, "INSERT INTO lease6_stat (subnet_id, lease_type, state, leases) VALUES (7, 2, 0, 5)").await;
        let context = |limits: &str| format!("{{\"ISC\": {{\"limits\": {limits}}}}}");
        let class = "{\"client-classes\": [{\"name\": \"new\", \"address-limit\": 1}, \
                     {\"name\": \"gold\", \"address-limit\": 2, \"prefix-limit\": 3}]}";
        let subnet = "{\"subnet\": {\"id\": 7, \"address-limit\": 5, \"prefix-limit\": 4}}";
        let roomy = "{\"client-classes\": [{\"name\": \"gold\", \"address-limit\": 3}], \
                     \"subnet\": {\"id\": 7, \"address-limit\": 6}}";
        for (protocol, limits, wanted) in [
            ("4", class, "address limit 2 for client class \"gold\", current lease count 2"),
            ("4", subnet, "address limit 5 for subnet ID 7, current lease count 5"),
            ("4", roomy, ""),
            ("4", "{}", ""),
            ("6", class, "prefix limit 3 for client class \"gold\", current lease count 3"),
            ("6", subnet, "prefix limit 4 for subnet ID 7, current lease count 5"),
            ("6", roomy, ""),
        ] {
            let text = format!("SELECT checkLease{protocol}Limits('{}')", context(limits));
            assert_eq!(lines(it, &text).await, [wanted], "{limits}");
        }
        assert_eq!(lines(it, "SELECT checkLease4Limits('')").await, [""]);
    });
}

/// Leases go out as lines of a lease file and come back as they were, as with Kea's `kea-admin`.
#[test]
fn leases_are_dumped_and_uploaded() {
    with_routines(async |database| {
        let mut connection = made(&database).await;
        let it = &mut connection;
        let mysql = it.engine() == Engine::MySql;
        let (call, no) = if mysql { ("CALL", "0") } else { ("SELECT", "0") };
        let dump = |protocol: u8| match mysql {
            true => format!("CALL lease{protocol}DumpData()"),
            false if protocol == 4 => {
                "SELECT host(address), hwaddr, client_id, valid_lifetime, expire, subnet_id, fqdn_fwd, \
                                       fqdn_rev, hostname, state, user_context, pool_id FROM lease4DumpData()"
                    .to_owned()
            }
            false => "SELECT * FROM lease6DumpData()".to_owned(),
        };
        run(it, &format!("{call} lease4Upload('192.0.2.9', '01:02:0a', '', 60, 1900000000, 1, {no}, {no}, 'a&#x2cb', 0, '', 3)")).await;
        run(it, &format!("{call} lease6Upload('2001:db8::9', '00:03:00', 60, 1900000000, 1, 30, 0, 5, 128, {no}, {no}, '', '', 0, '', 1, 0, 3)")).await;
        assert_eq!(lines(it, "SELECT hostname FROM lease4").await, ["a,b"]);
        let four = lines(it, &dump(4)).await;
        assert_eq!(four, ["192.0.2.9 01:02:0a  60 1900000000 1 0 0 a&#x2cb 0  3"]);
        let six = lines(it, &dump(6)).await;
        assert_eq!(six, ["2001:db8::9 00:03:00 60 1900000000 1 30 0 5 128 0 0   0  1 0 3"]);
        for (protocol, columns) in [(4, 12), (6, 18)] {
            let header = match mysql {
                true => format!("CALL lease{protocol}DumpHeader()"),
                false => format!("SELECT lease{protocol}DumpHeader()"),
            };
            assert_eq!(lines(it, &header).await[0].split(',').count(), columns);
        }
    });
}

/// All that the database has of routines with their arguments, and of triggers with what they are of.
async fn declared(connection: &mut Connection) -> [Vec<String>; 2] {
    let texts = match connection.engine() {
        Engine::MySql => [
            "SELECT CAST(CONCAT(r.routine_type, ' ', LOWER(r.routine_name), '(', COALESCE(GROUP_CONCAT( \
             CONCAT(p.parameter_name, ' ', p.dtd_identifier) ORDER BY p.ordinal_position), ''), ')') AS CHAR) \
             FROM information_schema.routines r LEFT JOIN information_schema.parameters p \
             ON p.specific_schema = r.routine_schema AND p.specific_name = r.specific_name AND p.ordinal_position > 0 \
             WHERE r.routine_schema = DATABASE() GROUP BY r.routine_type, r.routine_name",
            "SELECT CAST(CONCAT(trigger_name, ' ', action_timing, ' ', event_manipulation, ' ', event_object_table) AS CHAR) \
             FROM information_schema.triggers WHERE trigger_schema = DATABASE()",
        ],
        _ => [
            "SELECT (proname || '(' || pg_get_function_identity_arguments(oid) || ') ' || pg_get_function_result(oid))::text \
             FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
            "SELECT (trigger_name || ' ' || action_timing || ' ' || event_manipulation || ' ' || event_object_table)::text \
             FROM information_schema.triggers WHERE trigger_name NOT LIKE '%modification_ts_update'",
        ],
    };
    let mut all = [Vec::new(), Vec::new()];
    for (all, text) in all.iter_mut().zip(texts) {
        *all = lines(connection, text).await;
        all.sort();
    }
    all
}

/// Debian's Kea 2.2 finds what it knows in a database that is made here: triggers of the same tables and events, and what
/// its programs call with the same arguments. An upgraded one has all that a new one has.
#[test]
fn routines_are_those_of_kea() {
    // What only its triggers call, each in its own way; what is called by position, with other names; what is there no more.
    let others = [
        "lease4_a",
        "lease6_a",
        "proc_stat_",
        "json_cast",
        "modification_ts_update",
        "func_dhcp4_shared_network_adel",
        "func_dhcp6_shared_network_adel",
        "isjsonsupported",
        "lease4dump",
        "lease6dump",
        "lease4upload",
        "lease6upload",
        "createauditentry",
        "createoptionaudit",
    ];
    for engine in [Engine::MySql, Engine::Postgres] {
        world::run(async {
            let (Some(theirs), Some(ours)) = (world::of_kea_2_2(engine), world::database(engine)) else {
                return;
            };
            let mut ours = made(&ours).await;
            let [routines, triggers] = declared(&mut ours).await;
            let mut upgraded = theirs.connect().await;
            let [their_routines, their_triggers] = declared(&mut upgraded).await;
            let missing: Vec<_> = their_triggers.iter().filter(|it| !triggers.contains(it)).collect();
            assert!(missing.is_empty(), "{engine:?}: {missing:#?}");
            let called = their_routines.iter().filter(|it| !others.iter().any(|other| it.contains(other)));
            let missing: Vec<_> = called.filter(|it| !routines.contains(it)).collect();
            assert!(missing.is_empty(), "{engine:?}: {missing:#?}\n{routines:#?}");
            let mut upgraded = made(&theirs).await;
            let [now, triggers_now] = declared(&mut upgraded).await;
            let missing: Vec<_> = routines.iter().filter(|it| !now.contains(it)).collect();
            assert!(missing.is_empty(), "{engine:?}: {missing:#?}");
            assert_eq!(triggers_now, triggers, "{engine:?}");
        });
    }
}
