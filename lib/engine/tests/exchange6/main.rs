//! The DHCPv6 engine seen from outside: messages in, messages out, in virtual time.

mod bad_input;
mod extend;
mod fuzzed;
mod give_back;
mod hooks;
mod hot_path;
mod lease_life;
mod names;
mod networks;
mod options;
mod over6;
mod overlapping_pools;
mod overlaps;
mod points;
mod prefixes;
mod properties;
mod register;
mod rehearse;
mod reserved;
mod solicit;
mod sources;
mod told;
mod waiting;
mod world;
