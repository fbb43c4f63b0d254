//! A machine of a test: systemd as its first process, with the programs of this one and the suite installed.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::{Host, World, eventually, install, send_signal};

/// What of systemd looks after hardware, networks and terminals, which the machine has not.
const LEFT_OUT: &[&str] = &[
    "getty.target",
    "systemd-logind.service",
    "systemd-networkd.service",
    "systemd-networkd-wait-online.service",
    "systemd-resolved.service",
    "systemd-timesyncd.service",
    "systemd-udevd.service",
    "systemd-udevd-control.socket",
    "systemd-udevd-kernel.socket",
];
const SYSTEMD: &str = "/usr/lib/systemd/systemd";

/// A machine that is gone with the test. Its network is that of a host.
#[derive(Debug)]
pub struct Systemd {
    root: PathBuf,
    cgroup: PathBuf,
    // Ends before its files do.
    process: Child,
}

impl Systemd {
    /// Starts it on a host.
    ///
    /// # Errors
    /// Why this system cannot have one.
    pub fn start(world: &World, host: &Host) -> Result<Self, String> {
        if !Path::new(SYSTEMD).exists() {
            return Err("there is no systemd".to_owned());
        }
        let groups = world.path("cgroup");
        fs::create_dir(&groups).expect("make a folder");
        try_mount("cgroup2", &groups, &[]).map_err(|reason| format!("no cgroup2: {reason}"))?;
        // All sandboxes see the same groups, and each has its own numbers of processes.
        let cgroup = groups.join(world.folder().file_name().expect("a folder has a name"));
        fs::create_dir(&cgroup).map_err(|error| format!("no group of processes can be made: {error}"))?;
        let root = world.path("machine");
        lay_out(world, &root);
        let mut process = host.command("sh");
        process.arg("-c").arg(format!(
            "echo $$ > '{cgroup}/cgroup.procs'
             exec unshare --mount --pid --ipc --uts --cgroup --fork --kill-child sh -c '{inside}'",
            cgroup = cgroup.display(),
            inside = inside(&root),
        ));
        let console = fs::File::create(world.path("console")).expect("make a file");
        process.stdin(Stdio::null()).stdout(console.try_clone().expect("a file has handles")).stderr(console);
        let process = process.spawn().expect("a shell can be run");
        let machine = Self { root, cgroup, process };
        eventually("systemd is there", || machine.try_run("systemctl is-active basic.target").ok());
        Ok(machine)
    }

    /// A file of the machine, seen from here: of its disk, which `/run`, `/tmp` and `/dev` are not.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Runs a command in the machine, which must succeed; what it says.
    pub fn run(&self, line: &str) -> String {
        self.try_run(line).unwrap_or_else(|said| panic!("{line}: {said}\n{}", self.journal()))
    }

    /// A property of a unit.
    pub fn property(&self, unit: &str, name: &str) -> String {
        self.run(&format!("systemctl show --value --property {name} {unit}")).trim().to_owned()
    }

    /// What was logged, the end of it.
    pub fn journal(&self) -> String {
        self.try_run("journalctl --no-pager --lines 200").unwrap_or_else(|said| said)
    }

    fn try_run(&self, line: &str) -> Result<String, String> {
        let first = self.first().ok_or("there is no systemd yet")?;
        let mut command = Command::new("nsenter");
        command.args(["--target", &first, "--all", "--root", "--wd", "/bin/sh", "-c", line]);
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin").env("LC_ALL", "C").stdin(Stdio::null());
        let output = command.output().expect("nsenter can be run");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        if output.status.success() { Ok(said) } else { Err(said) }
    }

    /// The first process of the machine, as it is called here: the child of `unshare`.
    fn first(&self) -> Option<String> {
        let id = self.process.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).ok()?;
        children.split_whitespace().next().map(str::to_owned)
    }
}

impl Drop for Systemd {
    fn drop(&mut self) {
        // With the first process of a namespace end all of it.
        if let Some(first) = self.first().and_then(|first| first.parse().ok()) {
            send_signal(first, "KILL");
        }
        let _ = self.process.wait();
        remove_group(&self.cgroup);
    }
}

/// The files of the machine: this one's programs with the suite above them, and an `/etc` of its own.
fn lay_out(world: &World, root: &Path) {
    fs::create_dir(root).expect("make a folder");
    mount("tmpfs", root, &["-o", "mode=755"]);
    let tree = world.path("tree");
    install(&["--prefix".as_ref(), "/usr".as_ref(), "--destdir".as_ref(), tree.as_ref()]);
    for folder in ["usr", "proc", "sys", "dev", "run", "etc/systemd/system", "var/lib", "var/log", "var/tmp"]
    {
        fs::create_dir_all(root.join(folder)).expect("make a folder");
    }
    for folder in ["tmp", "root", "home", "old"] {
        fs::create_dir_all(root.join(folder)).expect("make a folder");
    }
    for folder in ["bin", "sbin", "lib", "lib64"] {
        symlink(Path::new("usr").join(folder), root.join(folder)).expect("make a link");
    }
    mount("overlay", &root.join("usr"), &["-o", &format!("lowerdir={}/usr:/usr", tree.display())]);
    fs::rename(tree.join("etc/kea"), tree.join("kea")).expect("there are examples of configurations");
    let copied = Command::new("cp").arg("-a").arg(tree.join("kea")).arg(root.join("etc/kea")).status();
    assert!(copied.is_ok_and(|status| status.success()), "copy the examples");
    for file in ["ld.so.cache", "nsswitch.conf"] {
        let _ = fs::copy(Path::new("/etc").join(file), root.join("etc").join(file));
    }
    for (file, text) in [
        ("passwd", "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/usr/sbin/nologin\n"),
        ("group", "root:x:0:\nnogroup:x:65534:\ntty:x:5:\n"),
        ("machine-id", "0123456789abcdef0123456789abcdef\n"),
        ("systemd/system/test.target", "[Unit]\nRequires=basic.target\nAfter=basic.target\n"),
    ] {
        fs::write(root.join("etc").join(file), text).expect("write a file");
    }
    for unit in LEFT_OUT {
        symlink("/dev/null", root.join("etc/systemd/system").join(unit)).expect("make a link");
    }
}

/// What the first process does before it is systemd.
fn inside(root: &Path) -> String {
    format!(
        "set -e
         mount --make-rprivate /
         cd {root}
         mount -t proc proc proc
         mount -t sysfs -o ro sysfs sys
         mount -t cgroup2 cgroup2 sys/fs/cgroup
         mount -t tmpfs -o mode=755 tmpfs run
         mount -t tmpfs -o mode=755 tmpfs dev
         for device in null zero full random urandom tty; do
             touch dev/$device
             mount --bind /dev/$device dev/$device
         done
         ln -s /proc/self/fd dev/fd
         ln -s pts/ptmx dev/ptmx
         touch dev/console
         pivot_root . old
         umount -l /old
         exec env -i container=kotare PATH=/usr/sbin:/usr/bin {SYSTEMD} --system --unit=test.target \
             --log-target=journal --show-status=no",
        root = root.display()
    )
}

fn mount(kind: &str, place: &Path, options: &[&str]) {
    try_mount(kind, place, options).unwrap_or_else(|reason| panic!("{}: {reason}", place.display()));
}

fn try_mount(kind: &str, place: &Path, options: &[&str]) -> Result<(), String> {
    let output = Command::new("mount").args(["-t", kind, kind]).args(options).arg(place).output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// Removes a group of processes that have ended, with those below it.
fn remove_group(group: &Path) {
    let folders = fs::read_dir(group).into_iter().flatten().flatten().map(|entry| entry.path());
    folders.filter(|path| path.is_dir()).for_each(|below| remove_group(&below));
    let _ = fs::remove_dir(group);
}
