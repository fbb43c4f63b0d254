//! Manual pages and completions of shells, made of what the programs parse by (`lib/command-line`).

mod sections;

use std::path::PathBuf;

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::run::Done;
use sections::{Section, sections, see_also};

/// All programs are for whoever looks after a system.
pub(crate) const SECTION: &str = "8";

/// A manual page.
pub(crate) struct Page {
    /// The program's name.
    pub(crate) name: String,
    /// What `man` reads.
    pub(crate) text: Vec<u8>,
}

/// A page for each program.
pub(crate) fn pages() -> Done<Vec<Page>> {
    kotare_command_line::all().into_iter().map(page).collect()
}

fn page(command: Command) -> Done<Page> {
    let name = command.get_name().to_owned();
    let source = format!("Kotare {}", env!("CARGO_PKG_VERSION"));
    let man =
        Man::new(command).title(name.to_uppercase()).section(SECTION).date("").source(source).manual("Kea");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    for Section { title, entries } in sections(&name) {
        let mut roff = Roff::new();
        roff.control("SH", [title]);
        for (term, words) in entries {
            roff.control("TP", []).text([bold(term)]).text([roman(words)]);
        }
        roff.to_writer(&mut text)?;
    }
    let others: Vec<String> =
        see_also(&name).into_iter().map(|other| format!("{other}({SECTION})")).collect();
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]).text([roman(others.join(", "))]);
    roff.to_writer(&mut text)?;
    Ok(Page { name, text })
}

/// The completions of each program for each shell, with their places below `share`. Debian's zsh looks elsewhere than
/// that of whoever builds it.
pub(crate) fn completions(is_system: bool) -> Done<Vec<(PathBuf, Vec<u8>)>> {
    let zsh = if is_system { "zsh/vendor-completions" } else { "zsh/site-functions" };
    let mut list = Vec::new();
    for mut command in kotare_command_line::all() {
        let name = command.get_name().to_owned();
        for (shell, place) in [
            (Shell::Bash, format!("bash-completion/completions/{name}")),
            (Shell::Zsh, format!("{zsh}/_{name}")),
            (Shell::Fish, format!("fish/vendor_completions.d/{name}.fish")),
        ] {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut command, &name, &mut text);
            list.push((place.into(), text));
        }
    }
    Ok(list)
}
