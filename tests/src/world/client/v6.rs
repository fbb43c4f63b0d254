//! Clients of DHCPv6: ISC's `dhclient` and `dhcpcd`.

use std::fs;
use std::net::Ipv6Addr;
use std::process::Command;

use super::events::Event;
use super::process::Process;
use super::{dhclient, dhcpcd};
use crate::world::{Host, World};

/// What a client calls it when it has something for the first time or again.
const LEASED: [&str; 4] = ["bound", "reboot", "rebind", "delegated"];

/// Which client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client6Program {
    /// ISC's. After a restart it asks whether its addresses fit the link (CONFIRM).
    Dhclient,
    /// Roy Marples'.
    Dhcpcd,
}

impl Client6Program {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Dhclient, Self::Dhcpcd];

    /// The program's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dhclient => "dhclient",
            Self::Dhcpcd => "dhcpcd",
        }
    }
}

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// An address (IA_NA).
    Address,
    /// A prefix (IA_PD).
    Prefix,
    /// One of each.
    Both,
    /// Options alone (INFORMATION-REQUEST).
    Options,
}

impl Wish {
    /// Whether an address is among it.
    pub(super) fn address(self) -> bool {
        matches!(self, Self::Address | Self::Both)
    }

    /// Whether a prefix is among it.
    pub(super) fn prefix(self) -> bool {
        matches!(self, Self::Prefix | Self::Both)
    }
}

/// A client of one interface of a host. Killed when dropped.
#[derive(Debug)]
pub struct Client6 {
    program: Client6Program,
    wish: Wish,
    process: Process,
}

/// What a client has of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease6 {
    /// The address, if it asked for one.
    pub address: Option<Ipv6Addr>,
    /// The prefix, if it asked for one: `2001:db8::/56`.
    pub prefix: Option<String>,
    /// The last that it told of it.
    pub told: Event6,
}

/// Something a client told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event6(Event);

impl Event6 {
    /// Why it called its script, in lower case and without the 6 at its end.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The addresses it was about.
    pub fn addresses(&self) -> Vec<Ipv6Addr> {
        let words = self.0.value("addresses").split(' ').filter(|word| !word.is_empty());
        words.map(|word| word.parse().unwrap_or_else(|_| panic!("addresses: {self:?}"))).collect()
    }

    /// The prefixes it was about, `2001:db8::/56`.
    pub fn prefixes(&self) -> Vec<String> {
        let words = self.0.value("prefixes").split(' ').filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    }

    /// The DUID of the server, as Kea writes it: bytes with colons between them.
    pub fn server(&self) -> String {
        let shown = self.0.value("server");
        let bytes: Vec<String> = match shown.contains(':') {
            true => shown.split(':').map(|byte| format!("{byte:0>2}")).collect(),
            false => (0..shown.len() / 2).map(|at| shown[2 * at..2 * at + 2].to_owned()).collect(),
        };
        bytes.join(":")
    }

    /// For how many seconds it is valid, and preferred.
    pub fn lifetimes(&self) -> (u32, u32) {
        let number =
            |name| self.0.value(name).parse().unwrap_or_else(|_| panic!("{name} is a number: {self:?}"));
        (number("valid"), number("preferred"))
    }

    /// The name servers, with spaces between them.
    pub fn name_servers(&self) -> &str {
        self.0.value("name-servers")
    }
}

impl Client6 {
    /// A client that is not running yet.
    pub fn new(world: &World, host: &Host, interface: &str, program: Client6Program, wish: Wish) -> Self {
        let process = Process::new(world, host, interface, program.name(), SCRIPT);
        Self { program, wish, process }
    }

    /// More lines of the configuration file of `dhclient` or `dhcpcd`, from its next start on.
    pub fn configure(&mut self, lines: &[&str]) {
        self.process.lines.extend(lines.iter().map(|line| (*line).to_owned()));
    }

    /// More words for the client's command line, from its next start on.
    pub fn arguments(&mut self, words: &[&str]) {
        self.process.arguments.extend(words.iter().map(|word| (*word).to_owned()));
    }

    /// Has `dhclient` find out whether an address is in use before it takes it (RFC 4862 §5.4); it declines then.
    pub fn detect_conflicts(&mut self) {
        self.process.host.detect_duplicates(&self.process.interface);
        self.process.events.detect_conflicts();
    }

    /// Has it accept a REPLY to its SOLICIT (RFC 9915 §18.2.1), if it does not anyway.
    pub fn commit_rapidly(&mut self) {
        fs::write(self.process.folder.join("rapid-commit"), "").expect("write into the client's folder");
    }

    /// Starts it; what it remembers of earlier leases it will use.
    pub fn start(&mut self) {
        let mut command = self.command(&[]);
        self.process.start(&mut command);
    }

    /// Starts it and waits until it has what it asks for.
    pub fn obtain(&mut self) -> Lease6 {
        self.start();
        self.leased()
    }

    /// Waits until it has what it asks for. `dhclient` tells of addresses and prefixes one by one.
    pub fn leased(&mut self) -> Lease6 {
        let (mut address, mut prefix) = (None, None);
        loop {
            let told = self.next(&LEASED);
            address = address.or_else(|| told.addresses().first().copied());
            prefix = prefix.or_else(|| told.prefixes().first().cloned());
            if address.is_some() >= self.wish.address() && prefix.is_some() >= self.wish.prefix() {
                let lease = Lease6 { address, prefix, told };
                if self.program == Client6Program::Dhclient {
                    dhclient::wait_until_remembered_6(&self.process, &lease);
                }
                return lease;
            }
        }
    }

    /// Has it renew now, and waits until that is done. `dhclient` cannot be asked: it renews when T1 comes.
    pub fn renew(&mut self) -> Event6 {
        if self.program == Client6Program::Dhcpcd {
            let mut command = self.command(&["--renew"]);
            self.process.finish(&mut command);
        }
        self.next(&["renew"])
    }

    /// Has it give back what it has and end.
    pub fn release(&mut self) {
        let word = match self.program {
            Client6Program::Dhclient => "-r",
            Client6Program::Dhcpcd => "--release",
        };
        let mut command = self.command(&[word]);
        self.process.finish(&mut command);
        self.process.ended();
    }

    /// Ends it as a power cut would: no last message, and the interface loses its addresses.
    pub fn kill(&mut self) {
        self.process.kill();
        self.process.host.ip(&format!("-6 address flush dev {} scope global", self.process.interface));
    }

    /// Waits for the next event with one of these reasons (`bound`, `renew`, `rebind`, `reboot`, `expire`, `inform` …);
    /// what came before it is passed over.
    pub fn next(&mut self, reasons: &[&str]) -> Event6 {
        Event6(self.process.next_of(reasons, |_| true))
    }

    /// The addresses its interface has of servers now.
    pub fn addresses(&self) -> Vec<Ipv6Addr> {
        self.process.host.addresses6(&self.process.interface)
    }

    /// What it told its script last under a name of its own, if anything.
    pub fn told(&self, name: &str) -> Option<String> {
        self.process.events.told(name)
    }

    /// Its host.
    pub fn host(&self) -> &Host {
        &self.process.host
    }

    /// What it printed so far.
    pub fn log(&self) -> String {
        self.process.log()
    }

    fn command(&self, words: &[&str]) -> Command {
        match self.program {
            Client6Program::Dhclient => dhclient::command_6(&self.process, self.wish, words),
            Client6Program::Dhcpcd => dhcpcd::command_6(&self.process, self.wish, words),
        }
    }
}

/// Written for each client: does what `dhclient` leaves to a script, then writes down what it was told. `dhclient` declines
/// an address when its script ends with 3.
const SCRIPT: &str = r#"
reason=$(echo "$reason" | tr A-Z a-z)
reason=${reason%6}
valued() { env | sed -n "s/^\($1\)=\(.*\)/\2/p" | sort -u | tr '\n' ' ' | sed 's/ $//'; }
addresses=$(valued 'new_ip6_address\|new_dhcp6_ia_na[0-9]*_ia_addr[0-9]*')
prefixes=$new_ip6_prefix
for name in $(env | sed -n 's/^\(new_dhcp6_ia_pd[0-9]*_prefix[0-9]*\)=.*/\1/p' | sort); do
    eval "prefixes=\"\$prefixes \$$name/\$${name}_length\""
done
valid=$(valued 'new_max_life\|new_dhcp6_ia_.._vltime\|new_dhcp6_ia_..[0-9]*_.*[0-9]_vltime')
preferred=$(valued 'new_preferred_life\|new_dhcp6_ia_..[0-9]*_.*[0-9]_pltime')
own=$new_ip6_address/${new_ip6_prefixlen:-128}
own_that_is() { $ip_program -6 address show dev "$interface" to "$own" $1; }
status=0
if [ -z "$by_itself" ]; then
    case $reason in
    preinit) $ip_program link set "$interface" up ;;
    bound | renew | rebind)
        if [ -n "$new_ip6_address" ]; then
            $ip_program -6 address replace "$own" dev "$interface" \
                valid_lft "$new_max_life" preferred_lft "$new_preferred_life"
            if [ -e "$folder/detect-conflicts" ]; then
                # The kernel takes away what it finds in use.
                while [ -n "$(own_that_is tentative)" ]; do $busybox usleep 50000; done
                [ -n "$(own_that_is)" ] || reason=conflict status=3
            fi
        fi ;;
    expire | release | stop)
        [ -z "$old_ip6_address" ] || $ip_program -6 address delete "$old_ip6_address" dev "$interface" ;;
    esac
fi
env >"$folder/told"
printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$reason" "addresses=$addresses" "prefixes=${prefixes# }" \
    "server=$new_dhcp6_server_id" "valid=$valid" "preferred=$preferred" \
    "name-servers=$new_dhcp6_name_servers" >>"$folder/events"
exit $status
"#;
