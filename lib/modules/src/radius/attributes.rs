//! Attributes that are configured for requests: with a value, or with an expression that says it of a message.

use kotare_config::Level;
use kotare_config::json::{Diagnostics, Value as Written};
use kotare_expr::{EvaluationError, Packet, Scratch, Value, parse_value};
use kotare_radius::{Attribute, AttributeError, Definition, Dictionary, Kind};

use super::Served;
use super::messages::*;
use super::parameters::ATTRIBUTES;
use crate::Entry;

/// An attribute of requests.
#[derive(Clone, Debug)]
pub(super) enum Configured {
    /// Always the same.
    Fixed(Attribute),
    /// What an expression says; nothing if that is empty.
    Spoken(Definition, Value),
}

impl Configured {
    /// The attributes of a service. What is wrong goes to `diagnostics`.
    pub(super) fn all<L: Served>(
        entry: &Entry<'_, L>,
        service: Level<'_>,
        dictionary: &Dictionary,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Self> {
        let mut all = Vec::new();
        for level in service.list(&ATTRIBUTES) {
            match Self::read(entry, level, dictionary) {
                Ok(configured) => all.push(configured),
                Err(reason) => {
                    let source = level.map().map_or(&entry.written.source, Written::source);
                    diagnostics.error(source, reason);
                }
            }
        }
        all
    }

    fn read<L: Served>(
        entry: &Entry<'_, L>,
        level: Level<'_>,
        dictionary: &Dictionary,
    ) -> Result<Self, String> {
        let definition = definition(level, dictionary)?;
        let [data, expr, raw] = ["data", "expr", "raw"].map(|keyword| level.text(keyword));
        let name = &definition.name;
        if !expr.is_empty() {
            if !data.is_empty() || !raw.is_empty() {
                return Err("data, raw and expr are exclusive".to_owned());
            }
            let parsed = L::parsed(entry.config, expr, parse_value);
            let (value, _) = parsed
                .map_err(|error| format!("expression: [{expr}] error: {error} for {name} attribute"))?;
            return Ok(Self::Spoken(definition.clone(), value));
        }
        let made = match raw.is_empty() {
            true => Attribute::of_text(definition, data, dictionary)
                .map_err(|error| format!("can't create {name} attribute from [{data}]: {error}")),
            false if !data.is_empty() => Err("data and raw are exclusive".to_owned()),
            false => {
                let padded = if raw.len() % 2 == 1 { format!("0{raw}") } else { raw.to_owned() };
                let bytes = kotare_config::schema::bytes(&padded)
                    .ok_or_else(|| format!("can't decode raw: [{raw}] for {name} attribute"))?;
                Attribute::of_bytes(definition, &bytes)
                    .map_err(|error| format!("can't create {name} attribute from raw: [{raw}]: {error}"))
            }
        };
        made.map(Self::Fixed)
    }

    /// Whether an expression says it.
    pub(super) fn is_spoken(&self) -> bool {
        matches!(self, Self::Spoken(..))
    }

    /// What it is for a message.
    pub(super) fn of(&self, packet: &impl Packet) -> Result<Option<Attribute>, String> {
        match self {
            Self::Fixed(attribute) => Ok(Some(attribute.clone())),
            Self::Spoken(definition, value) => {
                let mut scratch = Scratch::default();
                let said = value.evaluate(packet, &mut scratch);
                let said = said.map_err(|error: EvaluationError| format!("{}: {error}", definition.name))?;
                if said.is_empty() {
                    return Ok(None);
                }
                let Definition { kind, code, name, .. } = definition;
                let attribute = Attribute::of_bytes(definition, said);
                let attribute = attribute.inspect_err(|error| tell_no_value(*kind, *code, name, error));
                attribute.map(Some).map_err(|error| format!("{name}: {error}"))
            }
        }
    }
}

/// Says that bytes are no value of an attribute that should be of this kind, as Kea says it; of other kinds it does not.
pub(super) fn tell_no_value(kind: Kind, code: u8, name: &str, reason: &AttributeError) {
    match kind {
        Kind::Integer => RADIUS_INTEGER_ATTRIBUTE_FROM_BYTES_FAILED(code, name, reason),
        Kind::Ipv4 => RADIUS_IPADDR_ATTRIBUTE_FROM_BYTES_FAILED(code, name, reason),
        Kind::Ipv6 => RADIUS_IPV6ADDR_ATTRIBUTE_FROM_BYTES_FAILED(code, name, reason),
        Kind::Ipv6Prefix => RADIUS_IPV6PREFIX_ATTRIBUTE_FROM_BYTES_FAILED(code, name, reason),
        Kind::String | Kind::Vendor => {}
    }
}

/// What is meant, by name or by number, of the vendor that is said.
fn definition<'d>(level: Level<'_>, dictionary: &'d Dictionary) -> Result<&'d Definition, String> {
    let vendor = level.text("vendor");
    let within = if vendor.is_empty() { String::new() } else { format!(" in vendor '{vendor}'") };
    let id = match vendor {
        "" => 0,
        text => dictionary.vendor(text).ok_or_else(|| format!("can't parse vendor '{text}'"))?,
    };
    let named = match level.own("name").map(|_| level.text("name")) {
        None => None,
        Some("") => return Err("attribute name is empty".to_owned()),
        Some(name) => {
            let found = dictionary.of_name(name, id);
            Some(found.ok_or_else(|| format!("attribute '{name}'{within} is unknown"))?)
        }
    };
    let Some(number) = level.int::<i64>("type") else {
        return named.ok_or_else(|| "name or type are required".to_owned());
    };
    let code = u8::try_from(number).map_err(|_| format!("out of range attribute type {number}"))?;
    match named {
        Some(definition) if definition.code != code => {
            let name = level.text("name");
            Err(format!("'{name}' attribute{within} has type {}, not {code}", definition.code))
        }
        Some(definition) => Ok(definition),
        None => {
            let found = dictionary.of_code(code, id);
            found.ok_or_else(|| format!("attribute type {code}{within} is unknown"))
        }
    }
}
