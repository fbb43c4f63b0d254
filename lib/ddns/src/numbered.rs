//! Things by numbers that are given in order, where most leave in about the order that they came in.
//!
//! What comes is put last and found where its number says, which takes no longer the more there are.

use std::collections::VecDeque;

/// So many places of what has left there may be beside as many as are taken.
const MOST_LEFT: usize = 1024;

/// Things by their numbers, of which each new one is the greatest.
#[derive(Debug)]
pub(crate) struct Numbered<T> {
    /// In order. What has left has its place until nothing is before it, or there are too many such places.
    places: VecDeque<(u64, Option<T>)>,
    len: usize,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { places: VecDeque::new(), len: 0 }
    }
}

impl<T> Numbered<T> {
    /// Puts a thing last. Its number is greater than that of any before.
    pub(crate) fn push(&mut self, number: u64, thing: T) {
        debug_assert!(self.places.back().is_none_or(|(last, _)| *last < number));
        self.places.push_back((number, Some(thing)));
        self.len += 1;
    }

    /// The thing of this number, if there is one.
    pub(crate) fn get(&self, number: u64) -> Option<&T> {
        self.places.get(self.place(number)?)?.1.as_ref()
    }

    /// The same, to be changed.
    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        let place = self.place(number)?;
        self.places.get_mut(place)?.1.as_mut()
    }

    /// Takes the thing of this number out, if there is one.
    pub(crate) fn remove(&mut self, number: u64) -> Option<T> {
        let place = self.place(number)?;
        let thing = self.places.get_mut(place)?.1.take()?;
        self.len -= 1;
        self.tidy();
        Some(thing)
    }

    /// Takes the first one out, if there is one.
    pub(crate) fn pop_first(&mut self) -> Option<T> {
        // What has left is never the first.
        let (_, thing) = self.places.pop_front()?;
        self.len -= usize::from(thing.is_some());
        self.tidy();
        thing
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        self.places.iter().filter_map(|(number, thing)| Some((*number, thing.as_ref()?)))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Mostly it is as far behind the first one as their numbers are.
    fn place(&self, number: u64) -> Option<usize> {
        let (first, _) = self.places.front()?;
        let near = usize::try_from(number.checked_sub(*first)?).ok()?;
        match self.places.get(near) {
            Some((there, _)) if *there == number => Some(near),
            _ => self.places.binary_search_by_key(&number, |(there, _)| *there).ok(),
        }
    }

    /// Gives room back, each time after so much has left that it costs what left next to nothing.
    fn tidy(&mut self) {
        while self.places.front().is_some_and(|(_, thing)| thing.is_none()) {
            self.places.pop_front();
        }
        if self.places.len() > 2 * self.len + MOST_LEFT {
            self.places.retain(|(_, thing)| thing.is_some());
        }
        if self.places.capacity() > 8 * self.places.len() + 8 * MOST_LEFT {
            self.places.shrink_to(2 * self.places.len());
        }
    }
}

impl<T> FromIterator<(u64, T)> for Numbered<T> {
    /// Of things in the order of their numbers.
    fn from_iter<I: IntoIterator<Item = (u64, T)>>(all: I) -> Self {
        let mut numbered = Self::default();
        all.into_iter().for_each(|(number, thing)| numbered.push(number, thing));
        numbered
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever comes and leaves, it is what a map has; numbers may be left out.
        #[test]
        fn it_is_a_map(steps in prop::collection::vec((0..5_u8, 0..4_u64, any::<prop::sample::Index>()), 1..400)) {
            let (mut numbered, mut map, mut last) = (Numbered::default(), BTreeMap::new(), 0);
            for (step, gap, which) in steps {
                let any = which.index(last as usize + 2) as u64;
                match step {
                    0..3 => {
                        last += gap + 1;
                        numbered.push(last, last);
                        map.insert(last, last);
                    }
                    3 => prop_assert_eq!(numbered.remove(any), map.remove(&any)),
                    _ => prop_assert_eq!(numbered.pop_first(), map.pop_first().map(|(_, thing)| thing)),
                }
                prop_assert_eq!((numbered.len(), numbered.is_empty()), (map.len(), map.is_empty()));
                prop_assert_eq!(numbered.get(any), map.get(&any));
                prop_assert_eq!(numbered.get_mut(any), map.get_mut(&any));
                prop_assert!(numbered.iter().eq(map.iter().map(|(number, thing)| (*number, thing))));
            }
        }
    }

    /// One that stays has no more kept for it than there is beside, however many come and leave behind it.
    #[test]
    fn one_that_stays_keeps_no_places() {
        let mut numbered: Numbered<u64> = [(1, 1), (2, 2)].into_iter().collect();
        for number in 3..100_000 {
            numbered.push(number, number);
        }
        assert_eq!((numbered.len(), numbered.get(77_777)), (99_999, Some(&77_777)));
        for number in 3..100_000 {
            assert_eq!(numbered.remove(number), Some(number));
            assert!(numbered.places.len() <= 2 * numbered.len() + MOST_LEFT);
        }
        assert!(numbered.places.capacity() <= 16 * MOST_LEFT, "{}", numbered.places.capacity());
        assert!(numbered.iter().eq([(1, &1), (2, &2)]));
        numbered.push(200_000, 7);
        assert_eq!((numbered.get(200_000), numbered.get(3)), (Some(&7), None));
        assert_eq!((numbered.remove(1), numbered.pop_first()), (Some(1), Some(2)));
    }
}
