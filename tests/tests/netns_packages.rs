//! The package for Debian, in a Debian of its own: installed, in the place of Kea's packages, upgraded, purged.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kotare_tests::tell;
use kotare_tests::world::{ClientProgram, Lan, World, debian, eventually, package, sandboxed};

const CONFIGURATION: &str = "etc/kea/kea-dhcp4.conf";
const LEASES: &str = "var/lib/kea/kea-leases4.csv";
const UNIT: &str = "usr/lib/systemd/system/kea-dhcp4-server.service";
const ENABLED: &str = "etc/systemd/system/multi-user.target.wants/kea-dhcp4-server.service";

/// In the place of what talks to systemd, which does not run: notes what it is asked, and knows what is enabled.
const RECORDER: &str = "#!/bin/sh
echo \"${0##*/} $*\" >> /calls
case \"$*\" in
*is-enabled*) for unit; do :; done; test -L /etc/systemd/system/multi-user.target.wants/$unit ;;
*is-active*) false ;;
esac
";

/// A Debian that is gone with the test: changes are in a layer of memory.
struct Debian {
    root: PathBuf,
}

impl Debian {
    /// In a world; `None`, told, where `cargo xtask test` could make none.
    fn of(world: &World) -> Option<Self> {
        let Some(lower) = debian() else {
            tell("skipped: there is no Debian to install packages in; `cargo xtask test` makes one as root");
            return None;
        };
        let layers = world.path("debian");
        let [root, upper, work] = ["root", "upper", "work"].map(|name| layers.join(name));
        fs::create_dir(&layers).expect("make a folder");
        mount(&["-t", "tmpfs", "tmpfs"], &layers);
        for folder in [&root, &upper, &work] {
            fs::create_dir(folder).expect("make a folder");
        }
        let [lower, up, work] = [&lower, &upper, &work].map(|path| path.display());
        let options = format!("lowerdir={lower},upperdir={up},workdir={work}");
        mount(&["-t", "overlay", "overlay", "-o", &options], &root);
        mount(&["-t", "proc", "proc"], &root.join("proc"));
        fs::create_dir_all(root.join("run/systemd/system")).expect("make a folder");
        for program in ["systemctl", "deb-systemd-invoke"] {
            let place = root.join("usr/bin").join(program);
            fs::write(&place, RECORDER).expect("write a program");
            fs::set_permissions(place, fs::Permissions::from_mode(0o755)).expect("make it one");
        }
        Some(Self { root })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Runs a command in it, which must succeed and ask nothing; what it says.
    fn run(&self, line: &str) -> String {
        let mut command = Command::new("chroot");
        command.arg(&self.root).args(["/bin/sh", "-c", line]).env_clear().stdin(Stdio::null());
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C");
        let output = command.output().expect("chroot can be run");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{line} ended with {}:\n{said}", output.status);
        said
    }

    /// Installs packages by name or by file.
    fn install(&self, packages: &str) -> String {
        self.run(&format!("apt-get -q -y --no-install-recommends install {packages}"))
    }

    /// Puts our package into it, of this revision; its name there.
    fn bring(&self, revision: u32) -> String {
        let file = package(&self.path("tmp"), revision);
        format!("/tmp/{}", file.file_name().expect("a package has a name").to_string_lossy())
    }

    /// Enables the server, as systemd would.
    fn enable(&self) {
        self.run(&format!("mkdir -p $(dirname /{ENABLED}) && ln -sf /{UNIT} /{ENABLED}"));
    }

    /// What was asked of systemd since the last time.
    fn calls(&self) -> String {
        let calls = self.text("calls");
        let _ = fs::remove_file(self.path("calls"));
        calls
    }

    /// Permissions, owner and group of a file, in words of this system.
    fn owner(&self, name: &str) -> String {
        self.run(&format!("stat -c '%a %U %G' /{name}")).trim().to_owned()
    }

    /// Starts the server as its unit does: as the user, with the capabilities of the unit and no others.
    fn serve(&self, lan: &Lan<'_>) -> Serving {
        let mut command = lan.server.command("chroot");
        command.arg(&self.root).args(["/usr/bin/setpriv", "--reuid=_kea", "--regid=_kea", "--init-groups"]);
        let kept = "+net_bind_service,+net_raw";
        command.args([format!("--inh-caps={kept}"), format!("--ambient-caps={kept}")]);
        command.args(["/usr/sbin/kea-dhcp4", "-c", "/etc/kea/kea-dhcp4.conf"]);
        command.env_remove("LD_LIBRARY_PATH").stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = command.spawn().expect("the server can be started");
        eventually("the server opens its control socket", || {
            let ended = child.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "the server ended with {ended:?}");
            self.path("run/kea/kea4-ctrl-socket").exists().then_some(())
        });
        Serving(child)
    }
}

/// A server that ends with its test.
struct Serving(std::process::Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn mount(arguments: &[&str], place: &Path) {
    let status = Command::new("mount").args(arguments).arg(place).status();
    assert!(status.is_ok_and(|status| status.success()), "mount {arguments:?} {}", place.display());
}

/// A fresh system has everything for a server, whose user may do what it must; nothing was started. To purge the package
/// leaves nothing but what the server wrote.
#[test]
fn a_fresh_system_can_serve() {
    sandboxed("a_fresh_system_can_serve", |world| {
        let Some(debian) = Debian::of(world) else { return };
        let lan = world.lan();
        debian.install(&format!("logrotate {}", debian.bring(1)));
        assert_eq!(debian.owner("etc/kea"), "770 root _kea");
        assert_eq!(debian.owner(CONFIGURATION), "640 root _kea");
        for directory in ["run/kea", "var/lib/kea", "var/log/kea"] {
            assert_eq!(debian.owner(directory), "750 _kea _kea");
        }
        assert!(!debian.path(ENABLED).is_symlink(), "nobody said that it is to run");
        let calls = debian.calls();
        assert!(calls.contains("daemon-reload") && !calls.contains("start kea"), "{calls}");
        assert_eq!(debian.run("dpkg --verify kotare"), "");

        let server = debian.serve(&lan);
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        let address = client.obtain().address().to_string();
        assert!(debian.text(LEASES).contains(&address), "{}", debian.text(LEASES));
        drop(server);

        debian.run("setpriv --reuid=_kea --regid=_kea --clear-groups sh -c 'umask 027; echo old > /var/log/kea/a.log'");
        debian.run("logrotate --force /etc/logrotate.d/kea");
        assert_eq!(debian.text("var/log/kea/a.log"), "");
        let rotated = debian.run("cat /var/log/kea/a.log-*");
        assert_eq!(rotated, "old\n");

        debian.run("dpkg --purge kotare");
        assert!(debian.calls().contains("deb-systemd-invoke stop kea-dhcp4-server.service"));
        for gone in ["etc/kea", "usr/sbin/kea-dhcp4", "etc/logrotate.d/kea", UNIT, "usr/share/doc/kea"] {
            assert!(!debian.path(gone).exists(), "{gone}");
        }
        assert!(debian.path(LEASES).exists(), "another Kea may go on with the leases");
    });
}

/// Debian's Kea gives way without a question: what was configured, leased and enabled stays, and what remains of Kea's
/// packages can be purged.
#[test]
fn kea_s_packages_are_replaced() {
    sandboxed("kea_s_packages_are_replaced", |world| {
        let Some(debian) = Debian::of(world) else { return };
        let lan = world.lan();
        debian.install("kea-dhcp4-server kea-admin kea-ctrl-agent");
        debian.enable();
        let written = debian.text(CONFIGURATION);
        let configured = written.replace("\"interfaces\": [ ]", "\"interfaces\": [ \"eth0\" ]");
        let configured = configured
            .replace("192.0.2.1 - 192.0.2.200", "192.0.2.50 - 192.0.2.50")
            .replace("\"code\": 15,", "\"code\": 15, // mine");
        assert!(configured != written && configured.contains("// mine"), "{written}");
        fs::write(debian.path(CONFIGURATION), &configured).expect("edit the configuration");
        let leases = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,\
                      user_context\n192.0.2.77,02:00:00:00:77:77,,4294967295,4294967295,1,0,0,kept,0,\n";
        debian.run("install -d -m 755 -o _kea -g _kea /var/lib/kea");
        fs::write(debian.path(LEASES), leases).expect("write leases");
        debian.run(&format!("chown _kea:_kea /{LEASES}"));
        debian.calls();

        let said = debian.install(&debian.bring(1));
        assert!(said.contains("Removing kea-dhcp4-server"), "{said}");
        assert_eq!(debian.text(CONFIGURATION), configured);
        assert_eq!(debian.text(LEASES), leases);
        assert!(debian.calls().contains("deb-systemd-invoke restart kea-dhcp4-server.service"));
        assert!(debian.text(UNIT).contains("Kotare"));
        assert!(!debian.run("dpkg-divert --list").contains("kea"), "no name is given away for good");
        assert!(debian.path("etc/apparmor.d/disable/usr.sbin.kea-dhcp4").is_symlink());

        debian.run("dpkg --purge kea-dhcp4-server kea-common kea-ctrl-agent");
        assert_eq!(debian.text(CONFIGURATION), configured);
        assert!(debian.text(UNIT).contains("Kotare"));
        let _server = debian.serve(&lan);
        let dump = "kea-admin lease-dump memfile -4 --output /tmp/dump";
        debian.run(dump);
        assert!(
            debian.text("tmp/dump").contains("192.0.2.77,02:00:00:00:77:77"),
            "{}",
            debian.text("tmp/dump")
        );
    });
}

/// `dpkg` alone, which takes Kea's files away after ours have come, leaves ours; and the next revision of the package keeps
/// what was edited, and restarts what is to run.
#[test]
fn the_next_version_keeps_what_was_edited() {
    sandboxed("the_next_version_keeps_what_was_edited", |world| {
        let Some(debian) = Debian::of(world) else { return };
        debian.install("kea-dhcp4-server");
        debian.enable();
        debian.run(&format!("dpkg --install --force-depends {}", debian.bring(1)));
        for name in [UNIT, "usr/sbin/kea-lfc", "usr/share/man/man8/kea-dhcp4.8.gz"] {
            assert!(debian.path(name).exists(), "{name}");
        }
        assert!(!debian.run("dpkg-divert --list").contains("kea"));

        let edited = debian.text(CONFIGURATION) + "// mine\n";
        fs::write(debian.path(CONFIGURATION), &edited).expect("edit the configuration");
        let program = fs::metadata(debian.path("usr/sbin/kea-dhcp4")).expect("it is there").ino();
        debian.calls();
        debian.install(&debian.bring(2));
        assert_eq!(debian.text(CONFIGURATION), edited);
        assert_ne!(fs::metadata(debian.path("usr/sbin/kea-dhcp4")).expect("it is there").ino(), program);
        let calls = debian.calls();
        assert!(calls.contains("deb-systemd-invoke restart kea-dhcp4-server.service"), "{calls}");
        assert!(!calls.contains("deb-systemd-invoke stop"), "{calls}");
    });
}
