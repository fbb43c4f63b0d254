//! What sqlx is asked for, an engine each: to open a connection, to run a statement, to read the columns of its answer.

pub(crate) mod mysql;
pub(crate) mod postgres;
pub(crate) mod sqlite;
mod tls;

/// What the three have word for word alike; sqlx's traits say it of no type that all of them share.
macro_rules! alike {
    ($engine:expr, $connection:ty, $arguments:ty) => {
        /// Runs a statement and gives the rows that it answers with.
        pub(crate) async fn rows(
            connection: &mut $connection,
            text: String,
            values: Vec<Value>,
        ) -> Result<Vec<Row>, SqlError> {
            let query = sqlx::query_with(AssertSqlSafe(text), arguments(values)?);
            let rows = query.fetch_all(connection).await.map_err(failed)?;
            rows.iter()
                .map(|row| (0..row.len()).map(|at| column(row, at)).collect::<Result<_, _>>().map(Row))
                .collect()
        }

        /// Runs a statement and says how many rows it changed.
        pub(crate) async fn execute(
            connection: &mut $connection,
            text: String,
            values: Vec<Value>,
        ) -> Result<u64, SqlError> {
            let query = sqlx::query_with(AssertSqlSafe(text), arguments(values)?);
            Ok(query.execute(connection).await.map_err(failed)?.rows_affected())
        }

        /// Runs statements as they stand.
        pub(crate) async fn script(connection: &mut $connection, text: String) -> Result<(), SqlError> {
            sqlx::raw_sql(AssertSqlSafe(text)).execute(connection).await.map_err(failed)?;
            Ok(())
        }

        fn arguments(values: Vec<Value>) -> Result<$arguments, SqlError> {
            let mut arguments = <$arguments>::default();
            for value in values {
                let added = match value {
                    Value::Null(Kind::Int) => arguments.add(None::<i64>),
                    Value::Null(Kind::Bool) => arguments.add(None::<bool>),
                    Value::Null(Kind::Bytes) => arguments.add(None::<Vec<u8>>),
                    Value::Null(Kind::Text) => arguments.add(None::<String>),
                    Value::Int(number) => arguments.add(number),
                    Value::Bool(yes) => arguments.add(yes),
                    Value::Bytes(bytes) => arguments.add(bytes),
                    Value::Text(text) => arguments.add(text),
                };
                added.map_err(|error| SqlError::refused(error.to_string()))?;
            }
            Ok(arguments)
        }

        fn failed(error: sqlx::Error) -> SqlError {
            SqlError::of($engine, error)
        }
    };
}
pub(crate) use alike;
