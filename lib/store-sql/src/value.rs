//! What stands in a column.

/// What kind of value a column has. Engines want to know it of what is missing, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number of up to 64 bits.
    Int,
    /// Yes or no.
    Bool,
    /// Bytes.
    Bytes,
    /// Text in UTF-8.
    Text,
}

/// A value of a column, written or read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// None, of this kind.
    Null(Kind),
    /// A whole number.
    Int(i64),
    /// Yes or no. MySQL and SQLite give back a number.
    Bool(bool),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Text.
    Text(String),
}

impl Value {
    /// A number, if there is one.
    pub fn int(number: Option<i64>) -> Self {
        number.map_or(Self::Null(Kind::Int), Self::Int)
    }

    /// Bytes, if there are any.
    pub fn bytes(bytes: Option<&[u8]>) -> Self {
        bytes.map_or(Self::Null(Kind::Bytes), |bytes| Self::Bytes(bytes.to_vec()))
    }

    /// Text, if there is one.
    pub fn text(text: Option<&str>) -> Self {
        text.map_or(Self::Null(Kind::Text), |text| Self::Text(text.to_owned()))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A row that a statement answered with: its columns by position. What is not of the kind that is asked for is as if it
/// were missing: the caller says what that means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row(pub Vec<Value>);

impl Row {
    /// The number in a column; 0 or 1 of a yes or no.
    pub fn int(&self, column: usize) -> Option<i64> {
        match self.0.get(column)? {
            Value::Int(number) => Some(*number),
            Value::Bool(yes) => Some((*yes).into()),
            _ => None,
        }
    }

    /// The number in a column, if it is of the type wanted.
    pub fn number<N: TryFrom<i64>>(&self, column: usize) -> Option<N> {
        self.int(column).and_then(|number| N::try_from(number).ok())
    }

    /// The yes or no in a column.
    pub fn bool(&self, column: usize) -> Option<bool> {
        self.int(column).map(|number| number != 0)
    }

    /// The bytes in a column; those of a text, too.
    pub fn bytes(&self, column: usize) -> Option<&[u8]> {
        match self.0.get(column)? {
            Value::Bytes(bytes) => Some(bytes),
            Value::Text(text) => Some(text.as_bytes()),
            _ => None,
        }
    }

    /// The text in a column.
    pub fn text(&self, column: usize) -> Option<&str> {
        match self.0.get(column)? {
            Value::Text(text) => Some(text),
            Value::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// Whether there is nothing in a column.
    pub fn is_null(&self, column: usize) -> bool {
        matches!(self.0.get(column), None | Some(Value::Null(_)))
    }
}
