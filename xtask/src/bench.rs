//! `cargo xtask bench`: speed, start and memory of the server, beside Debian's Kea or another build of ours in the same
//! run.
//!
//! Server and load are two hosts of a sandbox, joined by a cable. Machines are shared and noisy, so each measure is
//! repeated, servers taking turns, and medians are shown. `docs/benchmarks.md` says what is measured how.

mod answers;
mod chapters;
mod cleanup;
mod commands;
mod config_backend;
mod databases;
mod figures;
mod leases;
mod load;
mod machine;
mod measures;
mod measures6;
mod modules;
mod overload;
mod pages;
mod pairs;
mod process;
mod processor;
mod protocol;
mod queries;
mod scrapes;
mod stage;
mod start;
mod third_party;
mod updates;
mod v4;
mod v6;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use kotare_tests::world::reexec_with;

use crate::partners;
use crate::run::{Done, cargo, run, target};
use figures::Table;
pub(crate) use figures::median;
use measures::{MEASURES, Measure, Turns};
use measures6::MEASURES6;
use modules::MEASURES_OF_MODULES;
pub(crate) use process::{cpu, usage};
pub(crate) use protocol::Protocol;
pub(crate) use stage::{Act, Contender, Stage, stopwatch};

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How often each measure is repeated.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long a load lasts, in seconds.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Which servers to measure.
    #[arg(long, value_enum, default_value = "both")]
    server: Which,
    /// Only measures whose name contains this; may be given more than once.
    #[arg(long)]
    only: Vec<String>,
    /// Measure our programs in this folder, instead of those built from this tree.
    #[arg(long)]
    programs: Option<PathBuf>,
    /// Compare with our programs in this folder, instead of Debian's Kea: before and after in one run.
    #[arg(long, conflicts_with = "server")]
    against: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Which {
    Kotare,
    Kea,
    Both,
}

/// Builds with optimisation and measures inside a sandbox.
pub(crate) fn bench(options: &Options) -> Done {
    let partners = partners::unpack()?;
    let programs = match &options.programs {
        Some(folder) => found(folder)?,
        None => build()?,
    };
    let surroundings = [("KOTARE_PARTNERS", partners), ("KOTARE_PROGRAMS", programs)];
    let surroundings = surroundings.map(|(name, value)| (name, OsString::from(value)));
    match reexec_with(std::env::args_os().skip(1), surroundings) {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("the measuring run ended with {status}").into()),
        None => measure(options),
    }
}

/// A folder of programs, by a path that is good wherever the sandbox starts.
pub(crate) fn found(folder: &Path) -> Done<PathBuf> {
    Ok(folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()))?)
}

/// Builds the programs; returns their folder.
pub(crate) fn build() -> Done<PathBuf> {
    let packages =
        ["kotare-dhcp4d", "kotare-dhcp6d", "kotare-dhcp-ddns", "kotare-lfc", "kotare-admin", "kotare-tests"];
    let packages = packages.into_iter().flat_map(|package| ["-p", package]);
    run(cargo(&["build", "--quiet", "--release"]).args(packages))?;
    Ok(target().join("release"))
}

fn measure(options: &Options) -> Done {
    let former = options.against.as_deref().map(found).transpose()?;
    let other = if former.is_some() { Contender::Former } else { Contender::Kea };
    let stage = Stage::new(options.seconds, former)?;
    machine::print(&stage, other);
    println!("{} rounds, loads of {} seconds.", options.rounds, options.seconds);
    println!();
    let wanted = |measure: &&Measure| {
        options.only.is_empty() || options.only.iter().any(|only| measure.name.contains(only.as_str()))
    };
    println!("{}", Table::head(other));
    for measure in MEASURES.iter().chain(MEASURES6).chain(MEASURES_OF_MODULES).filter(wanted) {
        let mut table = Table::new(measure);
        for round in 0..options.rounds.max(1) {
            for contender in contenders(options, measure.kea, round) {
                let readings = stage.play(contender, measure.take);
                let readings =
                    readings.map_err(|error| format!("{}, {}: {error}", measure.name, contender.name()))?;
                table.add(contender, readings);
            }
        }
        print!("{table}");
    }
    Ok(())
}

/// Who is measured in this round; who is first changes from round to round.
fn contenders(options: &Options, kea: Turns, round: usize) -> Vec<Contender> {
    let kea_too = match kea {
        Turns::All => true,
        Turns::One => round == 0,
        Turns::None => false,
    };
    let mut contenders = Vec::new();
    if options.server != Which::Kea {
        contenders.push(Contender::Kotare);
    }
    if options.against.is_some() {
        contenders.push(Contender::Former);
    } else if options.server != Which::Kotare && kea_too {
        contenders.push(Contender::Kea);
    }
    if round % 2 == 1 {
        contenders.reverse();
    }
    contenders
}
