//! What is found in lease files, whole or not, and what becomes of them.

mod common;

use std::fs::{read_to_string, write};

use common::{HEADER, add, all, flush, hosts, open, put, refusal, row, with};
use kotare_model::{ClientId, HostName, HwAddr, Lease4, LeaseState, Lifetime, Timestamp};
use kotare_store::conformance::{Executor, PollOnce, lease};
use kotare_store::{Failure, LeaseStore, Put};
use kotare_store_memfile::{Durability, LfcFiles, Loaded, Memfile4, Options};

/// A new file has Kea's header, and rows in the order of changes, the last one counting.
#[test]
fn a_new_file_is_what_kea_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kea-leases4.csv");
    let store = open(&path);
    assert_eq!(read_to_string(&path).unwrap(), HEADER);
    let first = lease(1);
    let renewed = Lease4 { cltt: Timestamp(2000), ..lease(1) };
    add(&store, first.clone());
    assert_eq!(put(&store, Some(&first), Some(renewed.clone())), Put::Done);
    add(&store, lease(2));
    assert_eq!(put(&store, Some(&renewed), None), Put::Done);
    assert_eq!(read_to_string(&path).unwrap(), HEADER, "nothing is written before a flush");
    flush(&store);
    let mac = "02:00:00:00:00";
    assert_eq!(
        read_to_string(&path).unwrap(),
        format!(
            "{HEADER}\
             192.0.2.1,{mac}:01,01:{mac}:01,3600,4600,1,0,0,host-1,0,,0\n\
             192.0.2.1,{mac}:01,01:{mac}:01,3600,5600,1,0,0,host-1,0,,0\n\
             192.0.2.2,{mac}:02,01:{mac}:02,3600,4600,1,0,0,host-2,0,,0\n\
             192.0.2.1,{mac}:01,01:{mac}:01,0,2000,1,0,0,host-1,0,,0\n"
        )
    );
    let status = store.status();
    assert_eq!((status.leases, status.rows, status.pending_bytes), (1, 4, 0));
    assert_eq!(status.file_bytes, std::fs::metadata(&path).unwrap().len());
    drop(store);
    let store = open(&path);
    assert_eq!(all(&store), [lease(2)]);
    assert_eq!(store.loaded(), &Loaded { leases: 1, rows: 4, ..Loaded::default() });
}

/// Rows nobody flushed are written when the store goes.
#[test]
fn dropping_a_store_writes_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    for durability in [Durability::Process, Durability::System] {
        let options = Options { durability, ..Options::new(Some(path.clone()), 1) };
        let store = Memfile4::open(options).unwrap();
        for lease in all(&store) {
            put(&store, Some(&lease), None);
        }
        add(&store, lease(if durability == Durability::System { 2 } else { 1 }));
    }
    assert_eq!(hosts(&open(&path)), [2]);
}

/// Files of no bytes, and one whose header was cut off in the making, are empty files.
#[test]
fn empty_files_are_fine() {
    let folder = tempfile::tempdir().unwrap();
    for (i, text) in
        ["", "\n", "addr", HEADER.trim_end(), "address,hwaddr,client_id,valid"].iter().enumerate()
    {
        let path = folder.path().join(format!("leases-{i}"));
        for suffix in ["", ".1", ".2"] {
            write(with(&path, suffix), text).unwrap();
        }
        add(&open(&path), lease(1));
        assert!(read_to_string(&path).unwrap().starts_with(&format!("{HEADER}192.0.2.1,")), "{text}");
        assert_eq!(hosts(&open(&path)), [1]);
    }
}

/// A row that a crash cut off is set aside, and new rows begin on a line of their own.
#[test]
fn a_torn_row_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let whole = row(3);
    for end in [1, 20, whole.len() - 5, whole.len() - 2] {
        let torn = &whole[..end];
        write(&path, format!("{HEADER}{}{torn}", row(1))).unwrap();
        drop(std::fs::remove_file(with(&path, ".torn")));
        let store = open(&path);
        assert_eq!(store.loaded().torn, Some(with(&path, ".torn")));
        assert_eq!((store.loaded().rows, store.loaded().errors), (1, 0));
        assert_eq!(read_to_string(with(&path, ".torn")).unwrap(), format!("{torn}\n"));
        add(&store, lease(2));
        drop(store);
        let store = open(&path);
        assert_eq!(store.loaded().torn, None);
        assert_eq!(hosts(&store), [1, 2], "torn after {end} bytes");
    }
    // A long torn row, as a power cut leaves it: zeros.
    write(&path, [HEADER.as_bytes(), row(1).as_bytes(), &vec![0; 3 << 20]].concat()).unwrap();
    assert_eq!(hosts(&open(&path)), [1]);
}

/// A last row that only lacks its newline, as an editor leaves it, is a row; with the line ends of other systems, too.
#[test]
fn a_whole_last_row_without_newline_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let text = format!("{HEADER}{}{}", row(1), row(2));
    for text in [text.clone(), text.replace('\n', "\r\n")] {
        write(&path, text.strip_suffix('\n').unwrap()).unwrap();
        let store = open(&path);
        assert_eq!(store.loaded(), &Loaded { leases: 2, rows: 2, ..Loaded::default() });
        add(&store, lease(3));
        drop(store);
        assert_eq!(hosts(&open(&path)), [1, 2, 3]);
    }
}

/// The zeros that a power cut leaves at the end are not copied, however many they are.
#[test]
fn zeros_at_the_end_are_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    write(&path, format!("{HEADER}{}{}", row(1), &row(2)[..30])).unwrap();
    let length = std::fs::metadata(&path).unwrap().len();
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_len(200 << 20).unwrap();
    let store = open(&path);
    assert_eq!(hosts(&store), [1]);
    assert_eq!(std::fs::metadata(&path).unwrap().len(), length - 30);
    assert_eq!(read_to_string(with(&path, ".torn")).unwrap(), format!("{}\n", &row(2)[..30]));
}

/// What would block or never end is no lease file, and said so.
#[test]
fn pipes_and_devices_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("leases");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [&*pipe, "/dev/zero".as_ref(), "/dev/full".as_ref()] {
        let error = refusal(path);
        assert!(error.contains(path.to_str().unwrap()), "{error}");
        assert!(error.contains("it is no regular file") || error.contains("No such device"), "{error}");
    }
    let path = folder.path().join("others");
    std::fs::rename(&pipe, LfcFiles::of(&path).previous).unwrap();
    assert!(refusal(&path).contains("others.2: it is no regular file"), "{}", refusal(&path));
}

/// Garbage between rows is counted and left out, up to `max-row-errors`; what surrounds it is kept.
#[test]
fn garbage_costs_only_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let zeros = "\0".repeat(5000);
    let long = "x".repeat(3 << 20);
    let text =
        format!("{HEADER}{}garbage\n\n{zeros}\n{}{long}\n192.0.2.9,zz\n\r\n{}", row(1), row(2), row(3));
    write(&path, &text).unwrap();
    let store = open(&path);
    assert_eq!(hosts(&store), [1, 2, 3]);
    assert_eq!(store.loaded(), &Loaded { leases: 3, rows: 7, errors: 4, ..Loaded::default() });
    drop(store);
    let limited =
        |max_row_errors| Memfile4::open(Options { max_row_errors, ..Options::new(Some(path.clone()), 1) });
    assert_eq!(limited(4).unwrap().len(), 3);
    let error = limited(3).unwrap_err().to_string();
    assert!(error.contains("more than 3 rows are bad (max-row-errors)"), "{error}");
    assert_eq!(read_to_string(&path).unwrap(), text, "a refused file is left alone");
}

/// Files of older and newer schemas are read, appended to, and reported for conversion.
#[test]
fn files_of_other_schemas_are_read_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let columns: Vec<&str> = HEADER.trim_end().split(',').collect();
    for count in 9..=14 {
        let path = folder.path().join(format!("leases-{count}"));
        let cut = |line: &str| {
            let fields: Vec<&str> =
                line.trim_end().split(',').chain(["more", "still-more"]).take(count).collect();
            fields.join(",") + "\n"
        };
        let header =
            columns.iter().copied().chain(["new", "newer"]).take(count).collect::<Vec<_>>().join(",");
        write(&path, format!("{header}\n{}", cut(&row(1)))).unwrap();
        let store = open(&path);
        assert_eq!(store.loaded().needs_conversion, count != 12, "{count} columns");
        assert_eq!((store.loaded().rows, store.loaded().errors), (1, 0));
        add(&store, lease(2));
        drop(store);
        let store = open(&path);
        assert_eq!((hosts(&store), store.loaded().errors), (vec![1, 2], 0), "{count} columns");
    }
}

/// A file that Kea 2.2 wrote: escapes, letters beyond ASCII, an infinite lease, an update, a removal.
#[test]
fn a_file_of_keas_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    write(&path, include_bytes!("data/kea-2.2-leases4.csv")).unwrap();
    let store = open(&path);
    let loaded = Loaded { leases: 4, rows: 7, needs_conversion: true, ..Loaded::default() };
    assert_eq!(store.loaded(), &loaded);
    let mac = |last| HwAddr::new(HwAddr::ETHERNET, &[0x1a, 0x1b, 0x1c, 0x1d, 0x1e, last]).unwrap();
    let base = |host: u8, last| Lease4 {
        hwaddr: mac(last),
        client_id: None,
        valid_lifetime: Lifetime(7200),
        cltt: Timestamp(1_900_000_000),
        hostname: "".into(),
        ..lease(host)
    };
    assert_eq!(
        all(&store),
        [
            Lease4 {
                client_id: Some(ClientId::new(&[1, 2, 3]).unwrap()),
                fqdn_fwd: true,
                hostname: "büro,a&b.example".into(),
                user_context: Some(r#"{ "a": [ 1, "x,y" ], "b": null }"#.into()),
                ..base(1, 0x1f)
            },
            Lease4 { cltt: Timestamp(1_900_002_000), ..base(3, 0x20) },
            Lease4 {
                valid_lifetime: Lifetime::INFINITE,
                fqdn_rev: true,
                hostname: "infinite.example.org.".into(),
                ..base(4, 0x21)
            },
            // The name came in Latin 1, and is kept so.
            Lease4 {
                hostname: HostName::new(b"b\xfcro"),
                state: LeaseState::ExpiredReclaimed,
                ..base(5, 0x22)
            },
        ]
    );
}

/// The whole set is read: the finished result of a cleanup, or else its inputs; then the lease file.
#[test]
fn the_set_of_files_is_read_as_kea_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let files = LfcFiles::of(&path);
    let gone = row(2).replace(",3600,", ",0,");
    write(&files.previous, format!("{HEADER}{}{}", row(1), row(2))).unwrap();
    write(&files.copy, format!("{HEADER}{gone}{}", row(3))).unwrap();
    write(&files.output, format!("{HEADER}{}", row(9))).unwrap();
    write(&path, format!("{HEADER}{}", row(4))).unwrap();
    assert_eq!(hosts(&open(&path)), [1, 3, 4]);
    write(&files.finish, format!("{HEADER}{}{}{}", row(1), row(3), row(7))).unwrap();
    assert_eq!(hosts(&open(&path)), [1, 3, 4, 7]);
    std::fs::remove_file(&files.previous).unwrap();
    assert_eq!(hosts(&open(&path)), [1, 3, 4, 7]);
    std::fs::remove_file(&files.copy).unwrap();
    assert_eq!(hosts(&open(&path)), [1, 3, 4, 7]);
}

/// A file that is something else is refused and left alone.
#[test]
fn a_file_that_is_no_lease_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    for text in
        ["address,duid,valid_lifetime,expire\n", "precious", "{ \"Dhcp4\": {} }", &"x".repeat(3 << 20)]
    {
        write(&path, text).unwrap();
        let error = refusal(&path);
        assert!(error.contains("this is no lease file of DHCPv4"), "{error}");
        assert_eq!(read_to_string(&path).unwrap(), text);
    }
    let missing = folder.path().join("no-such-folder").join("leases");
    assert!(
        refusal(&missing).contains("no-such-folder/leases for writing: No such file"),
        "{}",
        refusal(&missing)
    );
    assert!(refusal(folder.path()).contains("Is a directory"));
}

/// Two servers cannot write one file.
#[test]
fn a_file_in_use_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let store = open(&path);
    assert!(refusal(&path).contains("another server is using it"));
    drop(store);
    open(&path);
}

/// No leases are read while a cleanup moves files; what a cleanup that died left behind hinders nobody.
#[test]
fn a_running_cleanup_keeps_the_server_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let files = LfcFiles::of(&path);
    // A program by the name of the cleanup.
    let program = folder.path().join("kea-lfc");
    std::fs::copy("/bin/sleep", &program).unwrap();
    let mut running = std::process::Command::new(&program).arg("1000").spawn().unwrap();
    write(&files.pid, format!("{}\n", running.id())).unwrap();
    // Its name changes only with `exec`, a moment after the process begins.
    while !files.in_use() {
        std::thread::yield_now();
    }
    assert!(refusal(&path).contains("is cleaning up its files; try again"), "{}", refusal(&path));
    running.kill().unwrap();
    running.wait().unwrap();
    open(&path);
    // The pid of another program, of nobody, none at all.
    for text in [format!("{}\n", std::process::id()), "2147483647\n".into(), "0\n".into(), "".into()] {
        write(&files.pid, text).unwrap();
        open(&path);
    }
    assert!(!with(&files.pid, ".lock").exists());
}

/// Rows that wait for a file that cannot be written are bounded; what does not fit changes nothing.
#[test]
fn rows_that_wait_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let options = Options { buffer_limit: 200, ..Options::new(Some(path.clone()), 1) };
    let store = Memfile4::open(options).unwrap();
    add(&store, lease(1));
    add(&store, lease(2));
    let third = lease(3);
    let change = kotare_store::Change { address: third.address, from: None, to: Some(&third) };
    let error = PollOnce.run(store.put(change)).unwrap_err();
    assert_eq!(error.failure, Failure::Unavailable);
    let error = error.to_string();
    assert!(error.contains("already wait for the file and at most 200 may"), "{error}");
    assert_eq!(hosts(&store), [1, 2]);
    flush(&store);
    add(&store, third);
    drop(store);
    assert_eq!(hosts(&open(&path)), [1, 2, 3]);
}

/// What Kea would not write is refused, and a lease of another address too.
#[test]
fn leases_that_cannot_be_kept_are_refused() {
    let store = Memfile4::open(Options::new(None, 1)).unwrap();
    let nobody = Lease4 { hwaddr: HwAddr::empty(1), client_id: None, ..lease(1) };
    let long = Lease4 { hostname: "x".repeat(70_000).into(), ..lease(1) };
    for (lease, reason) in [
        (nobody, "neither a hardware address nor a client identifier"),
        (long, "a host name of 70000 bytes where at most 65535"),
        (lease(2), "it is a lease of 192.0.2.2"),
    ] {
        let change =
            kotare_store::Change { address: "192.0.2.1".parse().unwrap(), from: None, to: Some(&lease) };
        let error = PollOnce.run(store.put(change)).unwrap_err();
        assert_eq!(error.failure, Failure::Refused);
        let error = error.to_string();
        assert!(
            error.starts_with("could not write the lease of 192.0.2.1: ") && error.contains(reason),
            "{error}"
        );
    }
    assert!(store.is_empty());
}

/// A lease of no lifetime is written like a removal, as Kea does, and so is gone after a restart.
#[test]
fn a_lease_of_no_lifetime_is_not_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let store = open(&path);
    add(&store, Lease4 { valid_lifetime: Lifetime(0), ..lease(1) });
    assert_eq!(store.len(), 1);
    drop(store);
    assert!(open(&path).is_empty());
}
