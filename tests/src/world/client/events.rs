//! What clients tell their script.

use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::world::programs;

/// Written for each client of DHCPv4: does what the client leaves to a script, then writes down what it was told. `dhclient`
/// declines an address when its script fails.
pub(super) const SCRIPT: &str = r#"
reason=$(echo "${1:-$reason}" | tr A-Z a-z)
address=${new_ip_address:-$ip}
mask=${new_subnet_mask:-${subnet:-255.255.255.0}}
routers=${new_routers:-$router}
configure() {
    [ -n "$address" ] || return 0
    $ip_program -4 address replace "$address/$mask" dev "$interface"
    for router in $routers; do
        $ip_program route replace default via "$router" dev "$interface"
        break
    done
}
if [ -z "$by_itself" ]; then
    case $reason in
    preinit) $ip_program link set "$interface" up ;;
    bound | reboot)
        $ip_program -4 address flush dev "$interface"
        if [ -e "$folder/detect-conflicts" ] &&
            ! $busybox arping -D -q -c 2 -w 2 -I "$interface" "$address"; then
            reason=conflict
        else
            configure
        fi ;;
    renew | rebind) configure ;;
    deconfig | expire | fail | release | stop) $ip_program -4 address flush dev "$interface" ;;
    esac
fi
env >"$folder/told"
printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$reason" "address=$address" \
    "server=${new_dhcp_server_identifier:-$serverid}" "lifetime=${new_dhcp_lease_time:-$lease}" \
    "routers=$routers" "name-servers=${new_domain_name_servers:-$dns}" >>"$folder/events"
[ "$reason" != conflict ]
"#;

/// Something a client told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Why it called its script, in lower case.
    pub reason: String,
    values: BTreeMap<String, String>,
}

impl Event {
    /// Something it told under a name of the script's; empty if it did not.
    pub(super) fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// The address it was about.
    pub fn address(&self) -> Ipv4Addr {
        self.values["address"].parse().unwrap_or_else(|_| panic!("an address: {self:?}"))
    }

    /// The server that gave it.
    pub fn server(&self) -> Ipv4Addr {
        self.values["server"].parse().unwrap_or_else(|_| panic!("a server: {self:?}"))
    }

    /// For how many seconds.
    pub fn lifetime(&self) -> u32 {
        self.values["lifetime"].parse().unwrap_or_else(|_| panic!("a lifetime: {self:?}"))
    }

    /// The routers of the network, with spaces between them.
    pub fn routers(&self) -> &str {
        &self.values["routers"]
    }

    /// The name servers, with spaces between them.
    pub fn name_servers(&self) -> &str {
        &self.values["name-servers"]
    }
}

/// The events of one client, read once each.
#[derive(Debug)]
pub(super) struct Events {
    folder: PathBuf,
    read: usize,
}

impl Events {
    /// Those of a client whose `script` is written into this folder, too.
    pub(super) fn new(folder: &Path, script: &str) -> Self {
        let [shown, ip] = [folder.to_owned(), programs::find("ip")].map(|path| path.display().to_string());
        let busybox = programs::partner_or_system("busybox").display().to_string();
        let libraries = programs::libraries().unwrap_or_default();
        let libraries = libraries.to_string_lossy();
        let top = format!(
            "#!/bin/sh\nexport PATH=/usr/sbin:/usr/bin:/sbin:/bin LD_LIBRARY_PATH='{libraries}'\n\
             folder='{shown}' ip_program='{ip}' busybox='{busybox}'\n"
        );
        for (name, what_it_does) in [("script", ""), ("notes", "by_itself=1\n")] {
            let path = folder.join(name);
            fs::write(&path, format!("{top}{what_it_does}{script}")).expect("write the client's script");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("make it a program");
        }
        Self { folder: folder.to_owned(), read: 0 }
    }

    /// From now on addresses are checked for conflicts before they are taken.
    pub(super) fn detect_conflicts(&self) {
        fs::write(self.folder.join("detect-conflicts"), "").expect("write into the client's folder");
    }

    /// The next one with one of these reasons, if it happened.
    pub(super) fn next(&mut self, reasons: &[&str]) -> Option<Event> {
        let text = self.text();
        for line in complete_lines(&text).skip(self.read) {
            self.read += 1;
            let event = event(line);
            if reasons.contains(&event.reason.as_str()) {
                return Some(event);
            }
        }
        None
    }

    /// Passes over all there are.
    pub(super) fn skip(&mut self) {
        self.read = complete_lines(&self.text()).count();
    }

    /// A variable of the environment that the script was called with last.
    pub(super) fn told(&self, name: &str) -> Option<String> {
        let environment = fs::read_to_string(self.folder.join("told")).unwrap_or_default();
        let mut variables = environment.lines().filter_map(|line| line.split_once('='));
        variables.find(|(variable, _)| *variable == name).map(|(_, value)| value.to_owned())
    }

    fn text(&self) -> String {
        fs::read_to_string(self.folder.join("events")).unwrap_or_default()
    }
}

fn complete_lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'))
}

fn event(line: &str) -> Event {
    let mut fields = line.split('\t');
    let reason = fields.next().unwrap_or_default().to_owned();
    let values = fields.filter_map(|field| field.split_once('='));
    Event { reason, values: values.map(|(name, value)| (name.to_owned(), value.to_owned())).collect() }
}
