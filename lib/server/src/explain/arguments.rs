//! The arguments of a command that says whom to explain.

use std::str::FromStr;

use kotare_config::schema;
use kotare_control::shortened;
use kotare_expr::ClassId;
use serde_json::{Map, Value as Json};

use crate::Listening;

/// How many classes may be assumed.
const MAX_CLASSES: usize = 1000;

/// The arguments of a command, or a map among them.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a>(pub &'a Map<String, Json>);

impl<'a> Arguments<'a> {
    /// Refuses what is not among these.
    ///
    /// # Errors
    /// If there is such a thing.
    pub fn check_keys(&self, known: &[&[&str]]) -> Result<(), String> {
        match self.0.keys().find(|key| !known.iter().any(|keys| keys.contains(&key.as_str()))) {
            Some(other) => Err(format!("unknown entry '{}'", shortened(other))),
            None => Ok(()),
        }
    }

    /// What is given for a key, whatever it is.
    pub fn get(&self, key: &str) -> Option<&'a Json> {
        self.0.get(key)
    }

    /// A text.
    ///
    /// # Errors
    /// If it is something else.
    pub fn text(&self, key: &str) -> Result<Option<&'a str>, String> {
        let text = |value: &'a Json| value.as_str().ok_or_else(|| format!("'{key}' entry must be a string"));
        self.0.get(key).map(text).transpose()
    }

    /// An address; `such` is what it looks like.
    ///
    /// # Errors
    /// If it is none.
    pub fn address<A: FromStr>(&self, key: &str, such: &str) -> Result<Option<A>, String> {
        let address = |text: &str| {
            text.parse().map_err(|_| format!("bad '{key}' entry: '{}' is not {such}", shortened(text)))
        };
        self.text(key)?.map(address).transpose()
    }

    /// Bytes: text in quotes, or hexadecimal digits.
    ///
    /// # Errors
    /// If it is neither, or there are none or more than `most`.
    pub fn bytes(&self, key: &str, most: usize) -> Result<Option<Vec<u8>>, String> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        let bytes = schema::bytes(text).ok_or_else(|| {
            format!(
                "bad '{key}' entry: '{}' is neither hexadecimal digits, such as 1a:2b, nor text in quotes, such as 'foo'",
                shortened(text)
            )
        })?;
        match bytes.len() {
            0 => Err(format!("'{key}' must not be empty")),
            len if len > most => Err(format!("'{key}' has {len} bytes, at most {most} are possible")),
            _ => Ok(Some(bytes)),
        }
    }

    /// Classes that the client is assumed to be of.
    ///
    /// # Errors
    /// If they are not names that the configuration has.
    pub fn classes(&self, named: impl Fn(&str) -> Option<ClassId>) -> Result<Vec<ClassId>, String> {
        let Some(list) = self.0.get("classes") else { return Ok(Vec::new()) };
        let list = list.as_array().filter(|list| list.len() <= MAX_CLASSES);
        let list =
            list.ok_or_else(|| format!("'classes' entry must be a list of at most {MAX_CLASSES} names"))?;
        let id = |name: &Json| {
            let name = name.as_str().ok_or("'classes' entry must be a list of strings")?;
            let id = named(name);
            id.ok_or_else(|| format!("the class '{}' is not named in the configuration", shortened(name)))
        };
        list.iter().map(id).collect()
    }

    /// The maps of a list; none if it is not given.
    ///
    /// # Errors
    /// If it is something else, or there are more than `most`.
    pub fn maps(&self, key: &str, most: usize) -> Result<Vec<Arguments<'a>>, String> {
        let Some(list) = self.0.get(key) else { return Ok(Vec::new()) };
        let wrong = || format!("'{key}' entry must be a list of at most {most} maps");
        let list = list.as_array().filter(|list| list.len() <= most).ok_or_else(wrong)?;
        list.iter().map(|map| map.as_object().map(Arguments).ok_or_else(wrong)).collect()
    }

    /// A number up to `most`.
    ///
    /// # Errors
    /// If it is something else.
    pub fn number(&self, key: &str, most: u32) -> Result<Option<u32>, String> {
        let number = |value: &Json| {
            let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
            let number = number.filter(|number| *number <= most);
            number.ok_or_else(|| format!("'{key}' entry must be an integer from 0 to {most}"))
        };
        self.0.get(key).map(number).transpose()
    }

    /// The interface it comes in on, and the address that is listened on there.
    ///
    /// # Errors
    /// If none is named like that, or none is named and there are several.
    pub fn link<A: Copy>(
        &self,
        is_relayed: bool,
        listening: &Listening<A>,
        none: A,
    ) -> Result<(u32, A), String> {
        let mut links = listening.links();
        if let Some(name) = self.text("interface")? {
            let found = links.find(|(_, own, _)| *own == name);
            return found.map(|(index, _, address)| (index, address)).ok_or_else(|| {
                let served: Vec<_> = listening.links().map(|(_, name, _)| name).collect();
                format!(
                    "bad 'interface' entry: nothing is listened to on '{}', but on: {}",
                    shortened(name),
                    if served.is_empty() { "no interface".to_owned() } else { served.join(", ") }
                )
            });
        }
        match (links.next(), links.next()) {
            (Some((index, _, address)), None) => Ok((index, address)),
            // Where a relay's message comes in on makes next to no difference.
            (Some((index, _, address)), Some(_)) if is_relayed => Ok((index, address)),
            (None, _) => Ok((0, none)),
            (Some(_), Some(_)) => {
                let served: Vec<_> = listening.links().map(|(_, name, _)| name).collect();
                Err(format!("on which 'interface' does it come in? There are {}", served.join(", ")))
            }
        }
    }
}
