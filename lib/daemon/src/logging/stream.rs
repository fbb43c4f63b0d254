//! A descriptor that whole lines are written to, at once or when many have come together.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// What is held back at most, in bytes.
const BUFFER: usize = 1 << 15;

/// An open file, terminal or pipe, and what was not written to it yet. Writing waits for as long as it takes.
#[derive(Debug)]
pub(super) struct Stream {
    file: File,
    held: Vec<u8>,
}

impl Stream {
    pub(super) fn new(file: File) -> Self {
        Self { file, held: Vec::new() }
    }

    /// A second descriptor of `fd`, so that nobody else waits for a lock while this one waits for its reader.
    pub(super) fn duplicate(fd: impl AsFd) -> io::Result<Self> {
        fd.as_fd().try_clone_to_owned().map(|fd| Self::new(fd.into()))
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Writes to this file from now on, what is held back first.
    pub(super) fn turn_to(&mut self, file: File) {
        self.file = file;
    }

    /// Bytes that are held back.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// Takes a line, and writes it with those before it if they are many.
    pub(super) fn write(&mut self, line: &str) -> io::Result<()> {
        self.held.extend_from_slice(line.as_bytes());
        if self.held.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    /// Writes what is held back. What cannot be written stays.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let mut written = 0;
        let outcome = loop {
            match self.file.write(&self.held[written..]) {
                _ if written == self.held.len() => break Ok(()),
                Ok(0) => break Err(ErrorKind::WriteZero.into()),
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Whoever shares a terminal or a pipe with us may have made it so.
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let _ =
                        poll(&mut [PollFd::new(self.file.as_fd(), PollFlags::POLLOUT)], PollTimeout::NONE);
                }
                Err(error) => break Err(error),
            }
        };
        self.held.drain(..written);
        outcome
    }

    /// Takes away what is held back.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}
