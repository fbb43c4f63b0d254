//! How a table is declared: once, for every engine. What differs between engines is in [`Form`], and what only some have
//! says so.

use crate::engine::Engine;

/// A table. In names of the configuration's tables `#` stands for the protocol, 4 or 6.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [Column],
    /// The columns of the primary key.
    pub(super) key: &'static str,
    pub(super) indexes: &'static [Index],
    pub(super) foreign: &'static [Foreign],
    /// The words that the numbers of a dictionary mean.
    pub(super) words: &'static [(i64, &'static str)],
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    name: &'static str,
    /// PostgreSQL wants a letter first.
    postgres: Option<&'static str>,
    pub(super) form: Form,
    pub(super) null: bool,
    pub(super) default: Option<&'static str>,
    /// What rows get that were there before the column was.
    pub(super) fill: Option<&'static str>,
    /// The engine that does not have it.
    pub(super) but: Option<Engine>,
}

/// What a column has, and as which type of MySQL, PostgreSQL and SQLite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A number that the engine gives, of 64 bits in MySQL.
    Serial64,
    /// A number that the engine gives, of 32 bits.
    Serial32,
    /// A whole number without sign, of 64 bits.
    U64,
    /// Of 64 bits with sign.
    I64,
    /// Of 32 bits without sign.
    U32,
    /// Of 32 bits with sign; PostgreSQL has more.
    I32,
    /// Of 32 bits with sign everywhere.
    Int,
    /// Of 32 bits, in PostgreSQL with sign: an IAID, or the number of a [`Serial32`](Self::Serial32).
    Ref32,
    /// Of 32 bits in MySQL, of 16 in PostgreSQL.
    Small32,
    /// Of 16 bits.
    U16,
    /// Of 16 bits, of 32 in PostgreSQL.
    Code16,
    /// Of 8 bits without sign.
    U8,
    /// Of 8 bits with sign.
    I8,
    /// Of 8 bits, of 64 in PostgreSQL.
    Choice,
    /// Yes or no.
    Bool,
    /// A fraction.
    Real,
    /// An instant.
    Time,
    /// Text of so many characters at most.
    Text(u16),
    /// Of so many in MySQL and so many in PostgreSQL, which has no limit where it is 0.
    Texts(u16, u16),
    /// Text of up to 64 KiB in MySQL.
    ShortText,
    /// Text.
    LongText,
    /// JSON.
    Json,
    /// So many bytes at most.
    Bytes(u16),
    /// Bytes.
    Blob,
    /// An address of IPv4: a number, in PostgreSQL its own type.
    Address4,
    /// An address of IPv6: 16 bytes, in PostgreSQL its own type.
    Address6,
    /// An address of IPv6 as text, in PostgreSQL its own type.
    Text6,
    /// An address of IPv6 as 16 bytes everywhere.
    Binary16,
}

impl Form {
    /// The type of an engine.
    pub(super) fn of(self, engine: Engine) -> String {
        let texts = |length: u16| format!("VARCHAR({length})");
        let [mysql, postgres, sqlite] = match self {
            Self::Serial64 => ["BIGINT UNSIGNED AUTO_INCREMENT", "SERIAL", "INTEGER"],
            Self::Serial32 => ["INT UNSIGNED AUTO_INCREMENT", "SERIAL", "INTEGER"],
            Self::U64 => ["BIGINT UNSIGNED", "BIGINT", "INTEGER"],
            Self::I64 => ["BIGINT", "BIGINT", "INTEGER"],
            Self::U32 => ["INT UNSIGNED", "BIGINT", "INTEGER"],
            Self::I32 => ["INT", "BIGINT", "INTEGER"],
            Self::Int => ["INT", "INT", "INTEGER"],
            Self::Ref32 => ["INT UNSIGNED", "INT", "INTEGER"],
            Self::Small32 => ["INT UNSIGNED", "SMALLINT", "INTEGER"],
            Self::U16 => ["SMALLINT UNSIGNED", "SMALLINT", "INTEGER"],
            Self::Code16 => ["SMALLINT UNSIGNED", "INT", "INTEGER"],
            Self::U8 => ["TINYINT UNSIGNED", "SMALLINT", "INTEGER"],
            Self::I8 => ["TINYINT", "SMALLINT", "INTEGER"],
            Self::Choice => ["TINYINT", "BIGINT", "INTEGER"],
            Self::Bool => ["TINYINT(1)", "BOOLEAN", "INTEGER"],
            Self::Real => ["FLOAT", "DOUBLE PRECISION", "REAL"],
            Self::Time => ["TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "INTEGER"],
            Self::ShortText => ["TEXT", "TEXT", "TEXT"],
            Self::LongText => ["LONGTEXT", "TEXT", "TEXT"],
            Self::Json => ["LONGTEXT", "JSON", "TEXT"],
            Self::Blob => ["BLOB", "BYTEA", "BLOB"],
            Self::Address4 => ["INT UNSIGNED", "INET", "INTEGER"],
            Self::Address6 => ["BINARY(16)", "INET", "BLOB"],
            Self::Text6 => ["VARCHAR(45)", "INET", "TEXT"],
            Self::Binary16 => ["BINARY(16)", "BYTEA", "BLOB"],
            Self::Bytes(length) if engine == Engine::MySql => return format!("VARBINARY({length})"),
            Self::Bytes(_) => ["", "BYTEA", "BLOB"],
            Self::Text(length) if engine != Engine::Sqlite => return texts(length),
            Self::Texts(length, _) if engine == Engine::MySql => return texts(length),
            Self::Texts(_, 0) if engine == Engine::Postgres => ["", "VARCHAR", ""],
            Self::Texts(_, length) if engine == Engine::Postgres => return texts(length),
            Self::Text(_) | Self::Texts(..) => ["", "", "TEXT"],
        };
        let text = match engine {
            Engine::MySql => mysql,
            Engine::Postgres => postgres,
            Engine::Sqlite => sqlite,
        };
        text.to_owned()
    }

    /// Whether values are text, which a default stands between quotes for.
    pub(super) fn is_text(self) -> bool {
        matches!(
            self,
            Self::Text(_) | Self::Texts(..) | Self::Text6 | Self::ShortText | Self::LongText | Self::Json
        )
    }
}

/// A column that has to have a value.
pub(super) const fn col(name: &'static str, form: Form) -> Column {
    Column { name, postgres: None, form, null: false, default: None, fill: None, but: None }
}

impl Column {
    /// May have none.
    pub(super) const fn null(self) -> Self {
        Self { null: true, ..self }
    }

    /// Has this one unless another is given.
    pub(super) const fn or(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    /// Has the present time unless another is given.
    pub(super) const fn now(self) -> Self {
        self.or(NOW)
    }

    /// In PostgreSQL it is called this.
    pub(super) const fn in_postgres(self, name: &'static str) -> Self {
        Self { postgres: Some(name), ..self }
    }

    /// Rows that were there before the column was get this.
    pub(super) const fn filled(self, fill: &'static str) -> Self {
        Self { fill: Some(fill), ..self }
    }

    /// This engine does not have it.
    pub(super) const fn but(self, engine: Engine) -> Self {
        Self { but: Some(engine), ..self }
    }

    /// What an engine calls it.
    pub(super) fn name(&self, engine: Engine) -> &'static str {
        match self.postgres {
            Some(name) if engine == Engine::Postgres => name,
            _ => self.name,
        }
    }
}

/// The default of [`Column::now`].
pub(super) const NOW: &str = "CURRENT_TIMESTAMP";

/// An index beside the primary key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Index {
    pub(super) name: &'static str,
    /// Columns or expressions, with commas between.
    pub(super) columns: &'static str,
    pub(super) unique: bool,
    /// What rows are in it; MySQL has all.
    pub(super) filter: Option<&'static str>,
    /// Text that is compared in lower case, which MySQL does anyhow.
    pub(super) folded: bool,
    /// What a file of SQLite has of it.
    pub(super) in_file: InFile,
}

/// What a file of SQLite has of an index. There one program writes every lease into every index, and its tables are our own:
/// what nobody looks for there is in none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InFile {
    /// All of it.
    Whole,
    /// Rows like these.
    Only(&'static str),
    /// Nothing.
    Nothing,
}

/// An index.
pub(super) const fn index(name: &'static str, columns: &'static str) -> Index {
    Index { name, columns, unique: false, filter: None, folded: false, in_file: InFile::Whole }
}

/// An index of which no two rows have the same.
pub(super) const fn unique(name: &'static str, columns: &'static str) -> Index {
    Index { unique: true, ..index(name, columns) }
}

impl Index {
    /// Of these rows alone, but in MySQL.
    pub(super) const fn of(self, filter: &'static str) -> Self {
        Self { filter: Some(filter), ..self }
    }

    /// Of text in lower case.
    pub(super) const fn folded(self) -> Self {
        Self { folded: true, ..self }
    }

    /// In a file of SQLite of these rows alone.
    pub(super) const fn in_file_of(self, filter: &'static str) -> Self {
        Self { in_file: InFile::Only(filter), ..self }
    }

    /// Not in a file of SQLite.
    pub(super) const fn not_in_file(self) -> Self {
        Self { in_file: InFile::Nothing, ..self }
    }

    /// Whether an engine has it.
    pub(super) fn is_of(&self, engine: Engine) -> bool {
        engine != Engine::Sqlite || self.in_file != InFile::Nothing
    }
}

/// A column whose values are keys of another table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Foreign {
    pub(super) name: &'static str,
    pub(super) column: &'static str,
    pub(super) table: &'static str,
    pub(super) target: &'static str,
    /// Whether rows go with what they name.
    pub(super) cascade: bool,
    /// Whether rows follow a key that changes.
    pub(super) follows: bool,
    pub(super) only: Option<Engine>,
}

/// `column` names a row of `table` by its `target`, and keeps it from going.
pub(super) const fn foreign(
    name: &'static str,
    column: &'static str,
    table: &'static str,
    target: &'static str,
) -> Foreign {
    Foreign { name, column, table, target, cascade: false, follows: false, only: None }
}

impl Foreign {
    /// Goes with it.
    pub(super) const fn cascade(self) -> Self {
        Self { cascade: true, ..self }
    }

    /// Follows it when its key changes.
    pub(super) const fn follows(self) -> Self {
        Self { follows: true, ..self }
    }

    /// One engine alone has it.
    pub(super) const fn only(self, engine: Engine) -> Self {
        Self { only: Some(engine), ..self }
    }
}
