//! A realm of Kerberos, with the KDC of Debian's packages.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use kotare_tests::world::{Host, World, eventually, partner, partner_file};

/// The principal of the DNS server.
pub(crate) const SERVER: &str = "DNS/server.example.org@EXAMPLE.ORG";
/// The principal of who updates.
pub(crate) const CLIENT: &str = "DHCP/admin.example.org@EXAMPLE.ORG";

/// Where the packages have what keeps principals.
const PLUGINS: &str = "usr/lib/x86_64-linux-gnu/krb5/plugins/kdb";

/// The realm `EXAMPLE.ORG`, with [`SERVER`] and [`CLIENT`] and a file of keys of each; the KDC is killed when dropped.
#[derive(Debug)]
pub(crate) struct Realm {
    host: Host,
    folder: PathBuf,
    kdc: Option<Child>,
}

impl Realm {
    /// Makes the realm and starts its KDC at 127.0.0.1; `None` where the packages are not unpacked.
    pub(crate) fn start(world: &World, host: &Host) -> Option<Self> {
        partner("krb5kdc")?;
        let plugins = partner_file(PLUGINS)?;
        let folder = world.path("kerberos");
        fs::create_dir_all(&folder).expect("make the folder of the realm");
        let here = folder.display();
        let client = format!(
            "[libdefaults]\n default_realm = EXAMPLE.ORG\n dns_lookup_kdc = false\n dns_lookup_realm = false\n \
             dns_canonicalize_hostname = false\n rdns = false\n\
             [realms]\n EXAMPLE.ORG = {{\n  kdc = 127.0.0.1\n }}\n[dbmodules]\n db_module_dir = {}\n",
            plugins.display()
        );
        fs::write(folder.join("krb5.conf"), client).expect("write the configuration");
        let kdc = format!(
            "[realms]\n EXAMPLE.ORG = {{\n  database_name = {here}/principal\n  key_stash_file = {here}/stash\n  \
             acl_file = {here}/acl\n  kdc_listen = 127.0.0.1:88\n  kdc_tcp_listen = 127.0.0.1:88\n  \
             max_life = 10h 0m 0s\n  supported_enctypes = aes256-cts:normal\n }}\n\
             [logging]\n kdc = FILE:{here}/kdc.log\n"
        );
        fs::write(folder.join("kdc.conf"), kdc).expect("write the configuration");
        let mut realm = Self { host: host.clone(), folder, kdc: None };
        realm.run("kdb5_util", &["create", "-s", "-P", "secret"]);
        for (principal, keytab) in [(SERVER, "dns.keytab"), (CLIENT, "dhcp.keytab")] {
            realm.run("kadmin.local", &["addprinc", "-randkey", principal]);
            realm.run("kadmin.local", &["ktadd", "-k", &realm.keytab(keytab), principal]);
        }
        realm.open();
        Some(realm)
    }

    /// The path of a file of keys.
    pub(crate) fn keytab(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Starts the KDC.
    pub(crate) fn open(&mut self) {
        let mut command = self.command("krb5kdc");
        command.arg("-n").stdout(Stdio::null()).stderr(Stdio::null());
        self.kdc = Some(command.spawn().expect("the KDC can be started"));
        let begun = || fs::read_to_string(self.folder.join("kdc.log")).unwrap_or_default();
        eventually("the KDC has begun", || begun().contains("commencing operation").then_some(()));
    }

    /// Ends the KDC.
    pub(crate) fn close(&mut self) {
        if let Some(mut kdc) = self.kdc.take() {
            let _ = kdc.kill();
            let _ = kdc.wait();
        }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.host.command(partner(program).expect("it is unpacked with the KDC"));
        command.env("KRB5_CONFIG", self.folder.join("krb5.conf")).stdin(Stdio::null());
        command.env("KRB5_KDC_PROFILE", self.folder.join("kdc.conf")).env("KRB5RCACHENAME", "none:");
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let output = self.command(program).args(arguments).output().expect("it can be started");
        assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
    }
}

impl Drop for Realm {
    fn drop(&mut self) {
        self.close();
    }
}
