//! `cargo xtask demo`: the servers with real clients, in a network that is gone afterwards.

mod network;
mod shell;
mod show;
mod v4;
mod v6;

use kotare_tests::world::{World, in_sandbox, reexec_with, sandbox_possible};

use crate::partners;
use crate::run::Done;
use crate::suite::{self, Profile};
use network::Network;

/// How to demonstrate.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Leave everything running and open a shell in the demo's network; it ends with the shell.
    #[arg(long)]
    keep: bool,
}

/// Builds, and demonstrates inside a sandbox.
pub(crate) fn demo(options: &Options) -> Done {
    let mut surroundings = Vec::new();
    if !in_sandbox() {
        if !sandbox_possible() {
            return Err("the demo needs namespaces of its own: run it as root, or allow user namespaces \
                        (sysctl kernel.unprivileged_userns_clone=1; on Ubuntu, too, \
                        kernel.apparmor_restrict_unprivileged_userns=0)"
                .into());
        }
        surroundings.push(("KOTARE_PARTNERS", partners::unpack()?.into_os_string()));
        surroundings.push(("KOTARE_PROGRAMS", suite::build(Profile::Debug)?.into_os_string()));
    }
    match reexec_with(std::env::args_os().skip(1), surroundings) {
        None => demonstrate(options),
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("the demo failed ({status}); what went wrong is above").into()),
    }
}

fn demonstrate(options: &Options) -> Done {
    let world = World::inside_sandbox();
    println!("\nA network in namespaces of its own; nothing outside is touched.\n{}", network::PICTURE);
    let network = Network::new(&world);
    // A client without a lease ends the demo.
    let four = v4::Scene::new(&world, &network)?;
    four.show()?;
    let six = v6::Scene::new(&world, &network)?;
    six.show(&network)?;
    if options.keep {
        shell::open(&world, &network.server, &four.server, &six.server)?;
    }
    four.end()?;
    six.end()?;
    println!("\nThe servers ended in order, and the network is gone.");
    if !options.keep {
        println!("`cargo xtask demo --keep` leaves it running, with a shell inside to look around.");
    }
    println!("README.md says how to run the servers in production and how to move from Kea.");
    Ok(())
}
