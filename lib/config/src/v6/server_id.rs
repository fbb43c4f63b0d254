//! `server-id`: what the server calls itself.

/// `type`: how the server's DUID is made (RFC 9915 §11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DuidType {
    /// `LLT`: a link-layer address and the time.
    #[default]
    Llt,
    /// `EN`: the number of an enterprise and what it chose.
    En,
    /// `LL`: a link-layer address.
    Ll,
}

impl DuidType {
    /// The keyword, which is also its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Llt => "LLT",
            Self::En => "EN",
            Self::Ll => "LL",
        }
    }
}

/// `server-id`, as written: what is zero or empty is for the server to find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerId {
    /// `type`.
    pub duid_type: DuidType,
    /// `identifier`: the link-layer address, or what the enterprise chose; empty for one that is found.
    pub identifier: Box<[u8]>,
    /// `htype`: the hardware type of a link-layer address; 0 for that of the one that is found.
    pub htype: u16,
    /// `time`: seconds since 2000-01-01 00:00 UTC, of a DUID of type LLT; 0 for now.
    pub time: u32,
    /// `enterprise-id`, of a DUID of type EN; 0 for that of Kea's makers, 2495.
    pub enterprise: u32,
    /// `persist`: whether the DUID is kept in a file, and found there.
    pub persist: bool,
}

impl Default for ServerId {
    /// What holds where nothing is written.
    fn default() -> Self {
        Self {
            duid_type: DuidType::Llt,
            identifier: Box::default(),
            htype: 0,
            time: 0,
            enterprise: 0,
            persist: true,
        }
    }
}
