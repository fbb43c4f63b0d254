//! `cargo xtask install`: lays the suite out below a prefix, as upstream's own install does.

use std::path::{PathBuf, absolute};

use kotare_daemon::Installation;

use crate::pieces::{What, below, pieces};
use crate::run::Done;
use crate::suite::{self, Profile};

/// How to install.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Below which folder; /usr means the system's directories, /etc/kea and /var/lib/kea among them.
    #[arg(long, default_value = "/usr/local")]
    prefix: PathBuf,
    /// Put everything below this folder, as if it were /, to make a package of it; also read from DESTDIR.
    #[arg(long)]
    destdir: Option<PathBuf>,
    /// Install the programs in this folder, instead of building them.
    #[arg(long)]
    programs: Option<PathBuf>,
}

/// Builds the programs unless they are given, and puts everything in its place.
pub(crate) fn install(options: &Options) -> Done {
    let programs = match &options.programs {
        Some(folder) => folder.clone(),
        None => suite::build(Profile::Release)?,
    };
    let destdir = options.destdir.clone().or_else(|| std::env::var_os("DESTDIR").map(PathBuf::from));
    let root = destdir.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| "/".into());
    for piece in pieces(&Installation::at(&absolute(&options.prefix)?), &programs)? {
        let place = below(&root, &piece.place);
        if piece.is_operators() && place.exists() {
            println!("{} stays as it is", place.display());
            continue;
        }
        piece.put(&root)?;
        if !matches!(piece.what, What::Directory | What::Written) {
            println!("{}", place.display());
        }
    }
    Ok(())
}
