//! Numbers that count the places of pools, and where to go on among them.

use std::fmt::Debug;
use std::ops::{Add, Rem, Sub};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use kotare_model::Chance;
use parking_lot::Mutex;

/// A number of places, or the position of one among those of several pools. All pools of DHCPv4 have fewer than 2⁶⁴
/// addresses; one of DHCPv6 can have more.
pub trait Count:
    Copy + Ord + Default + Debug + Send + Sync + Add<Output = Self> + Sub<Output = Self> + Rem<Output = Self>
{
    /// A position that several share.
    type Cursor: Default + Debug + Send + Sync;

    /// So many more, or as many as can be counted.
    fn plus(self, more: Self) -> Self;

    /// The position after this one.
    fn after(self) -> Self;

    /// One of the positions before `end`, which is not 0, by chance.
    fn chosen(seed: u64, end: Self) -> Self;

    /// About how many.
    fn as_f64(self) -> f64;

    /// Where a cursor is.
    fn load(cursor: &Self::Cursor) -> Self;

    /// Moves a cursor that is at `from`, or says where it is. It may say so for no reason.
    fn shift(cursor: &Self::Cursor, from: Self, to: Self) -> Result<(), Self>;

    /// A cursor at this position.
    fn cursor(self) -> Self::Cursor;
}

impl Count for u64 {
    type Cursor = AtomicU64;

    fn plus(self, more: Self) -> Self {
        self + more
    }

    fn after(self) -> Self {
        self + 1
    }

    fn chosen(seed: u64, end: Self) -> Self {
        seed % end
    }

    fn as_f64(self) -> f64 {
        self as f64
    }

    fn load(cursor: &AtomicU64) -> Self {
        cursor.load(Relaxed)
    }

    fn shift(cursor: &AtomicU64, from: Self, to: Self) -> Result<(), Self> {
        cursor.compare_exchange_weak(from, to, Relaxed, Relaxed).map(drop)
    }

    fn cursor(self) -> AtomicU64 {
        AtomicU64::new(self)
    }
}

impl Count for u128 {
    type Cursor = Mutex<u128>;

    fn plus(self, more: Self) -> Self {
        self.saturating_add(more)
    }

    fn after(self) -> Self {
        self.saturating_add(1)
    }

    fn chosen(seed: u64, end: Self) -> Self {
        let mut chance = Chance::new(seed);
        (u128::from(chance.number()) << 64 | u128::from(chance.number())) % end
    }

    fn as_f64(self) -> f64 {
        self as f64
    }

    fn load(cursor: &Mutex<u128>) -> Self {
        *cursor.lock()
    }

    fn shift(cursor: &Mutex<u128>, from: Self, to: Self) -> Result<(), Self> {
        let mut at = cursor.lock();
        if *at != from {
            return Err(*at);
        }
        *at = to;
        Ok(())
    }

    fn cursor(self) -> Mutex<u128> {
        Mutex::new(self)
    }
}
