//! Which clients something is for.

use kotare_expr::{ClassId, ClassSet};

/// What `client-classes` says: something is for the clients of one of these classes only.
///
/// There are several lists where a map around has one too. Without any, it is for everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard(Box<[ClassSet]>);

impl Guard {
    /// A guard with one list; an empty one lets everybody in.
    pub fn of(classes: ClassSet) -> Self {
        if classes.is_empty() { Self::default() } else { Self(Box::new([classes])) }
    }

    /// This guard behind that of a map around.
    #[must_use]
    pub fn within(&self, around: &Self) -> Self {
        Self(around.0.iter().chain(&self.0).cloned().collect())
    }

    /// Whether a client of these classes is let in.
    pub fn admits(&self, classes: &ClassSet) -> bool {
        self.refusal(classes).is_none()
    }

    /// The list that keeps a client of these classes out: it is of none of those.
    pub fn refusal(&self, classes: &ClassSet) -> Option<&ClassSet> {
        self.0.iter().find(|list| !list.intersects(classes))
    }

    /// The classes that it asks for.
    pub fn classes(&self) -> impl Iterator<Item = ClassId> {
        self.0.iter().flat_map(ClassSet::iter)
    }

    /// Whether it lets everybody in.
    pub fn is_open(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One class of each list is enough, and needed.
    #[test]
    fn each_list_wants_one_class() {
        let set = |numbers: &[u32]| -> ClassSet { numbers.iter().copied().map(ClassId).collect() };
        let inner = Guard::of(set(&[1, 2]));
        let both = inner.within(&Guard::of(set(&[3])));
        assert!(inner.admits(&set(&[2])) && !inner.admits(&set(&[3])) && !inner.admits(&set(&[])));
        assert!(both.admits(&set(&[1, 3])) && !both.admits(&set(&[1, 2])) && !both.admits(&set(&[3])));
        assert!(both.classes().eq([ClassId(3), ClassId(1), ClassId(2)]));
        let open = Guard::of(set(&[]));
        assert!(open.admits(&set(&[])) && open.is_open() && open.within(&open).is_open() && !both.is_open());
    }
}
