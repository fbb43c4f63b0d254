//! What may be used and is perhaps not what was meant: what somebody with experience would say of a configuration.
//!
//! Each review looks for one thing and has a name, those of Stork's configuration reviews where it has the same. Reviews
//! see configurations that are good: what is wrong, or suspicious whatever it is for, is told when they are read.

mod classes;
mod leasing;
mod networks;
mod options;
mod process;
mod reservations;

use std::fmt;

use serde_json::{Value as Json, json};

pub(crate) use leasing::{Leasing, Ranges, Reserved, WrittenPool, WrittenSubnet, levels};
pub(crate) use reservations::exhausting_prefixes;

use crate::json::{Diagnostic, Diagnostics};
use crate::{Configuration, Level, Written};

/// One review of configurations of the kind `C`.
pub struct Review<C> {
    /// What it is called: `overlapping_subnet`.
    pub name: &'static str,
    /// How much what it finds matters.
    pub grade: Grade,
    /// Looks, and says what there is to say as warnings.
    pub run: fn(&Scene<'_, C>, &mut Diagnostics),
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Something does not do what it looks like.
    Warning,
    /// It works, and could be better.
    Note,
}

/// What a review looks at.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a, C> {
    /// What the server makes of the configuration.
    pub config: &'a C,
    /// What is written.
    pub written: &'a Written,
}

/// What reviews found.
#[derive(Debug, Default)]
pub struct Findings(Vec<(&'static str, Grade, Diagnostics)>);

/// One thing that a review found.
#[derive(Clone, Copy, Debug)]
pub struct Finding<'a> {
    /// The review.
    pub name: &'static str,
    /// How much it matters.
    pub grade: Grade,
    /// Where it is, what it is and what to do.
    pub told: &'a Diagnostic,
}

/// The reviews that servers of both protocols have.
pub(crate) fn reviews<C: Leasing>() -> Vec<Review<C>> {
    use Grade::{Note, Warning};
    let of_clients = [
        Review { name: "dispensable_shared_network", grade: Note, run: networks::dispensable_network },
        Review { name: "dispensable_subnet", grade: Note, run: networks::dispensable_subnet },
        Review { name: "overlapping_subnet", grade: Warning, run: networks::overlapping },
        Review { name: "link_named_twice", grade: Warning, run: networks::link_named_twice },
        Review { name: "out_of_pool_reservation", grade: Note, run: reservations::out_of_pool },
        Review {
            name: "address_pools_exhausted_by_reservations",
            grade: Warning,
            run: reservations::exhausting,
        },
        Review { name: "reservation_without_effect", grade: Warning, run: reservations::without_effect },
        Review { name: "address_reserved_twice", grade: Warning, run: reservations::twice },
        Review { name: "class_never_set", grade: Warning, run: classes::never_set },
        Review { name: "guard_never_matches", grade: Warning, run: classes::late_guards },
        Review { name: "class_never_evaluated", grade: Warning, run: classes::never_evaluated },
        Review { name: "option_never_sent", grade: Warning, run: options::never_sent },
    ];
    process::reviews().into_iter().chain(of_clients).collect()
}

/// Reviews a configuration.
pub fn review<C: Configuration>(config: &C, written: &Written) -> Findings {
    let scene = Scene { config, written };
    let found = C::reviews().into_iter().filter_map(|review| {
        let mut diagnostics = Diagnostics::new();
        (review.run)(&scene, &mut diagnostics);
        written.locate(&mut diagnostics);
        (!diagnostics.is_empty()).then_some((review.name, review.grade, diagnostics))
    });
    Findings(found.collect())
}

impl<'a, C> Scene<'a, C> {
    /// The map of the server.
    pub fn global(&self) -> Level<'a> {
        let table = self.written.file().global;
        Level::of_optional(table, self.written.root().get(table.name))
    }
}

impl Findings {
    /// All that are kept, by file and line; a hundred of each review.
    pub fn iter(&self) -> impl Iterator<Item = Finding<'_>> {
        let mut all = Vec::new();
        for (name, grade, diagnostics) in &self.0 {
            all.extend(diagnostics.warnings().map(|told| Finding { name, grade: *grade, told }));
        }
        all.sort_by(|one, other| (&one.told.source, one.grade).cmp(&(&other.told.source, other.grade)));
        all.into_iter()
    }

    /// How many there are of a grade, kept or not.
    pub fn count(&self, grade: Grade) -> usize {
        self.0.iter().filter(|(_, of, _)| *of == grade).map(|(_, _, told)| told.warning_count()).sum()
    }
}

impl fmt::Display for Findings {
    /// `2 warnings, 1 note`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [warnings, notes] = [Grade::Warning, Grade::Note].map(|grade| {
            let count = self.count(grade);
            format!("{count} {}{}", grade.as_str(), if count == 1 { "" } else { "s" })
        });
        write!(f, "{warnings}, {notes}")
    }
}

impl fmt::Display for Finding<'_> {
    /// `kea-dhcp4.conf:7:18: warning: Dhcp4/subnet4[0]/id: message; hint [review]`, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnostic { source, path, message, hint, .. } = self.told;
        write!(f, "{source}: {}: {path}: {message}", self.grade.as_str())?;
        if !hint.is_empty() {
            write!(f, "; {hint}")?;
        }
        write!(f, " [{}]", self.name)
    }
}

impl Finding<'_> {
    /// As a command answers it.
    pub fn to_json(&self) -> Json {
        let Diagnostic { source, path, message, hint, .. } = self.told;
        json!({
            "review": self.name,
            "severity": self.grade.as_str(),
            "path": path,
            "source": source.to_string(),
            "message": message,
            "hint": hint,
        })
    }
}

impl Grade {
    /// `warning` or `note`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl<C> Clone for Review<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Review<C> {}

impl<C> fmt::Debug for Review<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Review").field("name", &self.name).field("grade", &self.grade).finish_non_exhaustive()
    }
}
