//! A module that puts clients into classes by what they say of their vendor, and does not answer some of them.
//!
//! ```json
//! {"MSFT": "windows", "docsis": "modems", "badware": ""}
//! ```
//!
//! A key is how the vendor class begins: option 60 in DHCPv4, the first of option 16 in DHCPv6. The value is the class; if it is
//! empty, the client is not answered. The longest key that fits counts. Leases of those who have no class hold an hour at most.

wit_bindgen::generate!({ path: "../../../lib/wasm/wit", world: "module" });

#[path = "../../flat.rs"]
mod flat;

use std::collections::BTreeMap;
use std::sync::Mutex;

/// What the module was given.
struct Vendors {
    protocol: Protocol,
    classes: BTreeMap<String, String>,
}

/// An instance is made ready once, and asked by one thread at a time.
static VENDORS: Mutex<Option<Vendors>> = Mutex::new(None);

/// How long those have a lease whose vendor is not known, in seconds.
const LONGEST: u32 = 3600;

struct VendorClass;

export!(VendorClass);

impl Guest for VendorClass {
    fn init(protocol: Protocol, parameters: String) -> Result<Vec<Point>, String> {
        let classes = flat::read(&parameters)?;
        *VENDORS.lock().unwrap() = Some(Vendors { protocol, classes });
        Ok(vec![Point::Received, Point::Lease])
    }

    fn received(query: Query) -> ReceivedVerdict {
        match class(&query) {
            Some(class) if class.is_empty() => ReceivedVerdict::Drop,
            class => ReceivedVerdict::GoOn(class.into_iter().collect()),
        }
    }

    fn lease(query: Query, lease: Lease) -> LeaseVerdict {
        match class(&query) {
            None if lease.valid_lifetime > LONGEST => {
                LeaseVerdict::HoldFor(Lifetimes { valid: LONGEST, preferred: None })
            }
            _ => LeaseVerdict::GoOn,
        }
    }

    // It does not ask for these points.

    fn subnet(_: Query, _: Option<u32>) -> SubnetVerdict {
        SubnetVerdict::GoOn
    }

    fn reply(_: Query, _: Reply) -> Vec<Edit> {
        Vec::new()
    }
}

/// The class of a client by its vendor.
fn class(query: &Query) -> Option<String> {
    let vendors = VENDORS.lock().unwrap();
    let Vendors { protocol, classes } = vendors.as_ref().unwrap();
    let value = |code| query.options.iter().find(|option| option.code == code).map(|option| &option.value[..]);
    let vendor = match protocol {
        Protocol::Dhcpv4 => value(60)?,
        // The number of the enterprise, and the length of the first text.
        Protocol::Dhcpv6 => value(16)?.get(6..)?,
    };
    let fitting = classes.iter().filter(|(start, _)| vendor.starts_with(start.as_bytes()));
    fitting.max_by_key(|(start, _)| start.len()).map(|(_, class)| class.clone())
}
