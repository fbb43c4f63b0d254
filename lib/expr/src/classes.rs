//! Classes as numbers, and what a message belongs to.

use std::ops::Deref;

use smallvec::SmallVec;

use crate::bits::Bits;

/// A class as the configuration numbers them: `member('name')` becomes a number when it is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassId(pub u32);

impl ClassId {
    /// How many classes a configuration may number.
    pub const LIMIT: usize = 1 << 16;
}

/// A set of classes. Of a configuration with up to 256 classes, none allocates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassSet(Bits);

impl ClassSet {
    /// No class.
    pub const EMPTY: Self = Self(Bits::EMPTY);

    /// Adds a class; whether it is new.
    pub fn insert(&mut self, class: ClassId) -> bool {
        self.0.insert(class.0)
    }

    /// Whether the class is in it.
    pub fn contains(&self, class: ClassId) -> bool {
        self.0.contains(class.0)
    }

    /// Whether they have a class in common.
    pub fn intersects(&self, other: &Self) -> bool {
        self.0.intersects(&other.0)
    }

    /// Whether there is none in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The classes, ascending.
    pub fn iter(&self) -> impl Iterator<Item = ClassId> {
        self.0.iter().map(ClassId)
    }
}

impl FromIterator<ClassId> for ClassSet {
    fn from_iter<T: IntoIterator<Item = ClassId>>(classes: T) -> Self {
        Self(classes.into_iter().map(|class| class.0).collect())
    }
}

/// What a message belongs to, in the order in which it came to belong there: what an earlier class gives goes before what
/// a later one gives. Up to 256 classes are kept without allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memberships {
    set: ClassSet,
    order: SmallVec<[u16; 256]>,
}

impl Memberships {
    /// Puts the message into a class, as the last one if it is new.
    pub fn insert(&mut self, class: ClassId) {
        if let Ok(number) = u16::try_from(class.0)
            && self.set.insert(class)
        {
            self.order.push(number);
        }
    }

    /// Takes it out of these classes.
    pub fn remove_all(&mut self, classes: &ClassSet) {
        if self.set.intersects(classes) {
            self.set.0.remove_all(&classes.0);
            self.order.retain(|number| !classes.contains(ClassId((*number).into())));
        }
    }

    /// The classes, first come, first.
    pub fn in_order(&self) -> impl Iterator<Item = ClassId> {
        self.order.iter().map(|&number| ClassId(number.into()))
    }
}

impl FromIterator<ClassId> for Memberships {
    fn from_iter<T: IntoIterator<Item = ClassId>>(classes: T) -> Self {
        let mut memberships = Self::default();
        classes.into_iter().for_each(|class| memberships.insert(class));
        memberships
    }
}

impl Deref for Memberships {
    type Target = ClassSet;

    fn deref(&self) -> &ClassSet {
        &self.set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(numbers: &[u32]) -> ClassSet {
        numbers.iter().copied().map(ClassId).collect()
    }

    /// A set holds what was put in, whatever its length.
    #[test]
    fn classes_are_a_set() {
        let some = set(&[300, 0, 63, 64]);
        assert_eq!(some.iter().map(|class| class.0).collect::<Vec<_>>(), [0, 63, 64, 300]);
        assert!(some.contains(ClassId(300)) && !some.contains(ClassId(301)) && !some.contains(ClassId(1)));
        assert!(
            some.intersects(&set(&[300])) && !some.intersects(&set(&[1, 299])) && !some.intersects(&set(&[]))
        );
        assert!(set(&[]).is_empty() && !some.is_empty());
        let mut shrunk = set(&[1, 300]);
        shrunk.0.remove_all(&set(&[300, 500]).0);
        assert_eq!((shrunk, set(&[1, 2]) == set(&[1])), (set(&[1]), false));
    }

    /// The order is that of coming; who leaves and comes again is the last.
    #[test]
    fn memberships_keep_their_order() {
        let mut classes: Memberships = [5, 2, 9, 2].into_iter().map(ClassId).collect();
        let order = |classes: &Memberships| classes.in_order().map(|class| class.0).collect::<Vec<_>>();
        assert_eq!(order(&classes), [5, 2, 9]);
        classes.remove_all(&set(&[5, 7]));
        classes.insert(ClassId(5));
        assert_eq!((order(&classes), classes.contains(ClassId(5))), (vec![2, 9, 5], true));
    }
}
