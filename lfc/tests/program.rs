//! The program as servers and operators run it.

use std::fs::{read_to_string, write};
use std::path::Path;
use std::process::{Command, Output};

use kotare_model::{Lease4, Lease6};
use kotare_store_memfile::LfcFiles;

const HEADER: &str = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,\
    user_context,pool_id\n";
const ROW: &str = "192.0.2.1,02:00:00:00:00:01,,3600,4600,1,0,0,,0,,0\n";

fn run(files: &LfcFiles, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kea-lfc")).args(files.arguments::<Lease4>()).args(more).output().unwrap()
}

fn files(folder: &Path) -> LfcFiles {
    let files = LfcFiles::of(&folder.join("leases"));
    write(&files.copy, format!("{HEADER}{ROW}{ROW}{}", ROW.replace("3600", "9"))).unwrap();
    files
}

/// With `-d` it tells on standard output, by Kea's identifiers, and leaves nothing but the result.
#[test]
fn a_cleanup_leaves_nothing_but_the_result() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let output = run(&files, &["-d"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let ids: Vec<&str> =
        text.lines().filter_map(|line| line.split(' ').find(|word| word.contains('_'))).collect();
    assert_eq!(
        ids,
        [
            "LFC_START",
            "LFC_PROCESSING",
            "DHCPSRV_MEMFILE_LEASE_FILE_LOAD",
            "LFC_READ_STATS",
            "LFC_WRITE_STATS",
            "LFC_ROTATING",
            "LFC_TERMINATE"
        ]
    );
    assert!(text.lines().all(|line| line.contains(" INFO  [DhcpLFC")), "{text}");
    assert_eq!(read_to_string(&files.previous).unwrap(), format!("{HEADER}{}", ROW.replace("3600", "9")));
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["leases.2"]);
}

/// Where an earlier cleanup has nothing left but to name its result, only that is done.
#[test]
fn a_cleanup_goes_on_where_another_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    std::fs::rename(&files.copy, &files.finish).unwrap();
    write(&files.finish, HEADER).unwrap();
    let output = run(&files, &["-d"]);
    assert!(output.status.success());
    assert!(!String::from_utf8(output.stdout).unwrap().contains("LFC_PROCESSING"));
    assert_eq!(read_to_string(&files.previous).unwrap(), HEADER);
    assert!(!files.copy.exists() && !files.finish.exists());
}

/// A disk without room for so much as a pid is cleaned up all the same, in the room that the server kept for that.
#[test]
fn a_full_disk_is_cleaned_up() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let rows = read_to_string(&files.copy).unwrap();
    std::fs::remove_file(&files.copy).unwrap();
    // The reserve is a file of 256 KiB that no byte was written into.
    let script = format!(
        "mount -t tmpfs -o size=512k none \"$PWD\" || exit 77; cd / && cd \"$OLDPWD\" && : > leases.reserve && fallocate --keep-size --length 262144 leases.reserve && \
         printf '{rows}' > leases.1 && {{ dd if=/dev/zero of=ballast bs=4096; true; }} && \"$@\" && \
         test $(stat --format %b leases.2) = 8 && ! test -e leases.1 && ! test -e leases.pid && cat leases.2"
    );
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", &script, "sh", env!("CARGO_BIN_EXE_kea-lfc")]);
    let output = command.args(files.arguments::<Lease4>()).current_dir(folder.path()).output().unwrap();
    match output.status.code() {
        Some(1 | 77) if !rights_to_mount() => {}
        _ => assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            format!("{HEADER}{}", ROW.replace("3600", "9")),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}

/// Whether this process may mount at all.
fn rights_to_mount() -> bool {
    Command::new("unshare").args(["--mount", "true"]).status().is_ok_and(|status| status.success())
}

/// A failure is told, exits with 1, and leaves the files for the next try.
#[test]
fn a_failed_cleanup_leaves_its_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    write(&files.previous, "no lease file\n").unwrap();
    let output = run(&files, &["-d"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("FATAL [DhcpLFC") && text.contains("LFC_FAIL_PROCESS"), "{text}");
    assert!(text.contains("this is no lease file of DHCPv4"), "{text}");
    assert!(files.copy.exists() && files.previous.exists());
    assert!(!files.pid.exists());
    std::fs::remove_file(&files.previous).unwrap();
    assert!(run(&files, &[]).status.success());

    let nowhere = LfcFiles { pid: folder.path().join("no/pid"), ..files };
    let output = run(&nowhere, &["-d"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().contains("LFC_FAIL_PID_CREATE"));
}

/// Two cleanups of the same files: one stands back, touching nothing.
#[test]
fn a_second_cleanup_stands_back() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    // A program by the name of a cleanup, which has begun its work.
    let program = folder.path().join("kea-lfc");
    std::fs::copy("/bin/sleep", &program).unwrap();
    let mut other = Command::new(&program).arg("1000").spawn().unwrap();
    while read_to_string(format!("/proc/{}/comm", other.id())).unwrap() != "kea-lfc\n" {
        std::thread::yield_now();
    }
    write(&files.pid, format!("{}\n", other.id())).unwrap();
    let output = run(&files, &["-d"]);
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("LFC_RUNNING"));
    assert!(files.copy.exists() && files.pid.exists());
    other.kill().unwrap();
    other.wait().unwrap();
    assert!(run(&files, &[]).status.success());
    assert!(!files.copy.exists() && !files.pid.exists());
}

/// Files of DHCPv6 are cleaned up in the same way, and those of the other family are left as they are.
#[test]
fn files_of_dhcpv6_are_cleaned_up() {
    const HEADER6: &str = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,\
        fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n";
    let folder = tempfile::tempdir().unwrap();
    let files = LfcFiles::of(&folder.path().join("kea-leases6.csv"));
    let row = |host: u8, end: u16| {
        format!("2001:db8::{host:x},00:03:00:01:02,3600,{end},1,1800,0,7,128,0,0,,,0,,0,0,0\n")
    };
    let gone = "2001:db8::2,00:03:00:01:02,0,4600,1,1800,0,7,128,0,0,,,0,,0,0,0\n";
    write(&files.previous, [HEADER6, &row(1, 4600), &row(2, 4600)].concat()).unwrap();
    write(&files.copy, [HEADER6, &row(0x10, 4600), &row(1, 5000), gone].concat()).unwrap();
    let clean = |four: bool| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kea-lfc"));
        command.args(if four { files.arguments::<Lease4>() } else { files.arguments::<Lease6>() });
        command.output().unwrap()
    };
    assert!(!clean(true).status.success());
    assert_eq!(read_to_string(&files.copy).unwrap().lines().count(), 4);
    let output = clean(false);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(read_to_string(&files.previous).unwrap(), [HEADER6, &row(1, 5000), &row(0x10, 4600)].concat());
    assert!(!files.copy.exists() && !files.finish.exists());
}

/// What cannot be done is said on standard error, with exit status 1 and no file touched.
#[test]
fn wrong_uses_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let output = run(&files, &["-z"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("\nUsage: kea-lfc "));
    assert!(files.copy.exists() && !files.previous.exists());
}
