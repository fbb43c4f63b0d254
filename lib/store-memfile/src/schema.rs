//! The columns of lease files, and what a header says of them.

/// The lease file of a family.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Whose leases it has: `DHCPv4`.
    pub(crate) family: &'static str,
    /// The digit of the family.
    pub(crate) universe: &'static str,
    /// The columns of the current schema.
    pub(crate) columns: &'static [&'static str],
    /// Its header line, with the newline.
    pub(crate) header: &'static [u8],
    /// How many columns each version has, as Kea's log messages name them, the oldest first.
    pub(crate) versions: &'static [(usize, &'static str)],
    /// What columns say that a file is too old to have, if not nothing.
    pub(crate) defaults: &'static [(usize, &'static [u8])],
}

impl Format {
    /// The version of the current schema.
    pub(crate) fn version(&self) -> &'static str {
        self.versions.last().map_or("", |&(_, version)| version)
    }
}

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
    /// The schema of a header line without its newline; otherwise what is wrong with it.
    pub(crate) fn of(header: &[u8], format: &Format) -> Result<Self, String> {
        let mut found = 0;
        for (i, name) in header.strip_suffix(b"\r").unwrap_or(header).split(|&byte| byte == b',').enumerate()
        {
            if let Some(&ours) = format.columns.get(i)
                && name != ours.as_bytes()
            {
                let name = name[..name.len().min(64)].escape_ascii();
                return Err(format!("column {} of the header is '{name}' where '{ours}' belongs", i + 1));
            }
            found = i + 1;
        }
        let least = format.versions.first().map_or(0, |&(columns, _)| columns);
        match found {
            _ if found < least => Err(format!("the header has only {found} of at least {least} columns")),
            _ if found < format.columns.len() => Ok(Self::Older(found)),
            _ if found == format.columns.len() => Ok(Self::Current),
            _ => Ok(Self::Newer),
        }
    }

    /// Its version, as Kea numbers them.
    pub(crate) fn version(self, format: &Format) -> String {
        let first = |columns| format.versions.iter().find(|&&(has, _)| columns <= has);
        match self {
            Self::Older(columns) => first(columns).map_or(format.version(), |&(_, version)| version).into(),
            Self::Current => format.version().into(),
            Self::Newer => format!("later than {}", format.version()),
        }
    }

    /// How many columns a row must have.
    pub(crate) fn columns(self, format: &Format) -> usize {
        match self {
            Self::Older(columns) => columns,
            Self::Current | Self::Newer => format.columns.len(),
        }
    }
}
