//! Log messages, declared once.
//!
//! A message is a row of a [`messages!`] table: severity, debug level, logger, Kea's identifier, the
//! arguments the identifier carries, and the sentence, which is Kea's wherever tools may match it. The table
//! yields one function a message, so a call names the identifier and cannot forget an argument; and one static
//! [`Message`] a row, from which the daemon's subscriber takes severity and debug level when it decides, once
//! per configuration, whether the call site is enabled. A disabled message costs a load and a branch.
//!
//! This crate neither formats, filters nor writes: it only names. It is the one thing about logging that
//! the pure crates see.

#[doc(hidden)]
pub use tracing as __tracing;

/// How grave a message is, in Kea's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Detail for diagnosis; shown when the logger's `debuglevel` is at least the message's level (0–99).
    Debug(u8),
    /// Normal events.
    Info,
    /// Something deserves attention; service goes on.
    Warn,
    /// Something failed.
    Error,
    /// The program cannot go on.
    Fatal,
}

/// One row of a message table.
#[derive(Debug)]
pub struct Message {
    /// Kea's identifier, for example `DHCP4_STARTED`.
    pub id: &'static str,
    /// The logger below the program's root logger, for example `leases` for `kea-dhcp4.leases`.
    pub logger: &'static str,
    /// Severity, with the debug level.
    pub severity: Severity,
    /// Names of the arguments, in Kea's order.
    pub args: &'static [&'static str],
}

/// Declares log messages.
///
/// Each row is `Severity "logger" IDENTIFIER(arguments…) = "sentence with {arguments}";`. Every argument must
/// appear in the sentence, and none is called `message` (the compiler checks both). For each row a function of
/// that name is made, taking one `impl Display` an argument; all rows together are the static `MESSAGES`.
///
/// ```
/// kotare_messages::messages! {
///     Info "dhcp4" DHCP4_STARTED(version) = "Kea DHCPv4 server version {version} started";
///     Debug(40) "leases" DHCP4_DISCOVER_SEEN(client, interface) = "{client}: DISCOVER on {interface}";
/// }
/// DHCP4_STARTED("3.2.0");
/// assert_eq!(MESSAGES[1].id, "DHCP4_DISCOVER_SEEN");
/// ```
#[macro_export]
macro_rules! messages {
    ($($severity:ident $(($level:literal))? $logger:literal $id:ident($($arg:ident),* $(,)?) = $text:literal;)*) => {
        /// The messages of this table.
        pub static MESSAGES: &[$crate::Message] = &[$($crate::Message {
            id: stringify!($id),
            logger: $logger,
            severity: $crate::Severity::$severity $(($level))?,
            args: &[$(stringify!($arg)),*],
        }),*];
        // The sentence is the field of this name.
        $($(const _: () =
            assert!(!matches!(stringify!($arg).as_bytes(), b"message"), "no argument is called `message`");)*)*
        $(
            #[doc = concat!("Logs `", stringify!($id), "`: ", $text)]
            #[allow(non_snake_case, clippy::too_many_arguments)]
            #[inline(always)]
            pub fn $id($($arg: impl ::core::fmt::Display),*) {
                #[inline(never)]
                #[allow(clippy::too_many_arguments)]
                fn log($($arg: impl ::core::fmt::Display),*) {
                    $crate::__tracing::event!(
                        name: stringify!($id),
                        target: $logger,
                        $crate::__level!($severity),
                        $($arg = %$arg,)*
                        message = format_args!($text, $($arg = $arg),*)
                    );
                }
                if $crate::__is_on!($severity) {
                    log($($arg),*);
                }
            }
        )*
    };
}

/// Whether any debug messages are logged: who works only to say something can ask before.
#[inline]
pub fn is_debugged() -> bool {
    __is_on!(Debug)
}

/// Does some work of which nothing is logged, though the same would be otherwise.
pub fn silently<W: Future>(work: W) -> impl Future<Output = W::Output> + use<W> {
    tracing::instrument::WithSubscriber::with_subscriber(work, tracing::Dispatch::none())
}

/// Whether any message of this severity is logged: all that is asked, where it is called, of one that is not.
#[doc(hidden)]
#[macro_export]
macro_rules! __is_on {
    (Debug) => {
        $crate::__level!(Debug) <= $crate::__tracing::level_filters::LevelFilter::current() && {
            ::core::hint::cold_path();
            true
        }
    };
    ($severity:ident) => {
        $crate::__level!($severity) <= $crate::__tracing::level_filters::LevelFilter::current()
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __level {
    (Debug) => {
        $crate::__tracing::Level::DEBUG
    };
    (Info) => {
        $crate::__tracing::Level::INFO
    };
    (Warn) => {
        $crate::__tracing::Level::WARN
    };
    (Error) => {
        $crate::__tracing::Level::ERROR
    };
    (Fatal) => {
        $crate::__tracing::Level::ERROR
    };
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "a table is public wherever it stands")]
mod tests {
    messages! {
        Fatal "dhcp4" DHCP4_INIT_FAIL(reason) = "start failed: {reason}";
        Debug(55) "packets" DHCP4_PACKET_RECEIVED(client, kind) = "{client}: received {kind}";
        Info "dhcp4" DHCP4_SHUTDOWN() = "server is stopped";
    }

    /// A row keeps what it declares, and its function can be called with anything that displays.
    #[test]
    fn a_row_becomes_a_function_and_a_static() {
        DHCP4_INIT_FAIL(std::io::Error::other("x"));
        DHCP4_PACKET_RECEIVED("client", 3);
        DHCP4_SHUTDOWN();
        assert_eq!(MESSAGES[0].severity, crate::Severity::Fatal);
        assert_eq!(MESSAGES[1].severity, crate::Severity::Debug(55));
        assert_eq!(MESSAGES[1].args, ["client", "kind"]);
    }
}
