//! Which names clients may have.

use kotare_ddns::Name;

/// Names that programs look for by themselves and trust: whoever has one of them speaks to others' computers.
const TRUSTED: [&str; 3] = ["localhost", "wpad", "isatap"];

/// Which names clients may have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    domain: Option<Name>,
}

impl Rules {
    /// Names are in `domain`, if there is one.
    #[must_use]
    pub fn new(domain: Option<Name>) -> Self {
        Self { domain }
    }

    /// The domain of names that have none.
    #[must_use]
    pub fn domain(&self) -> Option<&Name> {
        self.domain.as_ref()
    }

    /// The name of a client that is called this where the server itself appends `suffix`.
    ///
    /// A name of one label gets the domain, if there is one. Other names have to be below the domain or below `suffix`:
    /// whoever asks would otherwise believe a client that it is somebody of another domain.
    #[must_use]
    pub fn of_client(&self, text: &str, suffix: &str) -> Option<Name> {
        let text = text.strip_suffix('.').unwrap_or(text);
        let first = text.split('.').next().unwrap_or_default();
        if TRUSTED.iter().any(|trusted| first.eq_ignore_ascii_case(trusted)) {
            return None;
        }
        let name = self.of_operator(text)?;
        let suffix = suffix.parse::<Name>().ok();
        let is_below = |domain: &Name| name.is_in(domain) && name.labels() > domain.labels();
        let is_allowed = match text.contains('.') {
            true => self.domain.iter().chain(&suffix).any(is_below),
            // As an address, it would be taken for one.
            false => !text.bytes().all(|byte| byte.is_ascii_digit()),
        };
        is_allowed.then_some(name)
    }

    /// The name that an operator wrote; a name of one label gets the domain, if there is one.
    #[must_use]
    pub fn of_operator(&self, text: &str) -> Option<Name> {
        let text = text.strip_suffix('.').unwrap_or(text);
        // Files have a line for each name, with words in it; nothing else may get in there.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if text.is_empty() || !text.bytes().all(is_plain) {
            return None;
        }
        match &self.domain {
            Some(domain) if !text.contains('.') => format!("{text}.{domain}").parse().ok(),
            _ => text.parse().ok(),
        }
    }
}
