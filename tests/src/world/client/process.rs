//! A client program that runs: its files, its words, what it tells.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::events::{Event, Events};
use crate::world::{Host, World, eventually, signal};

/// One client of one interface of a host, of either family. It runs in the foreground, with files of its own in the
/// world's folder. Killed when dropped.
#[derive(Debug)]
pub(super) struct Process {
    /// The program's name.
    name: &'static str,
    pub(super) host: Host,
    pub(super) interface: String,
    pub(super) folder: PathBuf,
    /// More words for its command line.
    pub(super) arguments: Vec<String>,
    /// What it asks for besides the usual, by the names or codes it has for options.
    pub(super) wants: Vec<String>,
    /// More lines of its configuration, where it has one.
    pub(super) lines: Vec<String>,
    pub(super) events: Events,
    child: Option<Child>,
}

impl Process {
    /// One that is not running yet; `script` does what the client leaves to a script.
    pub(super) fn new(world: &World, host: &Host, interface: &str, name: &'static str, script: &str) -> Self {
        let folder = world.path(&format!("{}-{interface}-{name}", host.name()));
        fs::create_dir_all(&folder).expect("make the client's folder");
        let events = Events::new(&folder, script);
        Self {
            name,
            host: host.clone(),
            interface: interface.to_owned(),
            folder,
            arguments: Vec::new(),
            wants: Vec::new(),
            lines: Vec::new(),
            events,
            child: None,
        }
    }

    /// Starts it.
    pub(super) fn start(&mut self, command: &mut Command) {
        self.child = Some(self.launch(command));
    }

    /// Ends it as a power cut would: no last message. What it told is passed over.
    pub(super) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        self.events.skip();
    }

    /// Waits for its end, which it was asked for.
    pub(super) fn ended(&mut self) {
        if let Some(mut child) = self.child.take() {
            eventually("the client ends", || child.try_wait().expect("a child can be asked"));
        }
    }

    /// Waits for the next event with one of these reasons that is `wanted`; what came before it is passed over.
    pub(super) fn next_of(&mut self, reasons: &[&str], wanted: impl Fn(&Event) -> bool) -> Event {
        let what = format!("{} on {} tells {}", self.name, self.host.name(), reasons.join(" or "));
        // Only a failing test needs to know what the client said.
        let told = NotWaitedFor(&self.folder);
        let (events, child) = (&mut self.events, &mut self.child);
        let event = eventually(&what, || {
            let ended = child.as_mut().and_then(|child| child.try_wait().expect("a child can be asked"));
            let event = events.next(reasons);
            if let (Some(status), None) = (ended, &event) {
                panic!("{what}: it ended with {status} instead");
            }
            event.filter(&wanted)
        });
        std::mem::forget(told);
        event
    }

    /// What it printed so far.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Runs a second instance, one that tells the first what to do, to its end.
    pub(super) fn finish(&self, command: &mut Command) {
        let status = self.launch(command).wait().expect("a child can be waited for");
        assert!(status.success(), "{command:?} ended with {status}:\n{}", self.log());
    }

    pub(super) fn signal(&self, signal: &str) {
        let child = self.child.as_ref().expect("the client runs");
        signal::send(child.id(), signal);
    }

    fn launch(&self, command: &mut Command) -> Child {
        let log = File::options().create(true).append(true).open(self.folder.join("log"));
        let log = log.expect("make the client's log");
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a second handle")).stderr(log);
        command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Prints a client's log when a wait for it panics.
struct NotWaitedFor<'a>(&'a Path);

impl Drop for NotWaitedFor<'_> {
    #[expect(clippy::print_stderr, reason = "a failing test must say why")]
    fn drop(&mut self) {
        for name in ["events", "log"] {
            let text = fs::read_to_string(self.0.join(name)).unwrap_or_default();
            eprintln!("{}:\n{text}", self.0.join(name).display());
        }
    }
}
