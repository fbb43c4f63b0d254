//! The program as operators run it, on files of old and new versions of Kea.

use std::fs::{read_to_string, write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kotare_pid_file::{PidFile, Wait};
use kotare_store_memfile::{LfcFiles, Memfile4, Options};

const HEADER: &str = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,\
    user_context,pool_id\n";

/// As Kea 2.2 left it.
const OLD: &[u8] = include_bytes!("../../lib/store-memfile/tests/data/kea-2.2-leases4.csv");

fn row(host: u8) -> String {
    format!("192.0.2.{host},02:00:00:00:00:{host:02x},,3600,4600,1,0,0,host-{host},0,,0\n")
}

/// Runs the program with files of this folder; what it says, and whether it succeeded.
struct Scene(tempfile::TempDir);

impl Scene {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        write(self.file(name), text).unwrap();
        self.file(name)
    }

    fn read(&self, name: &str) -> String {
        read_to_string(self.file(name)).unwrap()
    }

    /// Runs a line; plain names are files of the folder, as the program's own are by default.
    fn run(&self, line: &str) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kea-admin"));
        command
            .args(line.split_whitespace())
            .current_dir(self.0.path())
            .env("KEA_DHCP_DATA_DIR", self.0.path());
        let Output { status, stdout, stderr } = command.output().unwrap();
        let said = String::from_utf8([stdout, stderr].concat()).unwrap();
        (status.success(), said)
    }

    fn succeeds(&self, line: &str) -> String {
        let (success, said) = self.run(line);
        assert!(success, "{line}: {said}");
        said
    }

    /// What is said of a line that fails, all of these words among it.
    fn fails(&self, line: &str, words: &[&str]) {
        let (success, said) = self.run(line);
        assert!(!success, "{line}: {said}");
        assert!(said.contains("ERROR/kea-admin: "), "{line}: {said}");
        for word in words {
            assert!(said.contains(word), "{line}: {word} in {said}");
        }
    }
}

/// What a server would load, one row each, in the schema of today, whatever version wrote which file.
#[test]
fn a_dump_is_what_a_server_would_load() {
    let scene = Scene::new();
    scene.write("kea-leases4.csv.2", OLD);
    scene.write("kea-leases4.csv", format!("{HEADER}{}garbage\n{}", row(9), row(9).replace("4600", "5600")));
    let before = (scene.read("kea-leases4.csv"), std::fs::read(scene.file("kea-leases4.csv.2")).unwrap());
    let said = scene.succeeds("lease-dump memfile -4 -o dumped");
    assert!(said.contains("kea-leases4.csv:3: 1 columns where the header of the file has 12"), "{said}");
    assert!(said.contains("Successfully dumped lease4 to dumped (5 leases)."), "{said}");
    let dumped = scene.read("dumped");
    let lines: Vec<_> = dumped.lines().collect();
    assert_eq!(lines[0], HEADER.trim_end());
    assert_eq!(lines[5], row(9).trim_end().replace("4600", "5600"));
    assert!(lines[1].starts_with("192.0.2.1,1a:1b:1c:1d:1e:1f,01:02:03,7200,1900007200,1,1,0,b&#xc3&#xbcro"));
    assert_eq!(lines[2], "192.0.2.3,1a:1b:1c:1d:1e:20,,7200,1900009200,1,0,0,,0,,0");
    assert!(lines.iter().all(|line| line.split(',').count() == 12));
    let after = (scene.read("kea-leases4.csv"), std::fs::read(scene.file("kea-leases4.csv.2")).unwrap());
    assert_eq!(before, after, "nothing but the dump was written");
    assert_eq!(std::fs::read_dir(scene.0.path()).unwrap().count(), 3);
}

/// Nothing is overwritten without a word, and nothing that servers and cleanups use at all. A server may go on.
#[test]
fn a_dump_overwrites_nothing_unasked() {
    let scene = Scene::new();
    let path = scene.write("leases", format!("{HEADER}{}", row(1)));
    let _store = Memfile4::open(Options::new(Some(path), 1)).unwrap();
    scene.write("dumped", "mine");
    let line = "lease-dump memfile -4 -n leases -o dumped";
    scene.fails(line, &["dumped, exists and will be overwritten", "aborted by user"]);
    assert_eq!(scene.read("dumped"), "mine");
    scene.succeeds(&format!("{line} -y"));
    assert_eq!(scene.read("dumped"), format!("{HEADER}{}", row(1)));
    for taken in ["leases", "./leases", "leases.1", "leases.2", "leases.completed", "leases.pid"] {
        let line = format!("lease-dump memfile -4 -n leases -y -o {taken}");
        scene.fails(&line, &["it is one of the files of leases", "name another"]);
    }
    scene.fails("lease-dump memfile -4 -n none -o dumped -y", &["none", "there is no such file"]);
    scene.fails("lease-dump memfile -4 -n leases -o none/dumped", &["none/dumped"]);
}

/// Leases of an old file come into a new one, and those of today into an old one, which is converted first.
#[test]
fn leases_are_uploaded() {
    let scene = Scene::new();
    let old = scene.write("old.csv", OLD);
    let said = scene.succeeds("lease-upload memfile -4 -i old.csv");
    assert!(said.contains("Successfully uploaded 4 leases") && said.contains("4 are new"), "{said}");
    scene.succeeds("lease-dump memfile -4 -o one");
    scene.succeeds("lease-dump memfile -4 -n old.csv -o other");
    assert_eq!(scene.read("one"), scene.read("other"));
    // Again changes nothing.
    let said = scene.succeeds("lease-upload memfile -4 -i one");
    assert!(said.contains("uploaded 4 leases") && said.contains("0 are new"), "{said}");

    let with_pool = row(9).replace(",,0\n", ",,7\n");
    scene.write("new.csv", format!("{HEADER}{with_pool}"));
    let said = scene.succeeds("lease-upload memfile -4 -i new.csv --name old.csv");
    assert!(said.contains("has the schema of today now"), "{said}");
    scene.succeeds("lease-dump memfile -4 -n old.csv -o merged");
    assert_eq!(scene.read("merged"), format!("{}{with_pool}", scene.read("one")));
    assert!(std::fs::read_dir(scene.0.path()).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        path.to_string_lossy().starts_with(&format!("{}.bak", old.display()))
            && std::fs::read(path).unwrap() == OLD
    }));
}

/// Leases that are there stay unless they shall be replaced; damaged input is refused as a whole.
#[test]
fn an_upload_replaces_nothing_unasked() {
    let scene = Scene::new();
    let newer = row(1).replace("4600", "9600");
    let text = format!("{HEADER}{}{}", row(1), row(2));
    scene.write("leases", &text);
    scene.write("input", format!("{HEADER}{newer}{}", row(3)));
    let line = "lease-upload memfile -4 -n leases -i input";
    scene.fails(
        line,
        &["1 addresses have another lease already (192.0.2.1)", "nothing was uploaded", "--replace"],
    );
    assert_eq!(scene.read("leases"), text);
    scene.succeeds(&format!("{line} --replace"));
    scene.succeeds("lease-dump memfile -4 -n leases -o dumped");
    assert_eq!(scene.read("dumped"), format!("{HEADER}{newer}{}{}", row(2), row(3)));

    scene.write("input", format!("{HEADER}{}192.0.2.x,,\n", row(4)));
    let before = scene.read("leases");
    scene.fails(line, &["input:3: 3 columns", "1 rows are damaged; nothing was uploaded"]);
    scene.write("input", HEADER);
    scene.fails(line, &["CSV file has no leases"]);
    scene.write("input", "no,lease,file\n");
    scene.fails(line, &["column 1 of the header is 'no' where 'address' belongs"]);
    assert_eq!(scene.read("leases"), before);
}

/// Files that a server or a cleanup uses are not written.
#[test]
fn files_in_use_are_left_alone() {
    let scene = Scene::new();
    let text = format!("{HEADER}{}garbage\n", row(1));
    let path = scene.write("leases", &text);
    scene.write("input", format!("{HEADER}{}", row(3)));
    let lines = ["lease-upload memfile -4 -n leases -i input", "repair memfile -4 -n leases"];
    let store = Memfile4::open(Options::new(Some(path.clone()), 1)).unwrap();
    let reasons = ["another server is using it", "stop the server, and try again"];
    for (line, reason) in lines.into_iter().zip(reasons) {
        scene.fails(line, &[reason]);
    }
    scene.fails(lines[0], &["--socket"]);
    drop(store);
    let held = PidFile::lock(&LfcFiles::of(&path).pid, Wait::Yes).unwrap().unwrap();
    for line in lines {
        scene.fails(line, &["is cleaning up its files; try again when that is finished"]);
    }
    drop(held);
    assert_eq!(scene.read("leases"), text);
}

/// Damage is told with file, line and value; a repair sets it aside.
#[test]
fn damage_is_found_and_repaired() {
    let scene = Scene::new();
    let bad = row(2).replace("4600", "never");
    scene.write("leases", format!("{HEADER}{}{bad}{}{}", row(1), row(1), row(3).replace(",3600,", ",0,")));
    let text = scene.read("leases");
    scene.fails(
        "check memfile -4 -n leases",
        &[
            "leases:3: expire 'never' is not a number in range",
            "1 leases in 1 files of 4 rows: 1 were followed by a later row of the same address, 1 remove a lease, 1 \
             are damaged",
            "`kea-admin repair` sets aside",
        ],
    );
    assert_eq!(scene.read("leases"), text);
    let said = scene.succeeds("repair memfile -4 -n leases");
    assert!(said.contains("leases: 1 damaged rows are in leases.damaged now, 3 rows are kept"), "{said}");
    assert_eq!(scene.read("leases.damaged"), bad);
    assert_eq!(scene.read("leases"), text.replace(&bad, ""));
    scene.succeeds("check memfile -4 -n leases");
    assert!(scene.succeeds("repair memfile -n leases").contains("no row is damaged, nothing was changed"));
}

/// With the configuration leases outside of their subnets are found, by their last rows.
#[test]
fn leases_outside_of_their_subnets_are_found() {
    let scene = Scene::new();
    let of = |host, subnet: u32| row(host).replace(",4600,1,", &format!(",4600,{subnet},"));
    let elsewhere = row(5).replace("192.0.2.5", "192.0.3.5");
    let name = scene.write("leases", format!("{HEADER}{}{}{}{elsewhere}", of(1, 9), of(1, 1), of(2, 9)));
    let config = |subnet: &str| {
        format!(
            r#"{{"Dhcp4": {{"lease-database": {{"type": "memfile", "name": "{}"}},
                "subnet4": [{{"id": 1, "subnet": "{subnet}"}}]}}}}"#,
            name.display()
        )
    };
    scene.write("kea.conf", config("192.0.2.0/24"));
    scene.fails(
        "check memfile -4 --config kea.conf",
        &[
            "leases:4: the lease of 192.0.2.2 is of subnet-id 9, which is not configured",
            "leases:5: the lease of 192.0.3.5 is outside of its subnet 192.0.2.0/24 (subnet-id 1)",
            "2 leases outside of their subnets",
        ],
    );
    scene.write("leases", format!("{HEADER}{}", row(1)));
    scene.succeeds("check memfile --config kea.conf");
    scene.write("kea.conf", config("192.0.2.0/33"));
    scene.fails(
        "check memfile --config kea.conf",
        &["the configuration cannot be used", "kea.conf:2:", "192.0.2.0/33"],
    );
}

/// Lease files of DHCPv6 in the same ways: what an older version wrote is dumped, checked, mended and uploaded.
#[test]
fn files_of_dhcpv6_are_looked_after() {
    const COLUMNS: &str = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,\
        fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source";
    let row =
        |host: u8| format!("2001:db8::{host},00:03:00:01:02,3600,4600,1,1800,0,7,128,0,0,host,02:00,0,,1,2");
    let scene = Scene::new();
    scene.write(
        "kea-leases6.csv",
        format!("{COLUMNS}\n{}\n{}\ngarbage\n{}\n", row(1), row(2), row(1).replace("4600", "5600")),
    );
    assert_eq!(scene.succeeds("db-version memfile -6"), "4.0\n");
    let said = scene.succeeds("lease-dump memfile -6 -o dumped");
    assert!(said.contains("kea-leases6.csv:4: 1 columns where the header of the file has 17"), "{said}");
    assert!(said.contains("Successfully dumped lease6 to dumped (2 leases)."), "{said}");
    let rows = format!("{},0\n{},0\n", row(1).replace("4600", "5600"), row(2));
    assert_eq!(scene.read("dumped"), format!("{COLUMNS},pool_id\n{rows}"));
    scene.fails("check memfile -6", &["2 leases in 1 files of 4 rows", "1 damaged rows"]);
    scene.fails("check memfile -4 -n kea-leases6.csv", &["this is no lease file of DHCPv4"]);
    assert!(scene.succeeds("repair memfile -6").contains("1 damaged rows are in "));
    assert!(scene.succeeds("check memfile -6").contains("0 are damaged"));
    assert_eq!(scene.read("kea-leases6.csv.damaged"), "garbage\n");
    let name = scene.file("kea-leases6.csv");
    let config = |subnet: &str| {
        format!(
            r#"{{ "Dhcp6": {{ "subnet6": [ {{ "id": 1, "subnet": "{subnet}" }} ],
                "lease-database": {{ "type": "memfile", "name": "{}" }} }} }}"#,
            name.display()
        )
    };
    scene.write("kea.conf", config("2001:db8::/32"));
    scene.succeeds("check memfile -6 --config kea.conf");
    scene.write("kea.conf", config("2001:db9::/32"));
    scene.fails(
        "check memfile -6 --config kea.conf",
        &[
            "the lease of 2001:db8::2 is outside of its subnet 2001:db9::/32 (subnet-id 1)",
            "2 leases outside",
        ],
    );
    scene.write("more", format!("{COLUMNS},pool_id\n{},0\n", row(2).replace("host", "other")));
    scene.fails("lease-upload memfile -6 -i more", &["1 addresses have another lease already (2001:db8::2)"]);
    let said = scene.succeeds("lease-upload memfile -6 -i more --replace");
    assert!(said.contains("Successfully uploaded 1 leases"), "{said}");
    scene.succeeds("lease-dump memfile -6 -y -o dumped");
    assert_eq!(
        scene.read("dumped"),
        format!(
            "{COLUMNS},pool_id\n{}",
            rows.replace(
                "2,00:03:00:01:02,3600,4600,1,1800,0,7,128,0,0,host",
                "2,00:03:00:01:02,3600,4600,1,1800,0,7,128,0,0,other"
            )
        )
    );
}

/// What is not there is said, and is no success.
#[test]
fn what_is_not_there_is_said() {
    let scene = Scene::new();
    scene.write("kea-leases4.csv", OLD);
    for backend in ["mysql -h 127.0.0.1 -P 1 -u kea -p secret -n kea", "pgsql -h 127.0.0.1 -P 1 -p secret"] {
        for command in ["db-init", "db-version", "db-upgrade", "stats-recount"] {
            let (_, said) = scene.run(&format!("{command} {backend}"));
            assert!(!said.contains("secret"), "{said}");
            scene.fails(&format!("{command} {backend}"), &["cannot connect to host=127.0.0.1", "port=1"]);
        }
        scene.fails(&format!("check {backend}"), &["check is for lease files"]);
    }
    scene.fails("db-init memfile", &["a server makes its lease file when it starts"]);
    scene.fails("db-upgrade memfile", &["a server converts its lease file when it starts"]);
    assert_eq!(scene.succeeds("db-version memfile"), "2.1\n");
    scene.write("kea-leases4.csv.2", HEADER);
    let said = scene.succeeds("db-version memfile");
    assert!(said.contains("kea-leases4.csv.2: 3.0\n") && said.contains("kea-leases4.csv: 2.1\n"), "{said}");
    assert!(scene.succeeds("stats-recount memfile").contains("memfile does not keep lease statistics"));
    let missing = Path::new("none/socket");
    let line = format!("stats-recount memfile --socket {}", missing.display());
    scene.fails(&line, &["none/socket", "cannot connect to the server", "is the server running?"]);
    scene.write("input", format!("{HEADER}{}", row(1)));
    let line = "lease-upload memfile -4 -i input --socket none/socket";
    scene.fails(line, &["cannot connect to the server", "0 of 1 leases were uploaded before"]);
}
