//! How servers work together, and what each of them is for the others.

use std::fmt;

/// `mode`: how the servers of a relationship share the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Two servers answer, each its half of the clients.
    LoadBalancing,
    /// One answers, and another stands by.
    HotStandby,
    /// One answers, and no other ever does by itself.
    PassiveBackup,
}

/// `role`: what a server is in a relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The first of the active servers.
    Primary,
    /// The other active server of a load-balancing pair.
    Secondary,
    /// The other active server of a hot-standby pair.
    Standby,
    /// Keeps a copy of the leases.
    Backup,
}

/// `pause`: whether a server stays in a state until it is told to go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pause {
    /// It does not.
    #[default]
    Never,
    /// The first time that it enters the state.
    Once,
    /// Each time.
    Always,
}

/// The words of a parameter, by what they mean, and Kea's sentence about any other.
macro_rules! words {
    ($type:ident, $($variant:ident = $word:literal),* ; $refused:literal) => {
        impl $type {
            /// What the configuration and commands call it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// What a word of the configuration means.
            ///
            /// # Errors
            /// Kea's sentence about a word that means nothing.
            pub fn named(name: &str) -> Result<Self, String> {
                match name {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(format!($refused, name)),
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

words!(Mode, LoadBalancing = "load-balancing", HotStandby = "hot-standby", PassiveBackup = "passive-backup";
    "unsupported value '{}' for mode parameter");
words!(Role, Primary = "primary", Secondary = "secondary", Standby = "standby", Backup = "backup";
    "unsupported value '{}' for role parameter");
words!(Pause, Never = "never", Once = "once", Always = "always";
    "unsupported value {} of 'pause' parameter");
