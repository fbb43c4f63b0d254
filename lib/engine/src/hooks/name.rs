//! A client's name, as modules may change it.

use kotare_config::common::Names;
use kotare_model::HostName;

use crate::names::{labels, qualify};

/// A client's name that was found, or that it has none, and what of it this server updates in the DNS.
#[derive(Clone, Debug, PartialEq)]
pub struct NameDraft<'a> {
    text: HostName,
    /// Whether the address of the name is updated.
    pub forward: bool,
    /// Whether the name of the address is.
    pub reverse: bool,
    names: &'a Names,
    /// Whether names end with a dot where the client is told this one.
    dot: bool,
}

impl<'a> NameDraft<'a> {
    pub(crate) fn new(text: &HostName, [forward, reverse]: [bool; 2], names: &'a Names, dot: bool) -> Self {
        Self { text: text.clone(), forward, reverse, names, dot }
    }

    /// The name; empty if the client has none, or one that is still to be made up.
    #[must_use]
    pub fn text(&self) -> &HostName {
        &self.text
    }

    /// Gives the client this name, of which a single label is in `ddns-qualifying-suffix`.
    ///
    /// # Errors
    /// Why it is no name.
    pub fn rename(&mut self, name: &[u8]) -> Result<(), &'static str> {
        let is_single = labels(name)? == 1;
        let mut text = HostName::EMPTY;
        text.extend(name.iter().copied());
        text.make_lowercase();
        if is_single {
            qualify(&mut text, &self.names.qualifying_suffix, self.dot);
        } else if self.dot && !text.as_bytes().ends_with(b".") {
            text.push(b'.');
        }
        labels(text.as_bytes())?;
        self.text = text;
        Ok(())
    }
}
