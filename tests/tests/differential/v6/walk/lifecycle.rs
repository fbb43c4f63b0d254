//! Walks over leases that servers find when they begin: in every state, ended and not, in the right subnet and not.

use std::fmt::Write;

use kotare_model::Chance;
use serde_json::{Value, json};

use super::drawn::{Level, each, once_in, one_of};
use super::{plain_networks, play_each, walk};
use crate::v6::configuration::configuration;
use crate::v6::query::duid;
use crate::v6::stage::{Act, unix_seconds};

/// What a lease file begins with.
const HEADER: &str = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,\
                      fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source";

/// Leases that have ended and are not reclaimed, or reclaimed, declined, or of other subnets.
#[test]
fn a_walk_over_old_leases() {
    play_each(
        "lifecycle::a_walk_over_old_leases",
        &[1, 2, 3],
        |seed| {
            let mut noise = Chance::new(seed);
            let leases = lease_file(&mut noise, 60, &[1000, 3000, 90_000], [1800, 3600]);
            Act { seed, leases, dhcp6: drawn(), ..Act::default() }
        },
        &[("old leases", |side| walk(side, true))],
    );
}

fn drawn() -> Value {
    let mut dhcp6 = configuration(plain_networks());
    // Nobody has a hardware address: Kea 2.2 leaves the former client's in a lease that it gives to another one.
    dhcp6["mac-sources"] = json!(["docsis-modem"]);
    // Whose lease has ended Kea gives to others as if it was free, ours when nothing else is: here nothing else ever is.
    each(&mut dhcp6, &mut |level, scope| match level {
        Level::Pool => {
            let text = scope["pool"].as_str().expect("a pool");
            scope["pool"] = format!("{}/128", text.split(' ').next().unwrap_or_default()).into();
        }
        Level::PrefixPool => scope["prefix-len"] = 56.into(),
        _ => {}
    });
    for number in [0, 3] {
        dhcp6["subnet6"][number]["pd-pools"].as_array_mut().expect("pools").truncate(1);
    }
    // Nothing is reclaimed on the way.
    dhcp6["expired-leases-processing"] = json!({"reclaim-timer-wait-time": 0, "hold-reclaimed-time": 0});
    dhcp6
}

/// A lease file with up to so many leases of these ages, which were preferred and valid for so long.
fn lease_file(noise: &mut Chance, count: usize, ages: &[u64], [preferred, valid]: [u64; 2]) -> String {
    let now = unix_seconds();
    let mut text = HEADER.to_owned() + "\n";
    let mut taken = Vec::new();
    for _ in 0..count {
        let client = noise.below(9) as u16;
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":");
        let number = 1 + noise.below(5);
        let is_prefix = once_in(noise, 3);
        let (address, kind, len) = if is_prefix {
            let high = if number == 1 {
                one_of(noise, &["8000", "8100"]).to_owned()
            } else {
                format!("8{number}00")
            };
            (format!("2001:db8:{high}::"), 2, 56)
        } else {
            (format!("2001:db8:{number}::100"), 0, 128)
        };
        let iaid = one_of(noise, &[1, 1, 2, 3, 11]);
        // An association has one lease on a link: Kea tells who asks again of the first only.
        let ia = format!("{client} {kind} {iaid} {number}");
        if taken.contains(&address) || taken.contains(&ia) {
            continue;
        }
        taken.extend([address.clone(), ia]);
        let end = now + valid - one_of(noise, ages);
        let (fwd, name) = match noise.below(6) {
            0 => (1, "myhost.example.com."),
            1 => (0, "myhost."),
            _ => (0, ""),
        };
        let duid = hex(&duid(client));
        let _ = writeln!(
            text,
            "{address},{duid},{valid},{end},{number},{preferred},{kind},{iaid},{len},{fwd},{fwd},{name},,0,,,"
        );
    }
    text
}
