//! The language of expressions: what is true of packets, what is refused, and what evaluating costs.

mod allocations;
mod bounds;
mod expressions;
mod naive;
mod packet;
mod sieve;
mod v6;
