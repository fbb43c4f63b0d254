//! What is configured: `hostname-expr` in `parameters`, and for a subnet in the map `ddns-tuning` of its `user-context`.

use std::collections::HashMap;

use kotare_config::json::Diagnostics;
use kotare_config::schema::{Table, Type, param};
use kotare_expr::{Value, parse_value};
use kotare_model::SubnetId;

use super::Subnetted;
use super::messages::*;
use crate::Entry;

/// The `parameters` of the library. Kea minds no others.
pub(super) static PARAMETERS: Table = Table {
    name: "parameters",
    groups: &[&[param("hostname-expr", Type::Expression).or_text("")]],
    open: true,
    ..Table::EMPTY
};

/// The map of a subnet's `user-context`.
const SUBNET: &str = "ddns-tuning";

/// The expressions of a configuration.
#[derive(Debug)]
pub(super) struct Scopes {
    global: Option<Value>,
    /// Only subnets that say something.
    subnets: HashMap<SubnetId, Own>,
}

/// What a subnet says.
#[derive(Debug)]
struct Own {
    /// Nothing is to have none.
    expression: Option<Value>,
    /// The subnet, as the log names it.
    prefix: Box<str>,
}

impl Scopes {
    /// Those of a configuration. What is wrong goes to `diagnostics`.
    pub(super) fn read<L: Subnetted>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) -> Self {
        let parse = |text: &str| match text {
            "" => Ok(None),
            text => L::parsed(entry.config, text, parse_value).map(|(expression, _)| Some(expression)),
        };
        let parameters = entry.parameters();
        let text = parameters.text("hostname-expr");
        let global = parse(text).unwrap_or_else(|error| {
            let written = parameters.own("hostname-expr");
            let source = written.map_or(&entry.written.source, |written| written.source());
            diagnostics.error(source, format!("\"hostname-expr\" has no value: {error}"));
            None
        });
        if global.is_some() {
            DDNS_TUNING_GLOBAL_EXPR_SET(text);
        }
        let mut subnets = HashMap::new();
        for (id, prefix, context) in L::contexts(entry.config) {
            // Anything else that stands there is the operator's own.
            let written = context.and_then(|context| context.get(SUBNET)?.get("hostname-expr"));
            let Some((written, text)) = written.and_then(|written| Some((written, written.as_str()?))) else {
                continue;
            };
            DDNS_TUNING_SUBNET_EXPRESSION_PARSE(text, prefix);
            match parse(text) {
                Ok(expression) => {
                    subnets.insert(id, Own { expression, prefix: prefix.to_string().into() });
                }
                Err(error) => {
                    DDNS_TUNING_SUBNET_EXPRESSION_PARSE_ERROR(prefix, &error);
                    let message = format!("\"hostname-expr\" of the subnet {prefix} has no value: {error}");
                    diagnostics.error(written.source(), message);
                }
            }
        }
        Self { global, subnets }
    }

    /// The one for a subnet.
    pub(super) fn of(&self, subnet: SubnetId) -> Option<&Value> {
        match self.subnets.get(&subnet) {
            Some(own) => {
                DDNS_TUNING_SUBNET_EXPR_CACHED(&own.prefix);
                own.expression.as_ref()
            }
            None => self.global.as_ref(),
        }
    }
}
