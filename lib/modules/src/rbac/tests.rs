//! What may be configured, and who may do what then.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use kotare_config::json::Diagnostics;
use kotare_config::v4::{Config4, FILE};
use kotare_config::{Input, read};
use kotare_control::{Access, AccessControl, Command, Denied, Encrypted, Facts, Peer, Response, now};
use kotare_model::Lease4;
use serde_json::{Value as Json, json};

use super::control::Rbac;
use super::declared;
use super::parameters::PARAMETERS;

const ROW: Command<()> = Command {
    name: "config-get",
    access: Access::Read,
    exclusive: false,
    since: "1.2.0",
    help: "",
    args: &[],
    run: |_, _| now(Response::success("")),
};

/// The server's own commands in these tests.
const OWN: &[Command<()>] = &[
    ROW,
    Command { name: "list-commands", ..ROW },
    Command { name: "status-get", ..ROW },
    Command { name: "config-set", access: Access::Write, ..ROW },
];

/// The module of these parameters, with what it warns of, or what is wrong with them.
fn rbac_warning(parameters: &Json) -> Result<(Rbac, Vec<String>), Vec<String>> {
    let library = json!({"library": "libdhcp_rbac.so", "parameters": parameters});
    let written = json!({"Dhcp4": {"hooks-libraries": [library]}});
    let file = FILE.with_libraries(crate::SCHEMAS);
    let candidate = read::<Config4>(Input::Command("config-set", &written), &file)
        .map_err(|refused| refused.error_lines())?;
    let mut diagnostics = Diagnostics::new();
    let level = candidate.config.process.libraries[0].level(&PARAMETERS);
    let rbac = Rbac::read(level, declared::<Lease4>(&Facts::of(OWN)), &mut diagnostics);
    match diagnostics.has_errors() {
        true => {
            candidate.written.locate(&mut diagnostics);
            Err(diagnostics.error_lines())
        }
        false => Ok((rbac, diagnostics.warnings().map(ToString::to_string).collect())),
    }
}

fn rbac(parameters: &Json) -> Rbac {
    let (rbac, warnings) = rbac_warning(parameters).unwrap();
    assert_eq!(warnings, [""; 0]);
    rbac
}

/// Who knows the password of this user.
fn user(name: &str) -> Peer {
    Peer { address: [192, 0, 2, 9].into(), tls: None, user: Some(name.to_owned()) }
}

/// Which of the commands somebody may send.
fn may(rbac: &Rbac, peer: &Peer) -> Vec<&'static str> {
    let all = ["config-get", "config-set", "lease4-add", "lease4-get", "list-commands", "made-up"];
    all.into_iter().filter(|command| rbac.judge(peer, command).is_ok()).collect()
}

/// What a role with these rights may send.
fn with(rights: &Json) -> Vec<&'static str> {
    let mut role = rights.clone();
    role["name"] = "admin".into();
    let parameters = json!({"assign-role-method": "basic-authentication", "roles": [role]});
    may(&rbac(&parameters), &user("admin"))
}

const EVERYTHING: [&str; 6] =
    ["config-get", "config-set", "lease4-add", "lease4-get", "list-commands", "made-up"];

/// Each method looks at its own part of what is known of a client, and of who has none of it nothing is known.
#[test]
fn roles_are_assigned_by_each_method() {
    let client = Peer {
        address: [192, 0, 2, 9].into(),
        tls: Some(Encrypted { subject: Some("client".into()), issuer: Some("authority".into()) }),
        user: Some("admin".into()),
    };
    let stranger = Peer { tls: Some(Encrypted::default()), user: None, ..client.clone() };
    for (method, role) in [
        ("remote-address", "192.0.2.9"),
        ("cert-subject", "client"),
        ("cert-issuer", "authority"),
        ("basic-authentication", "admin"),
    ] {
        let configured = json!({"assign-role-method": method,
            "roles": [{"name": role, "accept-commands": {"commands": ["config-get"]}}],
            "default-role": {"accept-commands": {"commands": ["config-set"]}}});
        let rbac = rbac(&configured);
        assert_eq!(may(&rbac, &client), ["config-get"], "{method}");
        let expected = if method == "remote-address" { "config-get" } else { "config-set" };
        assert_eq!(may(&rbac, &stranger), [expected], "{method}");
    }
    let custom = json!({"assign-role-method": "custom-value", "default-role": {"accept-commands": "READ"}});
    let (rbac, warnings) = rbac_warning(&custom).unwrap();
    assert_eq!(may(&rbac, &client), ["config-get", "lease4-get", "list-commands"]);
    assert!(warnings[0].contains("\"default-role\" holds for everybody"), "{warnings:?}");
    let sixth = json!({"assign-role-method": "remote-address", "roles": [{"name": "2001:DB8:0::9", "accept-commands": "ALL"}]});
    let peer = Peer { address: "2001:db8::9".parse().unwrap(), ..client };
    assert_eq!(may(&self::rbac(&sixth), &peer), EVERYTHING);
}

/// Who has no role and who has one that is not configured may do what is said for them, and nothing if nothing is.
#[test]
fn other_roles_have_rights_of_their_own() {
    let mut parameters = json!({"assign-role-method": "basic-authentication"});
    let nobody = Peer { user: None, ..user("") };
    for peer in [&user("admin"), &nobody] {
        assert_eq!(may(&rbac(&parameters), peer), [""; 0]);
        assert_eq!(rbac(&parameters).judge(peer, "config-get"), Err(Denied::Forbidden));
    }
    parameters["default-role"] = json!({"accept-commands": {"commands": ["list-commands"]}});
    parameters["unknown-role"] = json!({"accept-commands": {"commands": ["config-get"]}});
    let rbac = rbac(&parameters);
    assert_eq!(may(&rbac, &user("admin")), ["config-get"]);
    assert_eq!(may(&rbac, &nobody), ["list-commands"]);
}

/// A command on both lists is judged by the one that comes first, one on none by what is said of others.
#[test]
fn lists_are_matched_in_order() {
    let reads = ["config-get", "lease4-get", "list-commands"];
    assert_eq!(with(&json!({})), [""; 0]);
    assert_eq!(with(&json!({"other-commands": "accept"})), EVERYTHING);
    assert_eq!(with(&json!({"accept-commands": "READ", "reject-commands": "ALL"})), reads);
    assert_eq!(
        with(&json!({"accept-commands": "READ", "reject-commands": "ALL", "list-match-first": "reject"})),
        [""; 0]
    );
    let but = |first: &str| {
        with(&json!({"accept-commands": "READ", "reject-commands": {"commands": ["config-get"]},
            "list-match-first": first}))
    };
    assert_eq!((but("accept"), but("reject")), (reads.to_vec(), reads[1..].to_vec()));
    assert_eq!(
        with(&json!({"reject-commands": "WRITE", "other-commands": "accept"})),
        ["config-get", "lease4-get", "list-commands", "made-up"]
    );
}

/// Every kind of list is the set it says.
#[test]
fn lists_are_sets_of_commands() {
    let accepted = |list: Json| with(&json!({"accept-commands": list}));
    assert_eq!(accepted("ALL".into()), EVERYTHING);
    assert_eq!(accepted("NONE".into()), [""; 0]);
    assert_eq!(accepted("WRITE".into()), ["config-set", "lease4-add"]);
    assert_eq!(accepted(json!({"access": "write"})), ["config-set", "lease4-add"]);
    assert_eq!(accepted(json!({"hook": "lease_cmds"})), ["lease4-add", "lease4-get"]);
    assert_eq!(accepted(json!({"hook": ""})), ["config-get", "config-set", "list-commands"]);
    assert_eq!(accepted(json!({"command": ["config-get"]})), ["config-get"]);
    let reads_but = json!({"and": ["READ", {"not": {"commands": ["config-get"]}}]});
    assert_eq!(accepted(reads_but), ["lease4-get", "list-commands"]);
    assert_eq!(accepted(json!({"or": ["WRITE", {"hook": "lease_cmds"}]})), EVERYTHING[1..4]);
    let named = json!({"assign-role-method": "basic-authentication",
        "access-control-lists": [{"none": {"not": "ALL"}}, {"leases": {"hook": "lease_cmds"}},
            {"reading-leases": {"and": ["READ", "leases"]}}],
        "roles": [{"name": "admin", "accept-commands": {"or": ["reading-leases", "none"]}}]});
    assert_eq!(may(&rbac(&named), &user("admin")), ["lease4-get"]);
}

/// Without TLS nobody is heard where it is required: by default where certificates tell who asks.
#[test]
fn tls_may_be_required() {
    let plain = user("admin");
    let encrypted = Peer { tls: Some(Encrypted::default()), ..plain.clone() };
    for (method, required, hears) in [
        ("basic-authentication", None, true),
        ("basic-authentication", Some(true), false),
        ("cert-subject", None, false),
        ("cert-issuer", None, false),
        ("cert-subject", Some(false), true),
    ] {
        let everything = json!({"accept-commands": "ALL"});
        let mut parameters =
            json!({"assign-role-method": method, "default-role": everything, "unknown-role": everything});
        required.into_iter().for_each(|required| parameters["require-tls"] = Json::Bool(required));
        let rbac = rbac(&parameters);
        let expected = if hears { Ok(()) } else { Err(Denied::Unauthorized) };
        assert_eq!(rbac.judge(&plain, "config-get"), expected, "{method} {required:?}");
        assert_eq!(rbac.judge(&encrypted, "config-get"), Ok(()), "{method} {required:?}");
    }
}

/// What `commands` says of a command holds, whether or not there is such a command.
#[test]
fn commands_can_be_described() {
    let parameters = json!({"assign-role-method": "basic-authentication",
        "commands": [{"name": "made-up", "access": "write", "hook": "mine"}, {"name": "config-set", "access": "read"}],
        "roles": [{"name": "reader", "accept-commands": "READ"}, {"name": "owner", "accept-commands": {"hook": "mine"}},
            {"name": "one", "accept-commands": {"commands": ["made-up"]}}]});
    let rbac = rbac(&parameters);
    assert_eq!(may(&rbac, &user("reader")), ["config-get", "config-set", "lease4-get", "list-commands"]);
    assert_eq!(may(&rbac, &user("owner")), ["made-up"]);
    assert_eq!(may(&rbac, &user("one")), ["made-up"]);
}

fn api_file(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
}

/// What stands in API files holds, and nothing is known of what does not.
#[test]
fn api_files_are_read() {
    let folder = tempfile::tempdir().unwrap();
    api_file(folder.path(), "config-get.json", r#"{"name": "config-get", "access": "write", "brief": []}"#);
    api_file(folder.path(), "lease4-get.json", r#"{"name": "lease4-get", "access": "read", "hook": "mine"}"#);
    api_file(folder.path(), "_template.json", "{ // \"name\" ...");
    let parameters = |accept: Json| {
        json!({"assign-role-method": "basic-authentication", "api-files": folder.path(),
            "roles": [{"name": "admin", "accept-commands": accept}]})
    };
    let accepted = |list: Json| may(&rbac(&parameters(list)), &user("admin"));
    assert_eq!(accepted("READ".into()), ["lease4-get"]);
    assert_eq!(accepted("WRITE".into()), ["config-get"]);
    assert_eq!(accepted(json!({"hook": "mine"})), ["lease4-get"]);
    let unknown = rbac_warning(&parameters(json!({"commands": ["config-set"]}))).unwrap_err();
    assert!(unknown[0].contains("there is no command \"config-set\""), "{unknown:?}");

    fs::set_permissions(folder.path().join("config-get.json"), fs::Permissions::from_mode(0o666)).unwrap();
    let (_, warnings) = rbac_warning(&parameters("ALL".into())).unwrap();
    assert!(warnings[0].contains("everybody can change it"), "{warnings:?}");

    for (text, told) in [
        (r#"{"name": "x", "access": "both"}"#, "x.json': \"access\" must be \"read\" or \"write\""),
        (r#"{"access": "read"}"#, "x.json': \"name\" is missing"),
        (r#"{"name": "config-get", "access": "read"}"#, "describes 'config-get', as another file"),
        ("{", "x.json': is not JSON: "),
    ] {
        api_file(folder.path(), "x.json", text);
        let refused = rbac_warning(&parameters("ALL".into())).unwrap_err();
        assert!(refused[0].contains(told), "{refused:?}");
    }

    let missing = json!({"assign-role-method": "basic-authentication", "api-files": "/nonexistent/api",
        "unknown-role": {"accept-commands": "READ"}});
    let (rbac, warnings) = rbac_warning(&missing).unwrap();
    assert!(warnings[0].contains("there is no folder '/nonexistent/api'"), "{warnings:?}");
    assert_eq!(may(&rbac, &user("admin")), ["config-get", "lease4-get", "list-commands"]);
}

/// Only `list-commands` is filtered, and only for who has the filter.
#[test]
fn list_commands_tells_what_is_accepted() {
    let rights = json!({"name": "a", "accept-commands": "READ", "response-filters": ["list-commands"]});
    let parameters = json!({"assign-role-method": "basic-authentication",
        "roles": [rights, {"name": "b", "accept-commands": "READ"}]});
    let rbac = rbac(&parameters);
    let all = json!(["config-get", "config-set", "lease4-add", "list-commands"]);
    let told =
        |name: &str, command: &str| rbac.filter(&user(name), command, Response::data(all.clone())).arguments;
    assert_eq!(told("a", "list-commands"), Some(json!(["config-get", "list-commands"])));
    assert_eq!(told("b", "list-commands"), Some(all.clone()));
    assert_eq!(told("a", "config-get"), Some(all.clone()));
    let error = Response::error("no");
    assert_eq!(rbac.filter(&user("a"), "list-commands", error.clone()), error);
}

/// What is wrong is told, with its place.
#[test]
fn wrong_parameters_are_refused() {
    let role = |rights: Json| {
        let mut role = json!({"name": "admin"});
        role.as_object_mut().unwrap().extend(rights.as_object().unwrap().clone());
        json!({"roles": [role]})
    };
    let accept = |list: Json| role(json!({"accept-commands": list}));
    let named = |lists: Json| json!({"access-control-lists": lists});
    for (parameters, told) in [
        (json!({"assign-role-method": "name"}), "\"assign-role-method\" is \"name\", it must be one of"),
        (json!({"require-tls": 1}), "\"require-tls\" must be true or false"),
        (json!({"api-files": 1}), "\"api-files\" must be a string"),
        (json!({"role": []}), "unknown keyword \"role\""),
        (json!({"commands": [{"name": "x"}]}), "\"access\" is missing"),
        (json!({"commands": [{"access": "read"}]}), "\"name\" is missing"),
        (json!({"commands": [{"name": "", "access": "read"}]}), "a command has a name"),
        (json!({"commands": [{"name": "x", "access": "all"}]}), "\"access\" is \"all\""),
        (
            json!({"commands": [{"name": "x", "access": "read"}, {"name": "x", "access": "write"}]}),
            "described twice",
        ),
        (json!({"roles": [{}]}), "\"name\" is missing"),
        (json!({"roles": [{"name": ""}]}), "a role has a name"),
        (json!({"roles": [{"name": "x"}, {"name": "x"}]}), "there is a role \"x\" already"),
        (json!({"default-role": {"name": "x"}}), "unknown keyword \"name\" in default-role"),
        (json!({"unknown-role": []}), "unknown-role must be a map"),
        (role(json!({"other-commands": "drop"})), "\"other-commands\" is \"drop\""),
        (role(json!({"list-match-first": "other"})), "\"list-match-first\" is \"other\""),
        (role(json!({"response-filters": ["config-get"]})), "\"response-filters\" is \"config-get\""),
        (accept(json!("LEASES")), "there is no access control list \"LEASES\""),
        (accept(json!({})), "is a name or a map of one entry"),
        (accept(json!(["ALL"])), "is a name or a map of one entry"),
        (accept(json!({"hook": "a", "access": "read"})), "is a name or a map of one entry"),
        (accept(json!({"xor": []})), "unknown kind of access control list \"xor\""),
        (accept(json!({"and": "ALL"})), "\"and\" must be a list of access control lists, this is a string"),
        (accept(json!({"not": {"or": ["SOME"]}})), "there is no access control list \"SOME\""),
        (accept(json!({"commands": "config-get"})), "\"commands\" must be a list of names"),
        (accept(json!({"commands": [7]})), "the name of a command is a string, this is an integer"),
        (accept(json!({"commands": ["config-gett"]})), "there is no command \"config-gett\""),
        (accept(json!({"access": "execute"})), "\"access\" must be \"read\" or \"write\""),
        (accept(json!({"hook": 1})), "\"hook\" must be the name of a hook library"),
        (named(json!([{}])), "is a map of one entry, its name with what it has"),
        (named(json!([{"a": "ALL", "b": "ALL"}])), "is a map of one entry, its name with what it has"),
        (named(json!([{"READ": "ALL"}])), "there is an access control list \"READ\" already"),
        (named(json!([{"a": "b"}, {"b": "ALL"}])), "there is no access control list \"b\""),
    ] {
        let mut whole = json!({"assign-role-method": "basic-authentication"});
        whole.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
        let refused = rbac_warning(&whole).unwrap_err();
        assert!(refused[0].contains(told), "{parameters}: {refused:?}");
        assert!(refused[0].contains("config-set"), "the place: {refused:?}");
    }
    let missing = rbac_warning(&json!({})).unwrap_err();
    assert!(missing[0].contains("\"assign-role-method\" is missing"), "{missing:?}");
    let mut lists = vec![json!({"l0": {"not": "ALL"}})];
    lists.extend(
        (1..40).map(|n| json!({format!("l{n}"): {"or": [format!("l{}", n - 1), format!("l{}", n - 1)]}})),
    );
    let refused = rbac_warning(&json!({"assign-role-method": "cert-subject", "access-control-lists": lists}));
    assert!(refused.unwrap_err()[0].contains("is made of more than 1000 others"));
    let hook = json!({"assign-role-method": "cert-subject", "unknown-role": {"reject-commands": {"hook": "lease_cmd"}}});
    let (_, warnings) = rbac_warning(&hook).unwrap();
    assert!(warnings[0].contains("no command is known of a hook library \"lease_cmd\""), "{warnings:?}");
    let address = json!({"assign-role-method": "remote-address", "roles": [{"name": "admin"}]});
    let (_, warnings) = rbac_warning(&address).unwrap();
    assert!(warnings[0].contains("the role \"admin\" is nobody's"), "{warnings:?}");
}
