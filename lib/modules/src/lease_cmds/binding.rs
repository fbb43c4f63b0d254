//! Binding variables: values of expressions about a query or its response that are kept with the lease, in the map
//! `binding-variables` under `ISC` of its user context.

use std::fmt::Display;
use std::net::Ipv6Addr;

use kotare_config::Level;
use kotare_config::json::format::{Shape, text};
use kotare_config::json::{Diagnostics, Source};
use kotare_engine::hooks::v4::{Asked4, Lease4Note, Sent4};
use kotare_engine::hooks::v6::{Asked6, Contexts, Leases6Note, Sent6};
use kotare_engine::{v4, v6};
use kotare_expr::{EvaluationError, Packet, Scratch, Value, parse_value};
use kotare_model::{Lease4, Lease6};
use serde_json::{Map, Value as Json};

use super::messages::{
    LEASE_CMDS_LEASE4_OFFER_FAILED, LEASE_CMDS_LEASES4_COMMITTED_FAILED,
    LEASE_CMDS_LEASES6_COMMITTED_CONFLICT, LEASE_CMDS_LEASES6_COMMITTED_FAILED,
    LEASE_CMDS_LEASES6_COMMITTED_LEASE_ERROR,
};
use super::parameters::BINDING_VARIABLE;
use crate::Entry;
use crate::spoken::Spoken;

/// Where they are in a user context.
const ISC: &str = "ISC";
const NAME: &str = "binding-variables";

/// The variables of a configuration.
#[derive(Debug)]
pub(super) struct Variables(Vec<Variable>);

#[derive(Debug)]
struct Variable {
    name: Box<str>,
    value: Value,
    of_response: bool,
}

impl Variables {
    /// Those in the parameters of an entry of the library. What is wrong with them goes to `diagnostics`.
    pub(super) fn read<L: Spoken>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) -> Self {
        let mut all = Self(Vec::new());
        for variable in entry.parameters().list(&BINDING_VARIABLE) {
            all.add::<L>(variable, entry.config, diagnostics);
        }
        all
    }

    fn add<L: Spoken>(
        &mut self,
        entry: Level<'_>,
        config: &L::Config,
        diagnostics: &mut Diagnostics,
    ) -> Option<()> {
        let source = |keyword: &str| entry.own(keyword).map(|value| value.source().clone());
        let mut wrong = |keyword: &str, text: String| {
            diagnostics.error(&source(keyword).unwrap_or_else(|| Source::whole("")), text);
        };
        // What is missing is told by the table.
        let name = entry.own("name")?.as_str()?;
        let expression = entry.own("expression")?.as_str()?;
        if name.is_empty() {
            wrong("name", "the name of a binding variable cannot be empty".into());
            return None;
        }
        if expression.is_empty() {
            wrong("expression", format!("the expression of the binding variable '{name}' cannot be empty"));
            return None;
        }
        let value = match L::parsed(config, expression, parse_value) {
            Ok((value, _)) => value,
            Err(error) => {
                let text = format!(
                    "the expression '{expression}' of the binding variable '{name}' cannot be read: {error}"
                );
                wrong("expression", text);
                return None;
            }
        };
        if self.0.iter().any(|other| *other.name == *name) {
            let text = format!("there is a binding variable '{name}' already, which is the one that is kept");
            diagnostics.warning(&source("name").unwrap_or_else(|| Source::whole("")), text);
            return None;
        }
        let of_response = entry.text("source").eq_ignore_ascii_case("response");
        self.0.push(Variable { name: name.into(), value, of_response });
        Some(())
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values, in the order of their names.
    fn values<P: Packet>(&self, query: &P, response: &P) -> Result<Map<String, Json>, EvaluationError> {
        let mut values = Map::new();
        for variable in &self.0 {
            let packet = if variable.of_response { response } else { query };
            let mut scratch = Scratch::new();
            let value = variable.value.evaluate(packet, &mut scratch)?;
            values.insert(variable.name.to_string(), String::from_utf8_lossy(value).into());
        }
        values.sort_keys();
        Ok(values)
    }
}

impl Lease4Note for Variables {
    fn lease4_note(&self, asked: Asked4<'_>, sent: Sent4<'_>, lease: &Lease4) -> Option<Box<str>> {
        let Asked4 { message, query, .. } = asked;
        let of_query = v4::Packet::of_query(v4::PacketOptions::Plain(message), query);
        let client = *sent.sending.departure.destination.ip();
        let response = v4::Packet::of_response(sent.reply, query, client);
        match self.values(&of_query, &response) {
            Ok(values) => updated(lease.user_context.as_deref(), &values),
            Err(error) => {
                let reason =
                    format!("evaluating binding variables failed for: {query}, :expression blew up: {error}");
                failed(sent.sending.kind, reason);
                None
            }
        }
    }
}

impl Leases6Note for Variables {
    fn leases6_note(&self, asked: Asked6<'_>, sent: Sent6<'_>, leases: &[Lease6]) -> Contexts {
        let Asked6 { message, query, .. } = asked;
        let of_query = v6::Packet::of_query(message, query);
        let response = v6::Packet::of_edited(sent.reply, query);
        match self.values(&of_query, &response) {
            Ok(values) => {
                leases.iter().map(|lease| updated(lease.user_context.as_deref(), &values)).collect()
            }
            Err(error) => {
                for lease in leases {
                    let reason = format_args!("expression blew up: {error}");
                    LEASE_CMDS_LEASES6_COMMITTED_LEASE_ERROR(lease.address, query, reason);
                }
                not_updated(leases.len(), leases.len(), query);
                Contexts::new()
            }
        }
    }

    fn leases6_not_noted(&self, asked: Asked6<'_>, addresses: &[Ipv6Addr], of: usize) {
        let query = asked.query;
        for address in addresses {
            LEASE_CMDS_LEASES6_COMMITTED_CONFLICT(address, query);
        }
        not_updated(addresses.len(), of, query);
    }
}

fn not_updated(count: usize, of: usize, query: &v6::Query6) {
    LEASE_CMDS_LEASES6_COMMITTED_FAILED(format_args!(
        "{count} out of {of} leases failed to update for {query}"
    ));
}

fn failed(kind: v4::ReplyKind, reason: impl Display) {
    match kind {
        v4::ReplyKind::Offer => LEASE_CMDS_LEASE4_OFFER_FAILED(reason),
        _ => LEASE_CMDS_LEASES4_COMMITTED_FAILED(reason),
    }
}

/// The user context with these values, if they are not in it already. What is no map cannot be kept beside them.
fn updated(context: Option<&str>, values: &Map<String, Json>) -> Option<Box<str>> {
    let mut all: Map<String, Json> =
        context.and_then(|context| serde_json::from_str(context).ok()).unwrap_or_default();
    let isc = all.entry(ISC).or_insert_with(|| Json::Object(Map::new()));
    if !isc.is_object() {
        *isc = Json::Object(Map::new());
    }
    let isc = isc.as_object_mut()?;
    if isc.get(NAME).and_then(Json::as_object) == Some(values) {
        return None;
    }
    isc.insert(NAME.to_owned(), Json::Object(values.clone()));
    isc.sort_keys();
    Some(text(&Json::Object(all), Shape::Line).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(context: Option<&str>, value: &str) -> Option<String> {
        let values = json!({"v": value}).as_object().cloned().unwrap_or_default();
        updated(context, &values).map(Into::into)
    }

    /// Values stand beside whatever else is kept, and are written only if they are others.
    #[test]
    fn values_stand_beside_what_is_there() {
        let first = with(None, "1").expect("new values");
        assert_eq!(first, r#"{ "ISC": { "binding-variables": { "v": "1" } } }"#);
        assert_eq!(with(Some(&first), "1"), None);
        assert_eq!(
            with(Some(&first), "2").as_deref(),
            Some(r#"{ "ISC": { "binding-variables": { "v": "2" } } }"#)
        );
        let others = r#"{ "ISC": { "relay-agent-info": { "relay-id": "01" } }, "a": 1 }"#;
        assert_eq!(
            with(Some(others), "1").as_deref(),
            Some(
                r#"{ "ISC": { "binding-variables": { "v": "1" }, "relay-agent-info": { "relay-id": "01" } }, "a": 1 }"#
            )
        );
        for no_map in [r#"{ "ISC": 7 }"#, "[]", "{"] {
            assert_eq!(with(Some(no_map), "1").as_deref(), Some(&*first), "{no_map}");
        }
    }
}
