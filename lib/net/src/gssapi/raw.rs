//! The functions of the GSS-API in C (RFC 2744), from a library that is loaded when it is asked for.
//!
//! `unsafe` because functions that are found by name have the types that are said here, and take addresses.
#![expect(unsafe_code, reason = "a library that is loaded at run time")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{self, NonNull};

/// `OM_uint32`.
pub(super) type Word = u32;
/// What the library alone knows: a name, credentials, a context.
pub(super) type Handle = *mut c_void;

/// `gss_buffer_desc`.
#[repr(C)]
pub(super) struct Buffer {
    pub(super) length: usize,
    pub(super) value: *mut c_void,
}

/// `gss_OID_desc`.
#[repr(C)]
pub(super) struct Oid {
    length: Word,
    elements: *mut c_void,
}

/// `gss_OID_set_desc`.
#[repr(C)]
pub(super) struct OidSet {
    pub(super) count: usize,
    pub(super) elements: *mut Oid,
}

/// `gss_key_value_element_desc`.
#[repr(C)]
pub(super) struct KeyValue {
    pub(super) key: *const c_char,
    pub(super) value: *const c_char,
}

/// `gss_key_value_set_desc`.
#[repr(C)]
pub(super) struct KeyValues {
    pub(super) count: Word,
    pub(super) elements: *mut KeyValue,
}

impl Buffer {
    pub(super) const EMPTY: Self = Self { length: 0, value: ptr::null_mut() };

    /// What the library only reads.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { length: bytes.len(), value: bytes.as_ptr().cast_mut().cast() }
    }
}

impl Oid {
    pub(super) fn of(bytes: &'static [u8]) -> Self {
        Self { length: bytes.len() as Word, elements: bytes.as_ptr().cast_mut().cast() }
    }
}

/// Makes a struct of the functions, and what finds them.
macro_rules! functions {
    ($($(#[doc = $doc:literal])* $name:ident($($type:ty),*);)*) => {
        /// The functions of a loaded library, which stays loaded.
        #[derive(Clone, Copy)]
        pub(super) struct Functions {
            $($(#[doc = $doc])* pub(super) $name: unsafe extern "C" fn($($type),*) -> Word,)*
        }

        impl Functions {
            /// Loads the library of this name.
            pub(super) fn load(name: &CStr) -> Result<Self, String> {
                let library = open(name)?;
                Ok(Self {
                    $($name: {
                        let found = find(library, concat!(stringify!($name), "\0"))?;
                        // SAFETY: a function of this name has this type (RFC 2744; MIT's gssapi_ext.h for credentials).
                        unsafe {
                            std::mem::transmute::<NonNull<c_void>, unsafe extern "C" fn($($type),*) -> Word>(found)
                        }
                    },)*
                })
            }
        }
    };
}

functions! {
    /// minor, text, kind of name, name.
    gss_import_name(*mut Word, *const Buffer, *const Oid, *mut Handle);
    gss_release_name(*mut Word, *mut Handle);
    /// minor, principal, wanted time, mechanisms, usage, where they are kept, credentials, actual mechanisms, time.
    gss_acquire_cred_from(
        *mut Word, Handle, Word, *const OidSet, c_int, *const KeyValues, *mut Handle, *mut Handle, *mut Word
    );
    gss_release_cred(*mut Word, *mut Handle);
    /// minor, credentials, context, target, mechanism, flags, wanted time, bindings, token, actual mechanism, token to
    /// send, granted flags, time.
    gss_init_sec_context(
        *mut Word, Handle, *mut Handle, Handle, *const Oid, Word, Word, Handle, *const Buffer, *mut Handle,
        *mut Buffer, *mut Word, *mut Word
    );
    /// minor, context, token to send, which nobody wants.
    gss_delete_sec_context(*mut Word, *mut Handle, *mut Buffer);
    /// minor, context, time.
    gss_context_time(*mut Word, Handle, *mut Word);
    /// minor, context, quality, message, signature.
    gss_get_mic(*mut Word, Handle, Word, *const Buffer, *mut Buffer);
    /// minor, context, message, signature, quality.
    gss_verify_mic(*mut Word, Handle, *const Buffer, *const Buffer, *mut Word);
    gss_release_buffer(*mut Word, *mut Buffer);
    /// minor, code, kind of code, mechanism, how far it is told, text.
    gss_display_status(*mut Word, Word, c_int, *const Oid, *mut Word, *mut Buffer);
}

fn open(name: &CStr) -> Result<NonNull<c_void>, String> {
    // SAFETY: `name` ends with a zero; what the library does when it is loaded is what every program linked with it allows.
    let library = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
    NonNull::new(library).ok_or_else(failure)
}

/// `name` ends with a zero.
fn find(library: NonNull<c_void>, name: &'static str) -> Result<NonNull<c_void>, String> {
    // SAFETY: the library is loaded and stays so; `name` ends with a zero.
    let found = unsafe { libc::dlsym(library.as_ptr(), name.as_ptr().cast()) };
    NonNull::new(found).ok_or_else(failure)
}

/// Why the last of the two failed.
fn failure() -> String {
    // SAFETY: the text belongs to this thread and stays until the next of these functions is called here.
    let text = unsafe { libc::dlerror() };
    if text.is_null() {
        return "no reason is given".to_owned();
    }
    // SAFETY: a text that is there ends with a zero.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}
