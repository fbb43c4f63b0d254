//! `cargo xtask fuzz`: runs the fuzz targets, guided by coverage, on the toolchain that is there.
//!
//! libFuzzer is asked for by compiler flags that every toolchain knows, so neither a nightly one nor another program is
//! needed. What a run found is folded back into `fuzz/corpora`, the fewest inputs that reach all it reached.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use kotare_tests::world::send_signal;

use crate::bench::cpu;
use crate::run::{Done, cargo, run, target, top};

#[path = "../../fuzz/corpora.rs"]
mod corpora;

/// What makes a program one that libFuzzer can guide.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions -Coverflow-checks";
/// Where files are in memory.
const MEMORY: &str = "/dev/shm";
/// How often it is looked how much processor time a target has used.
const LOOK: Duration = Duration::from_millis(200);
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
    let mut fuzzing = Command::new(binary);
    fuzzing.arg(&grown).args(["-timeout=30", "-rss_limit_mb=4096", "-use_value_profile=1"]);
    fuzzing.arg(format!("-artifact_prefix={}/", work.path().display()));
    // What a target writes, it writes for an instant.
    if Path::new(MEMORY).is_dir() {
        fuzzing.env("TMPDIR", MEMORY);
    }
    let status = in_time(fuzzing.stdout(Stdio::null()).stderr(fs::File::create(&log)?).spawn()?, minutes)?;
    if !status.success() {
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

/// Waits until a fuzzer has used its processor time, and asks it to end, which it does after the input at hand.
///
/// A limit of the system's (`ulimit -t`) does not do. It counts whoever it finds on a processor at its ticks, which is too
/// little where threads hand work to each other, and ends a process in the middle of an input, whose files then stay.
#[expect(clippy::disallowed_methods, reason = "a fuzzer is given time")]
fn in_time(mut fuzzing: Child, minutes: u64) -> Done<ExitStatus> {
    while cpu(fuzzing.id()).is_some_and(|used| used < (minutes * 60) as f64) {
        if let Some(ended) = fuzzing.try_wait()? {
            return Ok(ended);
        }
        thread::sleep(LOOK);
    }
    send_signal(fuzzing.id(), "USR1");
    Ok(fuzzing.wait()?)
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
