//! Choices that a seed makes.

/// A series of well-mixed numbers that is the same for the same seed (splitmix64).
///
/// For choices that need to be spread, not secret: which address is proposed, what a test tries. Each seed is a point
/// of one cycle of 2⁶⁴ numbers in which every number occurs once; two series from random seeds practically never meet.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The series that begins with `seed`; any number will do.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number, out of all of them.
    pub const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The next number below `bound`; 0 if there is none.
    pub const fn below(&mut self, bound: usize) -> usize {
        let number = self.number();
        if bound == 0 { 0 } else { (number % bound as u64) as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of splitmix64 from the seed 1234567, as its authors' code gives them.
    #[test]
    fn the_series_is_splitmix64() {
        let mut chance = Chance::new(1_234_567);
        let numbers: Vec<u64> = std::iter::repeat_with(|| chance.number()).take(3).collect();
        assert_eq!(
            numbers,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    /// A bound is kept, and what is below it all comes.
    #[test]
    fn numbers_below_a_bound() {
        let mut chance = Chance::new(7);
        let mut seen = [0; 5];
        for _ in 0..1000 {
            seen[chance.below(5)] += 1;
        }
        assert!(seen.iter().all(|count| (150..250).contains(count)), "{seen:?}");
        assert_eq!(chance.below(0), 0);
    }
}
