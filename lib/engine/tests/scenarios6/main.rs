//! Scenarios of DHCPv6, by section of RFC 9915 and of Kea's manual.

mod bad_input;
mod classes;
mod hosts;
mod intake;
mod reports;
mod subnets;
mod world;
