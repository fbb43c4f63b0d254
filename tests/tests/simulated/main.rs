//! Whole servers inside this process: on a link that is simulated, with a clock that the test moves.
//!
//! Nothing is stubbed but the kernel: a server here has its worker threads, its runtime, its upkeep and its commands.
//! What a test cannot have from real ones is order: here a message stays unread, a store does not answer, a flush fails
//! or a thread cannot be started when the test says so, and several servers share one link and one clock.

/// Makes a test of each protocol out of each scenario.
macro_rules! both {
    ($($scenario:ident),* $(,)?) => {
        mod v4 {
            $(#[test]
            fn $scenario() {
                super::$scenario::<crate::protocol4::V4>();
            })*
        }

        mod v6 {
            $(#[test]
            fn $scenario() {
                super::$scenario::<crate::protocol6::V6>();
            })*
        }
    };
}

mod allocations;
mod any_operations;
mod any_operations6;
mod arguments;
mod binding_variables;
mod class_cmds;
mod commands;
mod compared;
mod config_backend;
mod config_backend6;
mod edited;
mod explained;
mod explained6;
mod explaining;
mod failing;
mod host_cmds;
mod interfaces;
mod interleaved;
mod lease_commands;
mod lease_file;
mod lease_recount;
mod link;
mod manual;
mod overload;
mod perfmon;
mod protocol;
mod protocol4;
mod protocol6;
mod recount;
mod retold;
mod select_test;
mod server;
mod statistics;
mod store;
mod subnet_cmds;
mod threads;
mod trial;
mod two_servers;
mod upkeep;
mod waiting;
