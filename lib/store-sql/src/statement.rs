//! A statement and its values.

use crate::engine::Engine;
use crate::value::Value;

/// The text of a statement with a placeholder for each value, and the values. Values never stand in the text.
#[derive(Clone, Debug)]
pub struct Statement {
    engine: Engine,
    pub(crate) text: String,
    pub(crate) values: Vec<Value>,
}

impl Statement {
    /// A statement that begins so.
    pub fn new(engine: Engine, text: &str) -> Self {
        Self { engine, text: text.to_owned(), values: Vec::new() }
    }

    /// Goes on with this text.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.push(text);
        self
    }

    /// Goes on with a value.
    #[must_use]
    pub fn value(mut self, value: impl Into<Value>) -> Self {
        self.bind(value);
        self
    }

    /// Goes on with seconds since 1970, for a column with a time.
    #[must_use]
    pub fn time(mut self, seconds: i64) -> Self {
        self.bind_time(seconds);
        self
    }

    /// As [`text`](Self::text), of a statement that is made in a loop.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// As [`value`](Self::value).
    pub fn bind(&mut self, value: impl Into<Value>) {
        self.values.push(value.into());
        match self.engine {
            Engine::Postgres => {
                self.text.push('$');
                self.text.push_str(&self.values.len().to_string());
            }
            Engine::Sqlite | Engine::MySql => self.text.push('?'),
        }
    }

    /// As [`time`](Self::time).
    pub fn bind_time(&mut self, seconds: i64) {
        let (before, after) = self.engine.time();
        self.push(before);
        self.bind(seconds);
        self.push(after);
    }

    /// Goes on with things that commas are between.
    pub fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut each: impl FnMut(&mut Self, T)) {
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            each(self, item);
        }
    }

    /// The engine it is written for.
    pub fn engine(&self) -> Engine {
        self.engine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every engine has its own placeholders and its own way of times.
    #[test]
    fn placeholders_are_the_engines() {
        let of = |engine| {
            let mut statement =
                Statement::new(engine, "SELECT a FROM t WHERE e < ").time(7).text(" AND b IN (");
            statement.list([1i64, 2], |statement, number| statement.bind(number));
            statement.text(")").text
        };
        assert_eq!(of(Engine::Sqlite), "SELECT a FROM t WHERE e < ? AND b IN (?, ?)");
        assert_eq!(of(Engine::MySql), "SELECT a FROM t WHERE e < FROM_UNIXTIME(?) AND b IN (?, ?)");
        assert_eq!(of(Engine::Postgres), "SELECT a FROM t WHERE e < to_timestamp($1) AND b IN ($2, $3)");
    }
}
