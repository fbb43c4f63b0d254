//! What is not the same, and whether that is meant.

use std::collections::{BTreeMap, BTreeSet};

use kotare_tests::world::{Family, ServerOf, eventually};
use serde_json::Value;

/// What is compared: the name of a field and its value, both to be read by people.
pub(crate) type Field = (String, String);

/// How many differences are told at once; where the servers went different ways, all that follows differs.
const TOLD: usize = 60;

/// Stands for any step or value; for the rest of one at its end.
pub(crate) const ANYTHING: &str = "*";

/// A difference between Kea 2.2 and ours that is meant.
pub(crate) struct Explained {
    /// The script it occurs in; where it must be seen.
    pub(crate) script: &'static str,
    /// Whether it may occur in any other script, too.
    pub(crate) everywhere: bool,
    /// Whether the servers know other leases from there on, so that what follows is not compared.
    pub(crate) parts: bool,
    /// The step of the script, or [`ANYTHING`].
    pub(crate) step: &'static str,
    /// The field.
    pub(crate) field: &'static str,
    /// What Kea 2.2 says, or [`ANYTHING`].
    pub(crate) kea: &'static str,
    /// What we say, or [`ANYTHING`].
    pub(crate) ours: &'static str,
    /// The later Kea or the RFC that asks for it.
    #[expect(dead_code, reason = "for those who read the table")]
    pub(crate) because: &'static str,
}

/// A row for one script.
pub(crate) const fn row(
    script: &'static str,
    step: &'static str,
    field: &'static str,
    [kea, ours]: [&'static str; 2],
    because: &'static str,
) -> Explained {
    Explained { script, everywhere: false, parts: false, step, field, kea, ours, because }
}

/// A row for every script, to be seen in this one.
pub(crate) const fn everywhere(
    script: &'static str,
    field: &'static str,
    [kea, ours]: [&'static str; 2],
    because: &'static str,
) -> Explained {
    Explained { script, everywhere: true, parts: false, step: ANYTHING, field, kea, ours, because }
}

impl Explained {
    /// This, after which nothing more is compared.
    pub(crate) const fn parting(self) -> Self {
        Self { parts: true, ..self }
    }
}

/// Something that is not the same.
pub(crate) struct Difference {
    pub(crate) script: String,
    pub(crate) step: String,
    pub(crate) field: String,
    pub(crate) kea: String,
    pub(crate) ours: String,
}

/// Fails when a difference is not explained in this table, or one that is explained (of the rows that `concern` this test)
/// does not occur.
pub(crate) fn judge(
    explained: &[Explained],
    differences: &[Difference],
    concern: impl Fn(&Explained) -> bool,
) {
    let mut complaints = unexplained(explained, differences);
    for row in explained.iter().filter(|row| concern(row)) {
        let witness = |difference: &Difference| row.script == difference.script && row.explains(difference);
        if !differences.iter().any(witness) {
            let Explained { script, step, field, .. } = row;
            complaints.push(format!(
                "  {script} / {step} / {field}: explained, but there is no such difference; remove the row"
            ));
        }
    }
    let count = complaints.len();
    complaints.truncate(TOLD);
    assert!(
        complaints.is_empty(),
        "make ours answer like Kea, or explain the difference by a later Kea or an RFC ({count} in all):\n{}",
        complaints.join("\n")
    );
}

/// The differences that this table does not explain, to be read by people.
pub(crate) fn unexplained(explained: &[Explained], differences: &[Difference]) -> Vec<String> {
    let differences = differences.iter().filter(|it| !explained.iter().any(|row| row.explains(it)));
    let told = differences.map(|Difference { script, step, field, kea, ours }| {
        format!("  {script} / {step} / {field}:\n      Kea  {kea}\n      ours {ours}")
    });
    told.collect()
}

impl Explained {
    /// Whether this is why.
    pub(crate) fn explains(&self, difference: &Difference) -> bool {
        let is = |row: &str, found: &str| match row.strip_suffix(ANYTHING) {
            Some(begin) => found.starts_with(begin),
            None => row == found,
        };
        (self.everywhere || self.script == difference.script)
            && is(self.step, &difference.step)
            && is(self.field, &difference.field)
            && is(self.kea, &difference.kea)
            && is(self.ours, &difference.ours)
    }
}

/// Where what two servers say in a step is not the same.
pub(crate) fn differences_between(
    script: &str,
    step: &str,
    kea: Vec<Field>,
    ours: Vec<Field>,
) -> Vec<Difference> {
    let [kea, ours]: [BTreeMap<_, _>; 2] = [kea, ours].map(|fields| fields.into_iter().collect());
    let names: BTreeSet<&String> = kea.keys().chain(ours.keys()).collect();
    let said = |value: Option<&String>| value.map_or("nothing", String::as_str).to_owned();
    let differing = names.into_iter().filter(|name| kea.get(*name) != ours.get(*name));
    let difference = |name: &String| Difference {
        script: script.to_owned(),
        step: step.to_owned(),
        field: name.clone(),
        kea: said(kea.get(name)),
        ours: said(ours.get(name)),
    };
    differing.map(difference).collect()
}

/// The statistics of a server that has nothing to do; a reply may be heard before it is counted.
pub(crate) fn statistics<F: Family>(server: &ServerOf<F>) -> Value {
    let mut statistics = Value::Null;
    eventually("statistics come to rest", || {
        let before = std::mem::replace(&mut statistics, server.command("statistic-get-all", None));
        (before == statistics).then_some(())
    });
    statistics
}
