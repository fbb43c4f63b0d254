//! From a file or a command to a configuration that could be served: everything that needs no other resource.

use std::path::Path;
use std::sync::OnceLock;

use kotare_config::json::{self, Diagnostics, Value};
use kotare_config::{check, schema, v4};
use kotare_options::Definitions;
use serde_json::Value as Json;

/// What the operator wrote. How `config-get` shows it is made when somebody asks: it takes longer than to serve.
#[derive(Debug)]
pub(crate) struct Written {
    root: Value,
    hash: OnceLock<String>,
}

impl Written {
    /// The whole configuration with defaults, `{ "Dhcp4": … }`; `definitions` are those of its options.
    pub(crate) fn shown(&self, definitions: &Definitions) -> Json {
        schema::config_get(&self.root, definitions)
    }

    /// The hash of what [`Written::shown`] returns.
    pub(crate) fn hash(&self, definitions: &Definitions) -> &str {
        self.hash.get_or_init(|| schema::config_hash(&self.shown(definitions)))
    }
}

/// A configuration that may be prepared.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) written: Written,
    pub(crate) config: v4::Config4,
    /// Warnings, each with its place.
    pub(crate) warnings: Vec<String>,
    /// Parameters that have no effect in this version, each with its place.
    pub(crate) without_effect: Vec<String>,
}

/// What is wrong with a configuration: one line for each error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) Vec<String>);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

/// Reads a configuration file.
pub(crate) fn from_file(path: &Path) -> Result<Candidate, Refused> {
    let mut diagnostics = Diagnostics::new();
    let root = json::read(path, &mut diagnostics);
    candidate(root, diagnostics)
}

/// Takes the `arguments` of `command`.
pub(crate) fn from_command(command: &str, arguments: &Json) -> Result<Candidate, Refused> {
    let mut diagnostics = Diagnostics::new();
    let root = json::from_json(&format!("<{command}>"), arguments, &mut diagnostics);
    candidate(root, diagnostics)
}

fn candidate(root: Option<Value>, mut diagnostics: Diagnostics) -> Result<Candidate, Refused> {
    let Some(root) = root else { return Err(refused(&diagnostics)) };
    let root = check::check(root, &mut diagnostics);
    let Some(dhcp4) = root.get("Dhcp4").filter(|it| it.is_map()) else {
        return Err(refused(&diagnostics));
    };
    let config = v4::resolve(dhcp4, &mut diagnostics);
    check::class_tests(&root, &config.definitions, &mut diagnostics);
    diagnostics.locate(&root);
    if diagnostics.has_errors() {
        return Err(refused(&diagnostics));
    }
    Ok(Candidate {
        config,
        warnings: diagnostics.warnings().map(ToString::to_string).collect(),
        without_effect: schema::without_effect(&root).iter().map(missed).collect(),
        written: Written { root, hash: OnceLock::new() },
    })
}

fn missed(it: &schema::WithoutEffect) -> String {
    let times = if it.count > 1 { format!(", {} times", it.count) } else { String::new() };
    format!("{} ({}{times})", it.keyword, it.source)
}

fn refused(diagnostics: &Diagnostics) -> Refused {
    let mut lines: Vec<_> = diagnostics.errors().map(ToString::to_string).collect();
    let more = diagnostics.error_count().saturating_sub(lines.len());
    if more > 0 {
        lines.push(format!("and {more} more errors"));
    }
    if lines.is_empty() {
        lines.push("there is no map 'Dhcp4' at the top".to_owned());
    }
    Refused(lines)
}
