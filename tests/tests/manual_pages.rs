//! Manual pages and completions: made of what programs parse by, so they tell what programs tell.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kotare_tests::tell;
use kotare_tests::world::program;

/// What `cargo xtask man` writes, in a folder of this test.
struct Written(tempfile::TempDir);

impl Written {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let done = Command::new(program("xtask")).args(["man", "--output"]).arg(folder.path()).output();
        let done = done.expect("xtask can be run");
        assert!(done.status.success(), "{done:?}");
        Self(folder)
    }

    /// The files in a folder of it, by name.
    fn files(&self, folder: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.0.path().join(folder)).expect("the folder can be listed");
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.retain(|path| path.is_file());
        files.sort();
        files
    }
}

/// The name of a file without what ends it.
fn stem(file: &Path) -> String {
    file.file_stem().expect("files have names").to_string_lossy().into_owned()
}

/// The options that lines begin with, without the values that they may have.
fn options(text: &str) -> BTreeSet<String> {
    let lines = text.lines().map(str::trim_start);
    let words = lines.flat_map(|line| line.split_whitespace().take_while(|word| word.starts_with('-')));
    words
        .map(|word| word.split('[').next().unwrap_or_default().trim_end_matches([',', ':']).to_owned())
        .filter(|word| !word.trim_start_matches('-').is_empty())
        .collect()
}

/// The section of a page that tells the options, without what `man` makes letters of.
fn plain(page: &str) -> String {
    let section = page.split("\n.SH OPTIONS\n").nth(1).expect("a page tells options");
    let section = section.split("\n.SH ").next().unwrap_or_default();
    [("\\fB", ""), ("\\fI", ""), ("\\fR", ""), ("\\-", "-")]
        .iter()
        .fold(section.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// What a program says when it is asked for help; servers have no option for it and tell on standard error.
fn help(name: &str) -> String {
    let output = Command::new(program(name)).arg("--help").output().expect("a program can be run");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// Every program that is installed has a page, and the page has the options that the program tells.
#[test]
fn pages_tell_the_options_of_programs() {
    let written = Written::new();
    let pages = written.files(".");
    let names: Vec<String> = pages.iter().map(|page| stem(page)).collect();
    assert_eq!(names, programs(), "a page for each program that is installed");
    for (page, name) in pages.iter().zip(&names) {
        let text = fs::read_to_string(page).expect("a page can be read");
        let told = options(&help(name));
        assert!(told.len() > 3, "{name}: {told:?}");
        assert_eq!(options(&plain(&text)), told, "{name}");
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "FILES", "EXIT STATUS", "SEE ALSO"] {
            assert!(text.contains(&format!(".SH \"{section}\"")) || text.contains(&format!(".SH {section}")));
        }
    }
}

/// The names of the programs that an installation has, sorted.
fn programs() -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    kotare_tests::world::install(&["--prefix".as_ref(), folder.path().as_ref()]);
    let entries = fs::read_dir(folder.path().join("sbin")).expect("programs are installed");
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// What a checker says of a file; `None` where the system has none.
fn checked(checker: &str, arguments: &[&str], file: &Path) -> Option<Output> {
    Command::new(checker).args(arguments).arg(file).env("LC_ALL", "C.UTF-8").output().ok()
}

/// Readers of pages and shells find nothing wrong. Those that the system has are asked.
#[test]
fn pages_and_completions_are_well_formed() {
    let written = Written::new();
    let arguments = ["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z"];
    for page in written.files(".") {
        match checked("man", &arguments, &page) {
            Some(output) => {
                assert!(output.status.success() && output.stderr.is_empty(), "{page:?}: {output:?}");
            }
            None => tell("there is no man to read the pages"),
        }
    }
    let kinds = [
        ("bash-completion/completions", "bash", "-n"),
        ("zsh/vendor-completions", "zsh", "-n"),
        ("fish/vendor_completions.d", "fish", "--no-execute"),
    ];
    let count = written.files(".").len();
    for (folder, shell, option) in kinds {
        let files = written.files(folder);
        assert_eq!(files.len(), count, "each program has completions for {shell}");
        for file in files {
            match checked(shell, &[option], &file) {
                Some(output) => assert!(output.status.success(), "{file:?}: {output:?}"),
                None => tell(&format!("there is no {shell} to read {}", file.display())),
            }
        }
    }
}

/// At a prompt, bash completes the words that programs understand.
#[test]
fn bash_completes_commands() {
    let written = Written::new();
    let file = written.0.path().join("bash-completion/completions/kea-admin");
    let script = format!(
        ". '{}'; COMP_WORDS=(kea-admin lease-d); COMP_CWORD=1; \
         function=$(complete -p kea-admin | sed 's/.* -F \\([^ ]*\\) .*/\\1/'); $function kea-admin lease-d kea-admin; \
         echo \"${{COMPREPLY[@]}}\"",
        file.display()
    );
    let output = Command::new("bash").args(["-c", &script]).output().expect("bash can be run");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "lease-dump", "{output:?}");
}
