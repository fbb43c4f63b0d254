//! Which answers cannot be.

use std::fmt;

use kotare_wasm::{Edit, Failure, Lifetimes, ReceivedVerdict};

/// So many classes a module may name for a message.
const MOST_CLASSES: usize = 64;
/// So many changes it may want of a reply.
const MOST_EDITS: usize = 256;

/// Why a module is passed over.
#[derive(Debug)]
pub(super) enum Fault {
    /// It gave no answer.
    Failed(Failure),
    /// It gave one that cannot be.
    Wrong(String),
}

/// A verdict about a message, if it is one.
pub(super) fn received(verdict: ReceivedVerdict) -> Result<ReceivedVerdict, Fault> {
    match &verdict {
        ReceivedVerdict::GoOn(classes) if classes.len() > MOST_CLASSES => {
            Err(Fault::Wrong(format!("{} classes are more than {MOST_CLASSES}", classes.len())))
        }
        _ => Ok(verdict),
    }
}

/// The valid and the preferred lifetime of a lease that was preferred for so long before.
pub(super) fn lifetimes(lifetimes: Lifetimes, preferred: u32) -> Result<(u32, u32), Fault> {
    let Lifetimes { valid, preferred: wanted } = lifetimes;
    match wanted {
        _ if valid == 0 => Err(Fault::Wrong("no lease is valid for 0 seconds".into())),
        Some(wanted) if wanted > valid => {
            Err(Fault::Wrong(format!("a preferred lifetime of {wanted} exceeds the valid one of {valid}")))
        }
        wanted => Ok((valid, wanted.unwrap_or(preferred).min(valid))),
    }
}

/// Changes of a reply, if all of them can be. `fixed` are the options that a reply is made of.
pub(super) fn edits(edits: Vec<Edit>, fixed: &[u16], codes: u16, longest: usize) -> Result<Vec<Edit>, Fault> {
    if edits.len() > MOST_EDITS {
        return Err(Fault::Wrong(format!("{} changes are more than {MOST_EDITS}", edits.len())));
    }
    for edit in &edits {
        let (code, len) = match edit {
            Edit::Set(option) => (option.code, option.value.len()),
            Edit::Remove(code) => (*code, 0),
        };
        if code == 0 || code > codes {
            return Err(Fault::Wrong(format!("there is no option {code}")));
        }
        if fixed.contains(&code) {
            return Err(Fault::Wrong(format!("option {code} is not for modules")));
        }
        if len > longest {
            return Err(Fault::Wrong(format!("no option has {len} bytes")));
        }
    }
    Ok(edits)
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(failure) => failure.fmt(f),
            Self::Wrong(reason) => f.write_str(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use kotare_wasm::DhcpOption;

    use super::*;

    /// A lease is valid for some time, and preferred for no longer.
    #[test]
    fn lifetimes_fit_each_other() {
        let of = |valid, preferred| lifetimes(Lifetimes { valid, preferred }, 100).ok();
        assert_eq!(of(0, None), None);
        assert_eq!(of(50, None), Some((50, 50)));
        assert_eq!(of(200, None), Some((200, 100)));
        assert_eq!(of(200, Some(200)), Some((200, 200)));
        assert_eq!(of(200, Some(201)), None);
    }

    /// One change that cannot be is a fault of all of them.
    #[test]
    fn all_changes_can_be() {
        let set = |code, len| Edit::Set(DhcpOption { code, value: vec![0; len] });
        let can = |list: Vec<Edit>| edits(list, &[53], 254, 10).is_ok();
        assert!(can(vec![set(1, 10), Edit::Remove(254), Edit::Remove(1)]));
        for wrong in [set(0, 1), set(255, 1), set(53, 1), Edit::Remove(53), set(1, 11)] {
            assert!(!can(vec![set(1, 1), wrong.clone()]), "{wrong:?}");
        }
        assert!(can(vec![Edit::Remove(1); MOST_EDITS]) && !can(vec![Edit::Remove(1); MOST_EDITS + 1]));
    }

    /// So many classes, and no more.
    #[test]
    fn classes_are_counted() {
        let of = |count| received(ReceivedVerdict::GoOn(vec![String::new(); count])).is_ok();
        assert!(of(MOST_CLASSES) && !of(MOST_CLASSES + 1));
    }
}
