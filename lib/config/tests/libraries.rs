//! Hook libraries: known by name wherever their files are, their parameters judged by their own tables.

use kotare_config::process::HookLibrary;
use kotare_config::schema::{Effect, File, LibrarySchema, Now, Older, Table, Type, param, tables};
use kotare_config::v4::{Config4, FILE};
use kotare_config::{Candidate, Input, read};
use serde_json::{Value as Json, json};

static RULE: Table = Table {
    name: "rules",
    groups: &[
        &[
            param("code", Type::Int(1, 254)).required(),
            param("action", Type::OneOf(&["keep", "drop"])).or_text("keep"),
        ],
        tables::CONTEXT,
    ],
    ..Table::EMPTY
};

static PARAMETERS: Table = Table {
    name: "parameters",
    groups: &[&[
        param("rules", Type::Maps(&RULE)).required(),
        param("limit", tables::U16).or_int(7),
        param("later", Type::Bool).or_bool(false).effect(Effect::NotYet),
    ]],
    older: &[Older { keyword: "max", now: Now::Renamed("limit") }],
    ..Table::EMPTY
};

const LIBRARIES: &[LibrarySchema] = &[LibrarySchema { name: "sample", parameters: &PARAMETERS }];

const KNOWING: File = FILE.with_libraries(LIBRARIES);

fn configured(entry: &Json) -> Result<Candidate<Config4>, String> {
    let arguments = json!({"Dhcp4": {"hooks-libraries": [entry]}});
    read(Input::Command("config-set", &arguments), &KNOWING).map_err(|refused| refused.to_string())
}

fn library(candidate: &Candidate<Config4>) -> &HookLibrary {
    &candidate.config.process.libraries[0]
}

/// Parameters that are written and those that are not are there; `config-get` shows what was written and nothing else.
#[test]
fn parameters_are_read_by_the_table_of_the_library() {
    for path in
        ["/usr/lib/kea/hooks/libdhcp_sample.so", "/opt/nowhere/libdhcp_sample.so", "libdhcp_sample.so"]
    {
        let entry =
            json!({"library": path, "parameters": {"rules": [{"code": 3, "action": "DROP"}], "max": 9}});
        let candidate = configured(&entry).unwrap();
        let library = library(&candidate);
        assert_eq!((&*library.name, &*library.path), ("sample", path));
        let level = library.level(&PARAMETERS);
        assert_eq!((level.count::<u16>("limit"), level.bool("later")), (9, false));
        let rules: Vec<_> =
            level.list(&RULE).map(|rule| (rule.count::<u8>("code"), rule.text("action"))).collect();
        assert_eq!(rules, [(3, "drop")]);
        let shown = candidate.written.shown(&candidate.config.definitions);
        assert_eq!(shown["Dhcp4"]["hooks-libraries"], json!([entry]));
        assert!(candidate.without_effect.is_empty());
        let warnings: Vec<_> = candidate.diagnostics.warnings().map(ToString::to_string).collect();
        let path = "Dhcp4/hooks-libraries[0]/parameters/max";
        assert_eq!(
            warnings,
            [format!("<config-set>: warning: {path}: \"max\" is an older spelling; write \"limit\"")]
        );
    }
}

/// What is wrong with parameters is told like anything else that is wrong, with its path.
#[test]
fn wrong_parameters_are_refused_where_they_stand() {
    let wrong =
        json!({"rules": [{"code": 0, "acton": "keep"}, {"code": 4, "action": "leave"}], "limit": "x"});
    let said = configured(&json!({"library": "libdhcp_sample.so", "parameters": wrong})).unwrap_err();
    let parameters = "<config-set>: Dhcp4/hooks-libraries[0]/parameters";
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        [
            format!("{parameters}/rules[0]/code: \"code\" is 0, it must lie between 1 and 254"),
            format!(
                "{parameters}/rules[0]/acton: unknown keyword \"acton\" in rules; did you mean \"action\"?"
            ),
            format!(
                "{parameters}/rules[1]/action: \"action\" is \"leave\", it must be one of \"keep\", \"drop\""
            ),
            format!("{parameters}/limit: \"limit\" must be an integer, this is a string"),
        ]
    );
    let said = configured(&json!({"library": "libdhcp_sample.so"})).unwrap_err();
    assert_eq!(said, "<config-set>: Dhcp4/hooks-libraries[0]: \"rules\" is missing in parameters");
    let said = configured(&json!({"library": "libdhcp_sample.so", "parameters": []})).unwrap_err();
    assert!(said.contains("\"parameters\" must be a map, this is a list"), "{said}");
}

/// A library that is not known may have any parameters; that it has no effect is told, as is a parameter of a known one
/// that has none yet.
#[test]
fn what_has_no_effect_is_told() {
    let entry = json!({"library": "/lib/libdhcp_other.so", "parameters": {"any": [1, {"thing": null}]}});
    let candidate = configured(&entry).unwrap();
    assert_eq!(&*library(&candidate).name, "other");
    assert_eq!(
        library(&candidate).parameters.as_ref().map(kotare_config::json::Value::to_json),
        Some(entry["parameters"].clone())
    );
    let told = |candidate: &Candidate<Config4>| {
        candidate.without_effect.iter().map(|one| one.keyword.clone()).collect::<Vec<_>>()
    };
    assert_eq!(told(&candidate), ["hooks-libraries/library /lib/libdhcp_other.so"]);
    let candidate =
        configured(&json!({"library": "libdhcp_sample.so", "parameters": {"rules": [], "later": true}}))
            .unwrap();
    assert_eq!(told(&candidate), ["parameters/later"]);
}
