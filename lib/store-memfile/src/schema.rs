//! The columns of lease files, and what a header says of them.

/// The columns of the current schema, 3.0.
pub(crate) const COLUMNS: [&str; 12] = [
    "address",
    "hwaddr",
    "client_id",
    "valid_lifetime",
    "expire",
    "subnet_id",
    "fqdn_fwd",
    "fqdn_rev",
    "hostname",
    "state",
    "user_context",
    "pool_id",
];

/// The header line of the current schema.
pub(crate) const HEADER: &[u8] =
    b"address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,\
    hostname,state,user_context,pool_id\n";

/// What the header line of a file says about its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    /// Exactly ours.
    Current,
    /// Older: only this many of our columns.
    Older(usize),
    /// Newer: ours and more.
    Newer,
}

impl Schema {
    /// The version of the current schema, as Kea's log messages name it.
    pub(crate) const VERSION: &str = "3.0";

    /// The schema of a header line without its newline; otherwise what is wrong with it.
    pub(crate) fn of(header: &[u8]) -> Result<Self, String> {
        let mut found = 0;
        for (i, name) in header.strip_suffix(b"\r").unwrap_or(header).split(|&byte| byte == b',').enumerate()
        {
            if let Some(&ours) = COLUMNS.get(i)
                && name != ours.as_bytes()
            {
                let name = name[..name.len().min(64)].escape_ascii();
                return Err(format!("column {} of the header is '{name}' where '{ours}' belongs", i + 1));
            }
            found = i + 1;
        }
        match found {
            // `hostname` is the last column of the oldest schema.
            ..9 => Err(format!("the header has only {found} of at least 9 columns")),
            9..12 => Ok(Self::Older(found)),
            12 => Ok(Self::Current),
            _ => Ok(Self::Newer),
        }
    }

    /// Its version, as Kea numbers them.
    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::Older(9) => "1.0",
            Self::Older(10) => "2.0",
            Self::Older(_) => "2.1",
            Self::Current => Self::VERSION,
            Self::Newer => "later than 3.0",
        }
    }

    /// How many columns a row must have.
    pub(crate) fn columns(self) -> usize {
        match self {
            Self::Older(columns) => columns,
            Self::Current | Self::Newer => COLUMNS.len(),
        }
    }
}
