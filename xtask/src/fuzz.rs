//! `cargo xtask fuzz`: runs the fuzz targets, guided by coverage, on the toolchain that is there.
//!
//! libFuzzer is asked for by compiler flags that every toolchain knows, so neither a nightly one nor another program is
//! needed. What a run found is folded back into `fuzz/corpora`, the fewest inputs that reach all it reached.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;

use crate::run::{Done, cargo, run, target, top};

#[path = "../../fuzz/corpora.rs"]
mod corpora;

/// What makes a program one that libFuzzer can guide.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions -Coverflow-checks";
/// Where files are in memory.
const MEMORY: &str = "/dev/shm";
/// What the system sends to a process that used up its processor time.
const SIGXCPU: i32 = 24;
/// How large a corpus may be that is kept, in bytes of its text.
const KEPT: usize = 128 * 1024;

/// What to fuzz.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The targets; all when none is named.
    targets: Vec<String>,
    /// How long to run each, in minutes of processor time.
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// How many to run at a time.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
}

/// Runs each target from its corpus; an error when one fails on an input.
pub(crate) fn fuzz(options: &Options) -> Done {
    let folder = top().join("fuzz");
    let binaries = target().join("fuzz");
    // Only with an explicit target do the flags stay away from build scripts.
    let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let mut build = cargo(&["build", "--release", "--target", &triple]);
    run(build.current_dir(&folder).env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", &binaries))?;
    let mut targets = match &options.targets[..] {
        [] => all(&folder.join("fuzz_targets"))?,
        named => named.to_vec(),
    };
    targets.reverse();
    let (left, failures) = (Mutex::new(targets), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..options.jobs.max(1) {
            scope.spawn(|| {
                while let Some(name) = { left.lock().expect("nobody panics").pop() } {
                    let binary = binaries.join(&triple).join("release").join(&name);
                    if let Err(failure) = one(&name, &binary, options.minutes) {
                        failures.lock().expect("nobody panics").push(format!("{name}: {failure}"));
                    }
                }
            });
        }
    });
    match failures.into_inner().expect("nobody panics") {
        failures if failures.is_empty() => Ok(()),
        failures => Err(failures.join("\n").into()),
    }
}

fn all(folder: &Path) -> Done<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.extend(entry?.path().file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// Runs a target for its time and keeps what was found.
fn one(name: &str, binary: &Path, minutes: u64) -> Done {
    let corpus = top().join("fuzz/corpora").join(name);
    let work = tempfile::tempdir()?;
    let (grown, merged) = (work.path().join("grown"), work.path().join("merged"));
    fs::create_dir(&grown)?;
    fs::create_dir(&merged)?;
    for (at, input) in corpora::inputs(&fs::read_to_string(&corpus).unwrap_or_default()).iter().enumerate() {
        fs::write(grown.join(at.to_string()), input)?;
    }
    println!("{name}: {minutes} minutes of processor time");
    let log = target().join(format!("fuzz/{name}.log"));
    // A limit of the system's counts processor time whatever else the machine does.
    let mut fuzzing = Command::new("sh");
    fuzzing
        .args(["-c", "ulimit -S -t \"$0\"; exec \"$@\"", &(minutes * 60).to_string()])
        .arg(binary)
        .arg(&grown);
    fuzzing.args(["-timeout=30", "-rss_limit_mb=4096", "-use_value_profile=1"]);
    fuzzing.arg(format!("-artifact_prefix={}/", work.path().display()));
    // What a target writes, it writes for an instant.
    if Path::new(MEMORY).is_dir() {
        fuzzing.env("TMPDIR", MEMORY);
    }
    let status = fuzzing.stdout(Stdio::null()).stderr(fs::File::create(&log)?).status()?;
    if !ended_in_time(status) {
        let found = found(work.path())?.map(|input| corpora::line(&input)).unwrap_or_default();
        return Err(format!("ended with {status}; see {}. The input was b\"{found}\"", log.display()).into());
    }
    let mut merging = Command::new(binary);
    merging.arg("-merge=1").args([&merged, &grown]).stdout(Stdio::null());
    run(merging.stderr(fs::File::create(&log)?))?;
    let kept = keep(&merged, &corpus)?;
    println!("{name}: nothing found; {kept} inputs are kept");
    Ok(())
}

fn ended_in_time(status: ExitStatus) -> bool {
    status.success() || status.signal() == Some(SIGXCPU)
}

/// The input that a target failed on.
fn found(folder: &Path) -> Done<Option<Vec<u8>>> {
    for entry in fs::read_dir(folder)? {
        let path: PathBuf = entry?.path();
        if path.is_file() {
            return Ok(Some(fs::read(path)?));
        }
    }
    Ok(None)
}

/// Writes a corpus: the shortest inputs first, as many as there is room for. How many there are.
fn keep(folder: &Path, corpus: &Path) -> Done<usize> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder)? {
        lines.push(corpora::line(&fs::read(entry?.path())?));
    }
    lines.sort_by(|a, b| a.len().cmp(&b.len()).then(a.cmp(b)));
    lines.dedup();
    let mut room = KEPT;
    lines.retain(|line| {
        let fits = line.len() < room;
        room -= if fits { line.len() + 1 } else { 0 };
        fits
    });
    fs::write(corpus, lines.iter().flat_map(|line| [line, "\n"]).collect::<String>())?;
    Ok(lines.len())
}
