//! Zones compared with what the leases of DHCP servers want, and what is to be asked for so that they agree.
//!
//! A zone is copied with a [`Transfer`] into [`Contents`]; [`Copies`] are those of all zones that could be copied. [`repair`]
//! decides. What it asks for are requests as servers of DHCP send them, which go the same way.

mod contents;
mod ranges;
mod repair;
mod transfer;

pub use contents::{Contents, Copies, MOST_RECORDS};
pub use ranges::Ranges;
pub use repair::{Repair, repair};
pub use transfer::{LONGEST_SILENCE, Transfer, TransferError};
