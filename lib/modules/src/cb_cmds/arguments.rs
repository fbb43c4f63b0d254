//! What the commands are given.

use kotare_control::Request;
use kotare_store_sql::Access;
use kotare_store_sql::objects::{ALL, For};
use serde_json::{Map, Value as Json};

/// The arguments of a command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'r> {
    pub(super) command: &'r str,
    map: &'r Map<String, Json>,
}

impl<'r> Asked<'r> {
    /// The arguments of a request, none of which is unknown.
    pub(super) fn of(request: &'r Request, known: &[&str]) -> Result<Self, String> {
        let command = &*request.command;
        let map = match &request.arguments {
            Some(Json::Object(map)) => map,
            Some(_) => return Err(format!("arguments specified for the '{command}' command are not a map")),
            None => return Err(format!("no arguments specified for the '{command}' command")),
        };
        let is_known = |name: &String| known.contains(&name.as_str()) || name == "remote";
        match map.keys().find(|name| !is_known(name)) {
            Some(name) if name == "server-tags" => Err("'server-tags' parameter is forbidden".to_owned()),
            Some(name) => Err(format!("unknown argument '{name}' of the '{command}' command")),
            None => Ok(Self { command, map }),
        }
    }

    pub(super) fn get(self, name: &str) -> Option<&'r Json> {
        self.map.get(name)
    }

    /// The one item of a list.
    fn only(self, name: &str) -> Result<&'r Json, String> {
        let list = self.get(name).and_then(Json::as_array);
        match list
            .ok_or_else(|| format!("'{name}' parameter must be specified and must be a list"))?
            .as_slice()
        {
            [item] => Ok(item),
            _ => Err(format!("'{name}' list must include exactly one element")),
        }
    }

    /// The one map of a list.
    pub(super) fn one(self, name: &str) -> Result<&'r Map<String, Json>, String> {
        let map = self.only(name)?.as_object();
        map.ok_or_else(|| format!("the element of the '{name}' list must be a map"))
    }

    /// The one name of a list.
    pub(super) fn one_name(self, name: &str) -> Result<&'r str, String> {
        let text = self.only(name)?.as_str();
        text.ok_or_else(|| format!("the element of the '{name}' list must be a string"))
    }

    /// A map.
    pub(super) fn map_of(self, name: &str) -> Result<&'r Map<String, Json>, String> {
        let map = self.get(name).and_then(Json::as_object);
        map.ok_or_else(|| format!("'{name}' parameter must be specified and must be a map"))
    }

    /// One of these words, the first if none is given.
    pub(super) fn word(self, name: &str, words: &[&'static str]) -> Result<&'static str, String> {
        let Some(value) = self.get(name) else { return Ok(words[0]) };
        let word = words.iter().find(|word| value.as_str() == Some(word));
        word.copied().ok_or_else(|| format!("'{name}' must be one of: {}", words.join(", ")))
    }

    /// The tags of the servers that something is to be for, in lower case.
    pub(super) fn tags(self) -> Result<Vec<String>, String> {
        match self.servers()? {
            For::Tags(tags) => Ok(tags),
            For::Nobody | For::Anybody => Err("'server-tags' must not include a null value".to_owned()),
        }
    }

    /// The tag of the one server, or of all, that something is to be for.
    pub(super) fn tag(self) -> Result<Vec<String>, String> {
        let tags = self.tags()?;
        match tags.len() {
            1 => Ok(tags),
            count => Err(format!(
                "'server-tags' list must include exactly one tag for this command, it has {count}"
            )),
        }
    }

    /// Whom the objects are for that are meant.
    pub(super) fn servers(self) -> Result<For, String> {
        let list = self.get("server-tags").ok_or("'server-tags' parameter is mandatory")?;
        let list = list.as_array().ok_or("'server-tags' parameter must be a list")?;
        match list.as_slice() {
            [] => Err("'server-tags' list must not be empty".to_owned()),
            [Json::Null] => Ok(For::Nobody),
            tags if tags.iter().any(Json::is_null) => {
                Err("'server-tags' list must not include a null value beside tags".to_owned())
            }
            tags => tags.iter().map(tag).collect::<Result<_, _>>().map(For::Tags),
        }
    }

    /// The database that is meant.
    pub(super) fn database(self, databases: &[Access]) -> Result<&Access, String> {
        let remote = match self.get("remote") {
            None => return databases.first().ok_or_else(|| "no configuration backends".to_owned()),
            Some(remote) => remote.as_object().ok_or("'remote' parameter must be a map")?,
        };
        if let Some(name) = remote.keys().find(|name| !["type", "host", "port"].contains(&name.as_str())) {
            return Err(format!("unknown parameter '{name}' of 'remote'"));
        }
        let text = |name: &str| match remote.get(name) {
            None => Ok(None),
            Some(value) => {
                value.as_str().map(Some).ok_or_else(|| format!("'{name}' of 'remote' must be a string"))
            }
        };
        let (kind, host) = (text("type")?, text("host")?);
        let port = match remote.get("port") {
            None => None,
            Some(port) => Some(
                port.as_u64()
                    .and_then(|port| u16::try_from(port).ok())
                    .ok_or("'port' of 'remote' must be an integer")?,
            ),
        };
        if port.is_some() && host.is_none() {
            return Err("'port' of 'remote' can only be specified together with 'host'".to_owned());
        }
        let is_meant = |access: &&Access| {
            kind.is_none_or(|kind| access.engine.name() == kind)
                && host
                    .is_none_or(|host| access.host == host || (access.host.is_empty() && host == "localhost"))
                && port.is_none_or(|port| access.port == Some(port))
        };
        databases.iter().find(is_meant).ok_or_else(|| {
            let port = port.map(|port| port.to_string());
            let parts = [("type", kind), ("host", host), ("port", port.as_deref())];
            let parts: Vec<_> = parts
                .iter()
                .filter_map(|(name, value)| value.map(|value| format!("{name}={value}")))
                .collect();
            let selector = if parts.is_empty() { "unspecified".to_owned() } else { parts.join(",") };
            format!("no such database found for selector: {selector}")
        })
    }
}

/// A tag in lower case.
pub(super) fn tag(tag: &Json) -> Result<String, String> {
    let tag = tag.as_str().ok_or("'server-tag' parameter is not a string")?.trim().to_lowercase();
    match tag.as_str() {
        "" => Err("server-tag must not be empty".to_owned()),
        "any" => Err("'any' is reserved and must not be used as a server-tag".to_owned()),
        text if text.len() > 256 => Err("server-tag must not be longer than 256 characters".to_owned()),
        _ => Ok(tag),
    }
}

/// The tag of a server that an operator names, which is not that of all.
pub(super) fn own_tag(server: &Map<String, Json>) -> Result<String, String> {
    match tag(server.get("server-tag").ok_or_else(|| missing("server-tag"))?)? {
        all if all == ALL => Err("'all' is reserved and must not be used as a server-tag".to_owned()),
        tag => Ok(tag),
    }
}

fn missing(name: &str) -> String {
    format!("missing '{name}' parameter")
}

/// A string that must be there.
pub(super) fn text<'m>(map: &'m Map<String, Json>, name: &str) -> Result<&'m str, String> {
    let value = map.get(name).ok_or_else(|| missing(name))?;
    value.as_str().ok_or_else(|| format!("'{name}' parameter is not a string"))
}

/// An integer that must be there.
pub(super) fn number(map: &Map<String, Json>, name: &str) -> Result<i64, String> {
    let value = map.get(name).ok_or_else(|| missing(name))?;
    value.as_i64().ok_or_else(|| format!("'{name}' parameter is not an integer"))
}

/// Something that cannot be set without these, in the words of who reads configurations.
pub(super) fn complete(map: &Map<String, Json>, names: &[&str]) -> Result<(), String> {
    match names.iter().find(|name| !map.contains_key(**name)) {
        Some(name) => Err(format!("missing parameter '{name}'")),
        None => Ok(()),
    }
}
