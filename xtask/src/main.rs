//! The project's chores: `cargo xtask demo`, `cargo xtask test`, `cargo xtask bench`, `cargo xtask fuzz`,
//! `cargo xtask install`, `cargo xtask dist`, `cargo xtask man`, `cargo xtask docs`.
//!
//! They fetch what they need (Debian packages of DHCP clients, a relay and the real Kea, unpacked below `target/`), send
//! no packet outside namespaces of their own, and put nothing into the system unless they are told to (`install`).

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks on its terminal")]

mod bench;
mod debian;
mod demo;
mod dist;
mod docs;
mod fuzz;
mod install;
mod man;
mod partners;
mod pieces;
mod run;
mod soak;
mod suite;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Chores of the Kotare source tree.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Build, start the server in throwaway namespaces, let real clients obtain leases and show them.
    Demo(demo::Options),
    /// Everything that must hold before a change lands: format, lints, all tests.
    Test(test::Options),
    /// Exchanges per second and latency, beside Debian's Kea in the same run.
    Bench(bench::Options),
    /// Run the fuzz targets, guided by coverage, and keep what they find.
    Fuzz(fuzz::Options),
    /// Minutes at full load with reloads, cleanups, commands and bad clients: memory, and who is answered.
    Soak(soak::Options),
    /// Build the suite and lay it out below a prefix, as upstream's own install does.
    Install(install::Options),
    /// Make a package for Debian, or an archive of a static build.
    Dist(dist::Options),
    /// Write the manual pages and the completions of shells.
    Man(dist::ManOptions),
    /// Write what is made of tables: docs/commands.md, what kea-shell knows of commands, the end of docs/metrics.md.
    Docs,
    /// Unpack the partners of the tests (clients, a relay, the real Kea) and print where they are.
    Partners,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().chore {
        Chore::Demo(options) => demo::demo(&options),
        Chore::Test(options) => test::test(&options),
        Chore::Bench(options) => bench::bench(&options),
        Chore::Fuzz(options) => fuzz::fuzz(&options),
        Chore::Soak(options) => soak::soak(&options),
        Chore::Install(options) => install::install(&options),
        Chore::Dist(options) => dist::dist(&options),
        Chore::Man(options) => dist::man(&options),
        Chore::Docs => docs::docs(),
        Chore::Partners => partners::unpack().map(|root| println!("{}", root.display())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
