//! Several relationships of one server: a hub, whose subnets say to which of them they belong.

use serde_json::Value;

use crate::{Mode, Relationship};

/// The parameter of a subnet's or shared network's `user-context` that names a server of its relationship.
const HA_SERVER_NAME: &str = "ha-server-name";

/// What is wrong with several relationships together, besides what is wrong with each.
#[must_use]
pub fn judge_together(relationships: &[Relationship]) -> Vec<String> {
    let mut wrong = Vec::new();
    if relationships.is_empty() {
        wrong.push("a list of HA configurations must not be empty".into());
    }
    if relationships.len() > 1 && relationships.iter().any(|each| each.mode != Mode::HotStandby) {
        wrong.push("multiple HA relationships are only supported for 'hot-standby' mode".into());
    }
    for (at, relationship) in relationships.iter().enumerate() {
        let before = || relationships[..at].iter().flat_map(|other| &other.peers);
        for peer in &relationship.peers {
            if before().any(|other| other.name == peer.name) {
                wrong.push(format!(
                    "server names must be unique for different relationships: a relationship '{}' already exists",
                    peer.name
                ));
            }
        }
    }
    wrong
}

/// Which relationship a server of this name is in.
#[must_use]
pub fn with_server(relationships: &[Relationship], name: &str) -> Option<usize> {
    relationships.iter().position(|relationship| relationship.peer(name).is_some())
}

/// The relationship that a command is for, by its `server-name`; the first one if it names none.
///
/// # Errors
/// Kea's sentence about arguments that are none, or a name of nobody.
pub fn of_command(
    relationships: &[Relationship],
    command: &str,
    arguments: Option<&Value>,
) -> Result<usize, String> {
    let Some(arguments) = arguments else { return Ok(0) };
    let Some(arguments) = arguments.as_object() else {
        return Err(format!("arguments in the '{command}' command are not a map"));
    };
    match arguments.get("server-name") {
        None => Ok(0),
        Some(Value::String(name)) => with_server(relationships, name)
            .ok_or_else(|| format!("{name} matches no configured 'server-name'")),
        Some(_) => Err(format!("'server-name' must be a string in the '{command}' command")),
    }
}

/// The server that a subnet names, by its user context or that of its shared network.
///
/// # Errors
/// What names a server is no name.
pub fn server_of_subnet<'a>(
    subnet: Option<&'a Value>,
    network: Option<&'a Value>,
) -> Result<Option<&'a str>, String> {
    let named = |context: Option<&'a Value>| context?.as_object()?.get(HA_SERVER_NAME);
    match named(subnet).or_else(|| named(network)) {
        None => Ok(None),
        Some(Value::String(name)) if !name.is_empty() => Ok(Some(name)),
        Some(_) => Err(format!("'{HA_SERVER_NAME}' must be a non-empty string")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Peer, Role};

    fn spoke(primary: &str, standby: &str) -> Relationship {
        let mut spoke = Relationship::new(standby, Mode::HotStandby);
        spoke.peers = vec![
            Peer::new(primary, "http://192.0.2.1:8007/", Role::Primary),
            Peer::new(standby, "http://192.0.2.2:8007/", Role::Standby),
        ];
        spoke
    }

    /// The manual's hub: any server of a relationship names it.
    #[test]
    fn a_hub_has_relationships() {
        let hub = [spoke("server1", "server2"), spoke("server3", "server4")];
        assert!(judge_together(&hub).is_empty());
        assert_eq!(with_server(&hub, "server1"), Some(0));
        assert_eq!(with_server(&hub, "server4"), Some(1));
        assert_eq!(with_server(&hub, "server5"), None);
        assert_eq!(of_command(&hub, "ha-reset", Some(&json!({"server-name": "server3"}))), Ok(1));
        assert_eq!(of_command(&hub, "ha-reset", None), Ok(0));
        let unknown = of_command(&hub, "ha-reset", Some(&json!({"server-name": "x"})));
        assert_eq!(unknown.unwrap_err(), "x matches no configured 'server-name'");
        assert!(of_command(&hub, "ha-reset", Some(&json!([]))).is_err());
        assert!(of_command(&hub, "ha-reset", Some(&json!({"server-name": 1}))).is_err());
    }

    /// Only standby pairs share a hub, and names are for one server.
    #[test]
    fn what_cannot_be_together_is_said() {
        let same = [spoke("server1", "server2"), spoke("server1", "server4")];
        assert_eq!(judge_together(&same).len(), 1);
        let mut other = [spoke("server1", "server2"), spoke("server3", "server4")];
        other[1].mode = Mode::PassiveBackup;
        assert_eq!(judge_together(&other).len(), 1);
        assert_eq!(judge_together(&[]).len(), 1);
    }

    /// A subnet's word goes before that of its shared network.
    #[test]
    fn subnets_name_servers() {
        let (own, network) = (json!({"ha-server-name": "a"}), json!({"ha-server-name": "b"}));
        assert_eq!(server_of_subnet(Some(&own), Some(&network)), Ok(Some("a")));
        assert_eq!(server_of_subnet(Some(&json!({})), Some(&network)), Ok(Some("b")));
        assert_eq!(server_of_subnet(None, None), Ok(None));
        assert!(server_of_subnet(Some(&json!({"ha-server-name": ""})), Some(&network)).is_err());
        assert!(server_of_subnet(Some(&json!({"ha-server-name": 1})), None).is_err());
    }
}
