//! Why there is no answer, or no module.

use std::fmt;
use std::io;

use wasmtime::{Error, Trap};

/// What is told of a reason is no longer than that: some of it is the module's.
const LONGEST: usize = 300;

/// Why a module did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It used up its fuel.
    Fuel,
    /// It took too long.
    Time,
    /// It asked for more memory than it may have.
    Memory(Box<str>),
    /// It did what nobody can do: memory that it does not have, an answer that is none.
    Trap(Box<str>),
    /// None of its instances was ready: all are being asked, or others are still being made in the place of those that failed.
    NotReady,
}

/// Why something is no module.
#[derive(Debug)]
pub enum LoadError {
    /// It is no component that can be compiled.
    NoComponent(Box<str>),
    /// It wants something else than there is, or does not have what is asked.
    OtherInterface(Box<str>),
    /// It failed when it was to make itself ready.
    Failed(Failure),
    /// It says that it cannot work with its parameters.
    Refused(Box<str>),
    /// Calls could not be watched.
    Clock(io::Error),
}

/// What an instance is told that asks for too much; it is also how that is known again.
#[derive(Debug)]
pub(crate) struct TooMuch {
    pub(crate) what: &'static str,
    pub(crate) limit: usize,
}

impl Failure {
    pub(crate) fn of(error: &Error) -> Self {
        if let Some(too_much) = error.downcast_ref::<TooMuch>() {
            return Self::Memory(too_much.to_string().into());
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => Self::Fuel,
            Some(Trap::Interrupt) => Self::Time,
            Some(trap) => Self::Trap(in_short(trap)),
            None => Self::Trap(in_short(error.root_cause())),
        }
    }
}

impl Failure {
    /// Whether the code of a module failed, and not what is around it.
    pub(crate) fn is_own(error: &Error) -> bool {
        error.is::<TooMuch>() || error.is::<Trap>()
    }
}

impl LoadError {
    /// Why it cannot be compiled.
    pub(crate) fn no_component(error: &Error) -> Self {
        Self::NoComponent(in_short(format_args!("{error:#}")))
    }

    /// Why what it wants or has is something else.
    pub(crate) fn other_interface(error: &Error) -> Self {
        Self::OtherInterface(in_short(format_args!("{error:#}")))
    }

    /// What it says itself.
    pub(crate) fn refused(reason: &str) -> Self {
        Self::Refused(in_short(reason))
    }
}

/// A text in one line of bounded length, of characters that can be shown.
pub(crate) fn in_short(text: impl fmt::Display) -> Box<str> {
    let text = text.to_string();
    let shown = text.chars().map(|it| if it.is_control() { ' ' } else { it });
    shown.take(LONGEST).collect::<String>().trim_end().into()
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fuel => f.write_str("it used up its fuel"),
            Self::Time => f.write_str("it took too long"),
            Self::Memory(what) => write!(f, "it asked for {what}"),
            Self::Trap(reason) => f.write_str(reason),
            Self::NotReady => f.write_str("no instance of it is ready"),
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoComponent(reason) => write!(f, "it is no component of WebAssembly: {reason}"),
            Self::OtherInterface(reason) => {
                write!(f, "it is not of the world kotare:dhcp/module@0.1.0: {reason}")
            }
            Self::Failed(failure) => write!(f, "it did not make itself ready: {failure}"),
            Self::Refused(reason) => write!(f, "it does not work with its parameters: {reason}"),
            Self::Clock(error) => write!(f, "its calls cannot be watched: {error}"),
        }
    }
}

impl fmt::Display for TooMuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "more than {} {}", self.limit, self.what)
    }
}

impl std::error::Error for Failure {}
impl std::error::Error for LoadError {}
impl std::error::Error for TooMuch {}
