//! A module that gives each client an option with a value of its own, from a table in its parameters.
//!
//! ```json
//! {"option": "224", "02:00:00:00:00:01": "the blue room", "00:03:00:01:02:00:00:00:00:02": "the hall", "*": "anywhere"}
//! ```
//!
//! `option` is the code. A value that begins with `0x` is bytes, any other a text. Clients are found by their hardware address, or
//! else by their client identifier (DHCPv4) or DUID (DHCPv6); those that are not in the table get what `*` says, if that is there.

wit_bindgen::generate!({ path: "../../../lib/wasm/wit", world: "module" });

#[path = "../../flat.rs"]
mod flat;

use std::collections::BTreeMap;
use std::sync::Mutex;

/// What the module was given.
struct Table {
    code: u16,
    values: BTreeMap<String, Vec<u8>>,
}

/// An instance is made ready once, and asked by one thread at a time.
static TABLE: Mutex<Option<Table>> = Mutex::new(None);

struct OptionTable;

export!(OptionTable);

impl Guest for OptionTable {
    fn init(_: Protocol, parameters: String) -> Result<Vec<Point>, String> {
        let mut texts = flat::read(&parameters)?;
        let code = texts.remove("option").ok_or("'option' is missing")?;
        let code = code.parse().map_err(|_| format!("'option' is no code: {}", code))?;
        let values = texts.into_iter().map(|(client, text)| Ok((client, bytes(&text)?)));
        let values: BTreeMap<_, _> = values.collect::<Result<_, String>>()?;
        log(&format!("option {} for {} clients", code, values.len()));
        *TABLE.lock().unwrap() = Some(Table { code, values });
        Ok(vec![Point::Reply])
    }

    fn reply(query: Query, _: Reply) -> Vec<Edit> {
        let table = TABLE.lock().unwrap();
        let table = table.as_ref().unwrap();
        let by_address = table.values.get(&hex(&query.hardware_address));
        let by_id = || table.values.get(&hex(query.client_id.as_deref().unwrap_or_default()));
        let value = by_address.or_else(by_id).or_else(|| table.values.get("*"));
        let option = value.map(|value| DhcpOption { code: table.code, value: value.clone() });
        option.map(Edit::Set).into_iter().collect()
    }

    // It does not ask for these points.

    fn received(_: Query) -> ReceivedVerdict {
        ReceivedVerdict::GoOn(Vec::new())
    }

    fn subnet(_: Query, _: Option<u32>) -> SubnetVerdict {
        SubnetVerdict::GoOn
    }

    fn lease(_: Query, _: Lease) -> LeaseVerdict {
        LeaseVerdict::GoOn
    }
}

/// The bytes of a value.
fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let digits = match text.strip_prefix("0x") {
        Some(digits) if digits.is_ascii() => digits,
        _ => return Ok(text.as_bytes().to_vec()),
    };
    let pairs = (0..digits.len()).step_by(2).map(|at| digits.get(at..at + 2).unwrap_or("half"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).map_err(|_| format!("these are no bytes: {}", text))).collect()
}

/// `02:00:ab` for three bytes.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{:02x}", byte)).collect::<Vec<_>>().join(":")
}
