//! What is written of leases of DHCPv4, and to which files.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use kotare_testkit::{Client, Via, address, logged, relayed};
use serde_json::{Value as Json, json};
use tempfile::tempdir;

use super::file::RotatingFile;
use super::parameters::{Settings, Unit};
use crate::Modules4;
use crate::gathered::Records;
use crate::test_world::with_modules;

/// The files of a folder with what is in them, by name.
pub(super) fn files(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .map(|file| (file.file_name().into_string().unwrap(), fs::read_to_string(file.path()).unwrap()))
        .collect();
    files.sort();
    files
}

/// All lines of a folder without the day, the time and the zone that they begin with.
pub(super) fn lines(folder: &Path) -> Vec<String> {
    let said = |line: &str| line.splitn(4, ' ').nth(3).unwrap_or_default().to_owned();
    files(folder).iter().flat_map(|(_, text)| text.lines().map(said).collect::<Vec<_>>()).collect()
}

/// What is written of a client behind a relay agent that gets a lease, extends and releases it, and of another that declines
/// its own.
fn story(mut parameters: Json, context: &Json) -> Result<Vec<String>, Vec<String>> {
    let folder = tempdir().unwrap();
    parameters["path"] = json!(folder.path());
    let modules = told(&parameters, context, |_| ())?;
    modules.beside.end();
    Ok(lines(folder.path()))
}

/// The same, with what is done before it begins.
pub(super) fn told(
    parameters: &Json,
    context: &Json,
    prepare: impl FnOnce(&Modules4),
) -> Result<Modules4, Vec<String>> {
    let (mut world, modules) = with_modules(&json!({
        "subnet4": [{
            "id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}],
            "valid-lifetime": 6735, "user-context": context,
        }],
        "hooks-libraries": [{"library": "/any/libdhcp_legal_log.so", "parameters": parameters}],
    }))?;
    prepare(&modules);
    let relay = address("192.0.2.1");
    let via = Via::relay(relay);
    let on = |message| relayed(message, relay, b"\x01\x05howdy\x02\x02\x87\xf6");
    for client in [Client::new(1).with_id(&[0, 1, 2]), Client::new(2).with_id(b"\x20me")] {
        let offer = world.send(&on(client.discover()), via).expect("an offer");
        let leased = world.send(&on(client.select(&offer)), via).expect("an acknowledgement").yiaddr();
        let server = address("192.0.2.53");
        let server = offer
            .option(kotare_wire::v4::OptionCode::SERVER_IDENTIFIER)
            .map_or(server, |id| std::net::Ipv4Addr::from(*id.first_chunk::<4>().expect("an address")));
        if leased == address("192.0.2.100") {
            world.pass(3000);
            world.send(&client.renew(leased), Via::unicast(leased)).expect("a renewal");
            world.send(&client.release(leased, server), Via::unicast(leased));
        } else {
            world.send(&on(client.decline(leased, server)), via);
        }
    }
    Ok(modules)
}

/// Who had which address how long, and when that ended; offers and renewals of nobody are not told.
#[test]
fn leases_are_written_down() {
    let lines = story(json!({}), &json!({})).unwrap();
    let one = "a device with hardware address: hwtype=1 02:00:00:00:00:01, client-id: 00:01:02";
    let two = "a device with hardware address: hwtype=1 02:00:00:00:00:02, client-id: 20:6d:65 ( me)";
    let relay = " connected via relay at address: 192.0.2.1, identified by circuit-id: 68:6f:77:64:79 (howdy) and \
                 remote-id: 87:f6";
    let lasting = "1 hrs 52 mins 15 secs";
    assert_eq!(
        lines,
        [
            format!("Address: 192.0.2.100 has been assigned for {lasting} to {one}{relay}"),
            format!("Address: 192.0.2.100 has been assigned for {lasting} to {one}"),
            format!("Address: 192.0.2.100 has been released from {one}"),
            format!("Address: 192.0.2.101 has been assigned for {lasting} to {two}{relay}"),
            format!("Address: 192.0.2.101 has been released from {two}{relay}"),
        ]
    );
}

/// A subnet that does not want it is left out.
#[test]
fn a_subnet_may_be_left_out() {
    assert_eq!(story(json!({}), &json!({"legal-logging": false})), Ok(vec![]));
    assert_eq!(story(json!({}), &json!({"legal-logging": true})).map(|lines| lines.len()), Ok(5));
}

/// Formats say what is written of the request and of the response; what is empty is not written, and what cannot be
/// evaluated is written as usual.
#[test]
fn formats_take_the_place_of_the_usual() {
    let request = "ifelse(pkt4.msgtype == 3, 'asks ' + addrtotext(pkt4.ciaddr), '')";
    let response = "'gets ' + addrtotext(pkt4.yiaddr)";
    let with = |parameters| story(parameters, &json!({})).unwrap();
    assert_eq!(
        with(json!({"request-parser-format": request, "response-parser-format": response})),
        ["asks 0.0.0.0gets 192.0.2.100", "asks 192.0.2.100gets 192.0.2.100", "asks 0.0.0.0gets 192.0.2.101"]
    );
    // After a release there is no response.
    let lines = with(json!({"response-parser-format": response}));
    assert_eq!(lines[1], "gets 192.0.2.100");
    assert!(lines[2].starts_with("Address: 192.0.2.100 has been released from"), "{lines:?}");
    let lines = with(json!({"request-parser-format": "uint32totext(option[53].hex)"}));
    assert!(lines.len() == 5 && lines.iter().all(|line| line.starts_with("Address: ")), "{lines:?}");
}

/// What is wrong is told with its place.
#[test]
fn errors_are_told() {
    for (parameters, error) in [
        (json!({"type": "sqlite"}), "\"name\" is missing in a database of SQLite"),
        (
            json!({"type": "mysql", "name": "kea", "tcp-user-timeout": 1}),
            "only \"postgresql\" has a \"tcp-user-timeout\"",
        ),
        (json!({"type": "postgresql", "name": "kea", "on-fail": "cry"}), "on-fail"),
        (json!({"type": "paper"}), "\"paper\" is no type of a legal log"),
        (json!({"time-unit": "week"}), "time-unit"),
        (json!({"count": -1}), "count"),
        (json!({"base-name": ""}), "\"base-name\" is what names of files begin with"),
        (json!({"base-name": "../x"}), "\"base-name\" is what names of files begin with"),
        (json!({"timestamp-format": "%"}), "\"timestamp-format\" makes no time"),
        (json!({"request-parser-format": "1 == 1"}), "\"request-parser-format\" has no value"),
        (json!({"response-parser-format": "option["}), "\"response-parser-format\" has no value"),
        (
            json!({"prerotate": "/nowhere/script"}),
            "Invalid 'prerotate' parameter: '/nowhere/script' cannot be run",
        ),
        (json!({"postrotate": "/etc/passwd"}), "'/etc/passwd' is not executable"),
    ] {
        let errors = story(parameters.clone(), &json!({})).expect_err("an error").join("\n");
        assert!(errors.contains(error), "{parameters}: {errors}");
    }
    let refused = with_modules(&json!({"hooks-libraries": [
        {"library": "libdhcp_legal_log.so", "parameters": {"path": "/nowhere/at/all"}}]}));
    assert!(refused.is_err_and(|errors| errors[0].contains("legal logs cannot be in /nowhere/at/all")));
}

/// The log tells what a log is opened with: what was given, by name, and the type.
#[test]
fn what_was_given_is_told() {
    let folder = tempdir().unwrap();
    let path = folder.path().display();
    let opened = |parameters: Json| {
        let libraries = json!([{"library": "libdhcp_legal_log.so", "parameters": parameters}]);
        let (built, lines) = logged(|| with_modules(&json!({ "hooks-libraries": libraries })));
        built.unwrap();
        let is_opening = |id| id == "LEGAL_LOG_STORE_OPEN" || id == "LEGAL_LOG_SYSLOG_STORE_OPEN";
        lines.into_iter().find(|line| is_opening(line.id)).expect("it is told").text
    };
    assert_eq!(
        opened(json!({"path": folder.path()})),
        format!("opening Legal Log file: path={path} type=logfile")
    );
    let all = json!({
        "path": folder.path(), "base-name": "who", "time-unit": "year", "count": 3,
        "mark-continuation-lines": false, "timestamp-format": "", "request-parser-format": "'x y'",
        "unknown": 1,
    });
    assert_eq!(
        opened(all),
        format!(
            "opening Legal Log file: base-name=who count=3 mark-continuation-lines=false path={path} \
             request-parser-format='x y' time-unit=year type=logfile"
        )
    );
    assert_eq!(
        opened(json!({"type": "syslog", "facility": "local1", "base-name": "who"})),
        "opening Legal Syslog: facility=local1 type=syslog"
    );
}

fn settings(folder: &Path, unit: Unit, count: u32) -> Settings {
    Settings {
        directory: folder.to_owned(),
        base: "log".into(),
        unit,
        count,
        prerotate: None,
        postrotate: None,
        marks: true,
        timestamp: "%H:%M".into(),
        zone: TimeZone::UTC,
    }
}

fn at(day: Date) -> Duration {
    let noon = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap();
    Duration::from_secs(noon.timestamp().as_second().unsigned_abs())
}

fn line(at: Duration, text: &str) -> Records {
    let mut records = Records::default();
    records.push(at, text.as_bytes());
    records
}

fn write(file: &mut RotatingFile, now: Duration, text: &str) {
    let written = file.write(&line(now, text));
    assert_eq!((written.lost, written.failure), (0, Ok(())));
}

/// The names of the files that lines of these days go to.
fn names(unit: Unit, count: u32, days: &[Date]) -> Vec<String> {
    let folder = tempdir().unwrap();
    let mut file = RotatingFile::open(settings(folder.path(), unit, count), None).unwrap();
    days.iter().for_each(|day| write(&mut file, at(*day), "x"));
    files(folder.path()).into_iter().map(|(name, _)| name).collect()
}

/// A file gives way to the next when its days, months or years are over; without a count never.
#[test]
fn files_give_way_in_time() {
    let days = [date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 28), date(2024, 2, 29), date(2025, 1, 31)];
    let all = ["20240131", "20240201", "20240228", "20240229", "20250131"];
    for (unit, count, wanted) in [
        (Unit::Day, 1, &all[..]),
        (Unit::Day, 28, &["20240131", "20240228", "20250131"]),
        (Unit::Month, 1, &["20240131", "20240229", "20250131"]),
        (Unit::Year, 1, &["20240131", "20250131"]),
        (Unit::Day, 0, &["20240131"]),
    ] {
        let wanted: Vec<_> = wanted.iter().map(|day| format!("log.{day}.txt")).collect();
        assert_eq!(names(unit, count, &days), wanted, "{unit:?} {count}");
    }
}

/// By the second, a file is called by when it began; a server that is started again goes on with the newest one whose time
/// is not over.
#[test]
fn a_file_is_gone_on_with() {
    let folder = tempdir().unwrap();
    let open = |now| RotatingFile::open(settings(folder.path(), Unit::Second, 60), now).unwrap();
    let second = Duration::from_secs;
    write(&mut open(Some(second(1000))), second(1059), "one");
    write(&mut open(Some(second(1059))), second(1059), "two\nthree\n");
    let mut file = open(None);
    write(&mut file, second(1060), "four");
    let name = |begun: u64| format!("log.T{begun:020}.txt");
    assert_eq!(
        files(folder.path()),
        [(name(1000), "00:17 one\n00:17-two\n00:17 three\n".into()), (name(1060), "00:17 four\n".into())]
    );
}

/// What was cut off stays on a line of its own.
#[test]
fn a_line_that_was_cut_off_is_ended() {
    let folder = tempdir().unwrap();
    let second = Duration::from_secs(1000);
    let name = format!("log.T{:020}.txt", 1000);
    fs::write(folder.path().join(&name), "00:16 one\n00:16 cut o").unwrap();
    let mut file = RotatingFile::open(settings(folder.path(), Unit::Second, 60), Some(second)).unwrap();
    write(&mut file, second, "two");
    assert_eq!(files(folder.path()), [(name, "00:16 one\n00:16 cut o\n00:16 two\n".into())]);
}

/// Scripts are run with the names of the file that is closed and that which is opened.
#[test]
fn scripts_are_run() {
    let (folder, told) = (tempdir().unwrap(), tempdir().unwrap());
    let script = |name: &str| {
        let path = told.path().join(name);
        // A hard link under another name says that it ran, whole at once.
        fs::write(&path, format!("#!/bin/sh\n/bin/ln \"$1\" {}/{name}.ran\n", told.path().display()))
            .unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        Some(path)
    };
    let mut settings = settings(folder.path(), Unit::Second, 1);
    (settings.prerotate, settings.postrotate) = (script("pre"), script("post"));
    let mut file = RotatingFile::open(settings, Some(Duration::from_secs(5))).unwrap();
    write(&mut file, Duration::from_secs(5), "old");
    assert_eq!(file.scripts().running(), 0);
    write(&mut file, Duration::from_secs(6), "new");
    while file.scripts().running() > 0 {
        std::thread::yield_now();
    }
    let said = |name: &str| fs::read_to_string(PathBuf::from(told.path()).join(name)).unwrap();
    assert_eq!((said("pre.ran").as_str(), said("post.ran").as_str()), ("00:00 old\n", "00:00 new\n"));
}

/// What cannot be written is counted, with the reason.
#[test]
fn what_is_lost_is_told() {
    let settings = settings(Path::new("/dev"), Unit::Day, 1);
    let mut file = RotatingFile::open(Settings { base: "no/such".into(), ..settings }, None).unwrap();
    let written = file.write(&line(Duration::ZERO, "x"));
    assert_eq!(written.lost, 1);
    assert!(written.failure.unwrap_err().starts_with("cannot open file:/dev/no/such.19700101.txt reason: "));
}
