//! How a table of code points is declared.

/// Declares a newtype over an integer with named constants; values without a name are ordinary values.
macro_rules! code_points {
    ($(#[$about:meta])* $type:ident($repr:ty) { $($(#[doc = $doc:literal])+ $name:ident = $value:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(pub $repr);

        impl $type {
            $($(#[doc = $doc])+ pub const $name: Self = Self($value);)*

            /// The name of the constant, when the code point has one here.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some(stringify!($name)),)*
                    _ => None,
                }
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{}({})", stringify!($type), self.0),
                }
            }
        }

        impl From<$repr> for $type {
            fn from(value: $repr) -> Self {
                Self(value)
            }
        }

        impl From<$type> for $repr {
            fn from(code: $type) -> Self {
                code.0
            }
        }
    };
}

pub(crate) use code_points;
