//! The engine seen from outside: messages in, messages out, in virtual time.

mod allocation;
mod allocators;
mod classes;
mod classes_give;
mod classes_places;
mod hooks;
mod hosts;
mod hosts_classes;
mod hosts_conflicts;
mod hosts_modes;
mod lease_life;
mod levels;
mod names;
mod networks;
mod options;
mod options_guards;
mod properties;
mod reclamation;
mod reports;
mod rfc2131;
mod room;
mod storage;
mod templates;
mod told;
mod vendors;
mod waiting;
