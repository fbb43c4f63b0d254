//! `cargo xtask test`: everything that must hold before a change lands.

use std::path::Path;

use kotare_tests::world::libraries_below;

use crate::run::{Done, cargo, run, target};
use crate::{debian, partners};

/// What to test.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only tests whose name contains this; formatting and lints are left out then.
    filter: Option<String>,
}

/// Format, lints, documentation, then every test with its partners at hand.
pub(crate) fn test(options: &Options) -> Done {
    let partners = partners::unpack()?;
    let debian = debian::root(&partners)?;
    if options.filter.is_none() {
        run(&mut cargo(&["fmt", "--all", "--check"]))?;
        run(&mut cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"]))?;
        run(cargo(&["doc", "--quiet", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings"))?;
    }
    // With the tests, whose dependencies want more of what all share: what is built for one is built for the other then.
    run(&mut cargo(&["build", "--quiet", "--workspace", "--bins", "--tests"]))?;
    let programs = target().join("debug");
    let mut tests = cargo(&["test", "--workspace", "--no-fail-fast"]);
    tests.envs(debian.map(|root| ("KOTARE_DEBIAN", root)));
    run(with_surroundings(&mut tests, &programs, &partners)
        .args(options.filter.iter().flat_map(|filter| ["--", filter.as_str()])))?;
    println!("all tests passed");
    Ok(())
}

/// Tells tests where our programs and their partners are.
fn with_surroundings<'a>(
    command: &'a mut std::process::Command,
    programs: &Path,
    partners: &Path,
) -> &'a mut std::process::Command {
    let examples = partners.join("usr/share/doc/kea/examples");
    // What the system has comes first; `sbin` is not on every user's path.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin"].map(Into::into);
    let unpacked = ["usr/sbin", "sbin", "usr/bin", "bin"].map(|folder| partners.join(folder));
    let path = std::env::split_paths(&path).chain(system).chain(unpacked);
    command
        .env("PATH", std::env::join_paths(path).unwrap_or_default())
        .env("LD_LIBRARY_PATH", libraries_below(partners).unwrap_or_default())
        .env("KOTARE_PROGRAMS", programs)
        .env("KOTARE_PARTNERS", partners)
        .env("KOTARE_KEA_EXAMPLES", std::env::var_os("KOTARE_KEA_EXAMPLES").unwrap_or(examples.into()))
}
