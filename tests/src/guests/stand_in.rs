//! In place of the crate `wit-bindgen`, where its macro cannot run: the compiler that Debian has for WebAssembly is older than it.
//! What the macro makes was made by its own generator before, and is named by the environment.

/// What code that was generated calls.
pub mod rt {
    use std::alloc::Layout;

    /// Room for an answer, which its reader has freed.
    pub struct Cleanup;

    impl Cleanup {
        /// Room of this layout.
        pub fn new(layout: Layout) -> (*mut u8, Option<Self>) {
            (crate::room(layout.align(), layout.size()), Some(Self))
        }

        /// Somebody else frees it.
        pub fn forget(self) {}
    }

    /// Has the linker keep what is there anyway.
    pub fn maybe_link_cabi_realloc() {}

    /// Runs what has to be run first: nothing of these modules has.
    pub fn run_ctors_once() {}
}

/// Room for what the host writes into the memory of a module: what will be freed as so many bytes that begin so.
pub fn room(align: usize, bytes: usize) -> *mut u8 {
    fn leaked<T: Clone + Default>(count: usize) -> *mut u8 {
        Box::leak(vec![T::default(); count].into_boxed_slice()).as_mut_ptr().cast()
    }
    match align {
        1 => leaked::<u8>(bytes),
        2 => leaked::<u16>(bytes / 2),
        4 => leaked::<u32>(bytes / 4),
        _ => leaked::<u64>(bytes / 8),
    }
}

/// The bindings, and the function by which the host asks for room.
#[macro_export]
macro_rules! generate {
    ($($any:tt)*) => {
        include!(env!("KOTARE_BINDINGS"));

        #[no_mangle]
        pub extern "C" fn cabi_realloc(_: *mut u8, _: usize, align: usize, bytes: usize) -> *mut u8 {
            $crate::room(align, bytes)
        }
    };
}
