//! Scenes played in every order in which they can go on.

use crate::SuspendingStore;

/// Choices that a scene makes, one after the other, and the next way to make them.
#[derive(Debug, Default)]
pub struct Choices {
    /// Which was taken, of how many.
    made: Vec<(usize, usize)>,
    at: usize,
}

impl Choices {
    /// One of so many, counted from 0.
    pub fn pick(&mut self, of: usize) -> usize {
        if self.at == self.made.len() {
            self.made.push((0, of));
        }
        self.at += 1;
        self.made[self.at - 1].0
    }

    /// Whether there is another way.
    fn another(&mut self) -> bool {
        self.at = 0;
        while let Some((taken, of)) = self.made.pop() {
            if taken + 1 < of {
                self.made.push((taken + 1, of));
                return true;
            }
        }
        false
    }
}

/// Plays a scene in every way; how many there are.
pub fn in_every_order(mut scene: impl FnMut(&mut Choices)) -> usize {
    let mut choices = Choices::default();
    let mut played = 0;
    loop {
        scene(&mut choices);
        played += 1;
        if !choices.another() {
            return played;
        }
    }
}

/// Lets one call of the store after the other go on, as chosen, until none waits. `poll` polls everybody.
pub fn play<S>(store: &SuspendingStore<S>, choices: &mut Choices, mut poll: impl FnMut()) {
    loop {
        let waiting = store.waiting();
        if waiting.is_empty() {
            return;
        }
        store.resume(waiting[choices.pick(waiting.len())].0);
        poll();
        // Who waited for somebody that has ended now may have been polled before.
        poll();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every way is played once, however many choices the ways have.
    #[test]
    fn every_way_is_played() {
        let mut ways = Vec::new();
        let played = in_every_order(|choices| {
            let first = choices.pick(3);
            let second = (first == 1).then(|| choices.pick(2));
            ways.push((first, second));
        });
        assert_eq!(played, 4);
        assert_eq!(ways, [(0, None), (1, Some(0)), (1, Some(1)), (2, None)]);
    }
}
