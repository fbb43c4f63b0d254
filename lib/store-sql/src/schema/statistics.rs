//! The tables that count leases, and the triggers that keep them right whoever changes leases.

use std::collections::BTreeSet;

use super::classes;
use super::write::quoted;
use crate::engine::Engine;

/// A table that counts the leases of another.
#[derive(Debug)]
pub(super) struct Count {
    pub(super) table: &'static str,
    /// The columns that leases are told apart by, as both tables have them.
    pub(super) by: &'static [&'static str],
    /// The states that are counted (`kotare_model::LeaseState`).
    states: &'static str,
}

/// The tables that count the leases of a table.
pub(super) fn counts(leases: &str) -> &'static [Count] {
    match leases {
        "lease4" => &[
            Count { table: "lease4_stat", by: &["subnet_id", "state"], states: "(0, 1)" },
            Count { table: "lease4_pool_stat", by: &["subnet_id", "pool_id", "state"], states: "(0, 1)" },
        ],
        _ => &[
            Count { table: "lease6_stat", by: &["subnet_id", "lease_type", "state"], states: "(0, 1, 4)" },
            Count {
                table: "lease6_pool_stat",
                by: &["subnet_id", "pool_id", "lease_type", "state"],
                states: "(0, 1)",
            },
        ],
    }
}

/// What happens to a lease, with the end of the names of triggers.
const EVENTS: [(&str, &str); 3] = [("INSERT", "AINS"), ("UPDATE", "AUPD"), ("DELETE", "ADEL")];

impl Count {
    /// One more like the new row.
    fn more(&self, engine: Engine) -> String {
        let columns = self.by.join(", ");
        let of_row: Vec<String> = self.by.iter().map(|column| format!("NEW.{column}")).collect();
        let or = match engine {
            Engine::MySql => "ON DUPLICATE KEY UPDATE leases = leases + 1".to_owned(),
            Engine::Postgres | Engine::Sqlite => {
                format!("ON CONFLICT ({columns}) DO UPDATE SET leases = {}.leases + 1", self.table)
            }
        };
        format!(
            "INSERT INTO {} ({columns}, leases) SELECT {}, 1 {}WHERE NEW.state IN {} AND NEW.subnet_id IS NOT NULL {or};",
            self.table,
            of_row.join(", "),
            if engine == Engine::MySql { "FROM DUAL " } else { "" },
            self.states,
        )
    }

    /// One less like the old row.
    fn less(&self) -> String {
        let same: Vec<String> = self.by.iter().map(|column| format!("{column} = OLD.{column}")).collect();
        format!(
            "UPDATE {} SET leases = leases - 1 WHERE {} AND OLD.state IN {} AND leases > 0;",
            self.table,
            same.join(" AND "),
            self.states
        )
    }

    /// What a trigger does after an event, but for what an update does not change.
    fn body(&self, event: &str, engine: Engine) -> String {
        match event {
            "INSERT" => self.more(engine),
            "DELETE" => self.less(),
            _ => {
                let differs: Vec<String> = self
                    .by
                    .iter()
                    .map(|column| match engine {
                        Engine::MySql => format!("NOT (NEW.{column} <=> OLD.{column})"),
                        Engine::Postgres => format!("NEW.{column} IS DISTINCT FROM OLD.{column}"),
                        Engine::Sqlite => format!("NEW.{column} IS NOT OLD.{column}"),
                    })
                    .collect();
                let differs = differs.join(" OR ");
                match engine {
                    Engine::Sqlite => {
                        let when = format!(" AND ({differs})");
                        let less = self.less().replace(';', &format!("{when};"));
                        less + " "
                            + &self.more(engine).replace(" ON CONFLICT", &format!("{when} ON CONFLICT"))
                    }
                    Engine::MySql | Engine::Postgres => {
                        format!("IF {differs} THEN {} {} END IF;", self.less(), self.more(engine))
                    }
                }
            }
        }
    }

    /// Counts anew. Both statements belong into one transaction.
    pub(super) fn recount(&self, leases: &str) -> [String; 2] {
        let columns = self.by.join(", ");
        [
            format!("DELETE FROM {}", self.table),
            format!(
                "INSERT INTO {} ({columns}, leases) SELECT {columns}, count(*) FROM {leases} \
                 WHERE state IN {} AND subnet_id IS NOT NULL GROUP BY {columns}",
                self.table, self.states
            ),
        ]
    }
}

/// What lets a trigger of SQLite begin: an update, if it changes anything that leases are told apart by.
fn when(leases: &str, event: &str) -> String {
    if event != "UPDATE" {
        return String::new();
    }
    let columns: BTreeSet<&str> = counts(leases).iter().flat_map(|count| count.by).copied().collect();
    let differs: Vec<String> =
        columns.into_iter().map(|column| format!("NEW.{column} IS NOT OLD.{column}")).collect();
    format!("WHEN {} ", differs.join(" OR "))
}

/// Makes the triggers of a table of leases, in place of those that may be there.
pub(super) fn triggers(leases: &str, engine: Engine) -> Vec<String> {
    let mut statements = classes::before(leases, engine);
    for (event, end) in EVENTS {
        let mut body: Vec<String> = counts(leases).iter().map(|count| count.body(event, engine)).collect();
        let of_classes = classes::body(leases, event, engine);
        let name = format!("{leases}_{end}");
        let mut make = |name: &str, when: &str, body: &str| {
            let (name, table) = (quoted(engine, name), quoted(engine, leases));
            statements.push(format!("DROP TRIGGER IF EXISTS {name}"));
            statements.push(format!(
                "CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {when}BEGIN {body} END"
            ));
        };
        if engine == Engine::Sqlite {
            // There a trigger has nothing to decide by but what lets it begin. Hardly any lease has classes.
            make(&name, &when(leases, event), &body.join(" "));
            make(&format!("{leases}_classes_{end}"), &classes::when(event), &of_classes);
            continue;
        }
        body.push(of_classes);
        let body = body.join(" ");
        match engine {
            Engine::MySql | Engine::Sqlite => make(&name, "", &body),
            Engine::Postgres => {
                let name = name.to_lowercase();
                statements.push(format!(
                    "CREATE OR REPLACE FUNCTION func_{name}() RETURNS trigger AS $$ BEGIN {body} RETURN NULL; END $$ \
                     LANGUAGE plpgsql"
                ));
                statements.push(format!("DROP TRIGGER IF EXISTS {name} ON {leases}"));
                statements.push(format!(
                    "CREATE TRIGGER {name} AFTER {event} ON {leases} FOR EACH ROW EXECUTE PROCEDURE func_{name}()"
                ));
            }
        }
    }
    statements
}
