//! `cargo xtask dist`: packages to install, made of the same pieces as `cargo xtask install` lays out.

mod archive;
mod deb;
mod libraries;

use std::path::PathBuf;

use crate::man;
use crate::pieces;
use crate::run::{Done, target};
use crate::suite::{self, Profile};

/// What to make.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Package the programs in this folder, instead of building them.
    #[arg(long)]
    programs: Option<PathBuf>,
    /// The folder of packages; target/dist where none is named.
    #[arg(long)]
    output: Option<PathBuf>,
    /// Link statically against musl, and make an archive for any Linux of this kind of machine.
    #[arg(long)]
    musl: bool,
    /// Which package of this version it is.
    #[arg(long, default_value_t = 1)]
    revision: u32,
    /// Do not compress: for tests.
    #[arg(long)]
    quick: bool,
}

/// Builds the programs unless they are given, and packages them.
pub(crate) fn dist(options: &Options) -> Done {
    let output = options.output.clone().unwrap_or_else(|| target().join("dist"));
    std::fs::create_dir_all(&output)?;
    let programs = |profile| options.programs.clone().map_or_else(|| suite::build(profile), Ok);
    let package = if options.musl {
        archive::check_target()?;
        archive::archive(&programs(Profile::Target(archive::TARGET))?, &output)?
    } else {
        deb::Deb { revision: options.revision, quick: options.quick }
            .make(&programs(Profile::Release)?, &output)?
    };
    println!("{}", package.display());
    Ok(())
}

/// Where manual pages and completions are written.
#[derive(clap::Args)]
pub(crate) struct ManOptions {
    /// The folder; target/man where none is named.
    #[arg(long)]
    output: Option<PathBuf>,
}

/// Writes the manual pages and the completions, to look at.
pub(crate) fn man(options: &ManOptions) -> Done {
    let output = options.output.clone().unwrap_or_else(|| target().join("man"));
    for page in man::pages()? {
        let place = output.join(format!("{}.{}", page.name, man::SECTION));
        pieces::file(&place, &page.text, 0o644)?;
        println!("{}", place.display());
    }
    for (place, text) in man::completions(true)? {
        let place = output.join(place);
        pieces::file(&place, &text, 0o644)?;
        println!("{}", place.display());
    }
    Ok(())
}
