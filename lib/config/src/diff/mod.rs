//! What differs between two configurations, by what things are called and not by where they stand.
//!
//! Both are compared as `config-get` shows them, in the lean form ([`lean`]): a value that would hold anyway, because it
//! is the default or inherited, counts as not written. So a configuration does not differ from its own `config-get`, and
//! a change of a global parameter is one change, not one a subnet. Where the order of a list means nothing it is not
//! compared. Which parameters name the items of a list, and whether their order means something, says their
//! [`Table`](crate::schema::Table).

mod compare;
mod effects;
mod lean;
mod shown;

use std::fmt;

use kotare_options::Definitions;
use serde_json::Value as Json;

pub use lean::lean;

use crate::Written;
use crate::json::format::{self, Shape};
use crate::schema::Param;

/// One difference.
#[derive(Clone, Debug)]
pub struct Change {
    /// Where it is: the way through both configurations.
    pub path: Vec<Step>,
    /// What it is.
    pub kind: ChangeKind,
    /// What is written in the former configuration; of a list that is in another order the names of its items.
    pub old: Option<Json>,
    /// What is written in the later one.
    pub new: Option<Json>,
    /// The row of the innermost keyword on the path.
    param: Option<&'static Param>,
}

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Only the later configuration has it.
    Added,
    /// Only the former configuration has it.
    Removed,
    /// It has another value.
    Changed,
    /// The items of a list are the same, but for other changes, in another order.
    Reordered,
}

/// A step on the way to a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into a map.
    Keyword(String),
    /// To the item of a list with these values for these keywords.
    Item(Name),
    /// To the item at this place of a list whose items have no names.
    At(usize),
}

/// What an item of a list is called: its values for some of its keywords. Of several with the same the number tells, from
/// 0, in the order written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// Keywords and values, as JSON where they are no plain text.
    pub values: Vec<(&'static str, String)>,
    /// How many of that name come before.
    pub number: usize,
}

/// All that differs between two configurations of one server, `old` and `new`, each with the definitions of its options.
pub fn diff(old: (&Written, &Definitions), new: (&Written, &Definitions)) -> Vec<Change> {
    let file = old.0.file();
    let lean = |(written, definitions): (&Written, &Definitions)| lean(&written.shown(definitions), file);
    compare::changes(file, &lean(old), &lean(new))
}

impl ChangeKind {
    /// `added`, `removed`, `changed`, `reordered`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Reordered => "reordered",
        }
    }
}

impl fmt::Display for Change {
    /// The path: `Dhcp4/subnet4[id=1]/pools[pool=192.0.2.0/25]/client-classes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.path.iter().enumerate() {
            match step {
                Step::Keyword(keyword) if at == 0 => f.write_str(keyword)?,
                Step::Keyword(keyword) => write!(f, "/{keyword}")?,
                Step::Item(name) => write!(f, "[{name}]")?,
                Step::At(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Name {
    /// `space=vendor-4491, code=2`, and ` #2` where it is the second one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (keyword, value)) in self.values.iter().enumerate() {
            let separator = if at > 0 { ", " } else { "" };
            // What could be taken for the end of it is in quotes.
            match value.contains(|char: char| char.is_control() || "\"],".contains(char)) {
                false => write!(f, "{separator}{keyword}={value}")?,
                true => {
                    let quoted = format::text(&value.as_str().into(), Shape::Line);
                    write!(f, "{separator}{keyword}={quoted}")?;
                }
            }
        }
        match self.number {
            0 => Ok(()),
            number => write!(f, " #{}", number + 1),
        }
    }
}
