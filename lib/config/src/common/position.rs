//! Where things stand in a configuration.

/// Where a subnet stands among the subnets of a configuration. Means something to the configuration it comes from alone; index
/// that with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubnetAt(u32);

/// Where a shared network stands among the shared networks, as [`SubnetAt`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetworkAt(u32);

/// Positions: what is kept beside a configuration, one for each of its subnets or networks, is found by `index`.
macro_rules! position {
    ($($name:ident of $what:literal)*) => { $(
        impl $name {
            #[doc = concat!("The ", $what, " at an index.")]
            ///
            /// # Panics
            /// Above 2³²: no configuration that can be read has so many.
            pub fn new(index: usize) -> Self {
                Self(u32::try_from(index).expect(concat!("fewer ", $what, "s than 2^32")))
            }

            /// The index.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )* };
}

position! { SubnetAt of "subnet" NetworkAt of "shared network" }
