//! Which step follows which: the whole of a transaction's decisions as one function.

use crate::answer::{Heard, Rcode};
use crate::request::{Change, ChangeRequest, ConflictResolution};

/// How often a step is tried at one server before the next server's turn.
pub const MAX_TRIES: u32 = 3;

/// How often a transaction may turn from adding to replacing and back, as others change the name at the same time.
const MAX_TURNS: u32 = 4;

/// What a transaction is to do, and how conflicts are resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What becomes of the name.
    pub change: Change,
    /// How conflicts are resolved.
    pub way: ConflictResolution,
}

/// One message of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The name gets the address: if it is free, or whoever has it where nobody checks.
    AddForward,
    /// The name, which is in use, gets the address if it is the client's.
    ReplaceForward,
    /// The address is taken from the name.
    RemoveAddress,
    /// What is left at the name is removed.
    RemoveName,
    /// The address gets its name or loses it.
    Reverse,
}

/// How it goes on after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// The same step at the same server once more.
    Again,
    /// Another step at the same server.
    Turn(Step),
    /// From the first step on at the next server.
    NextServer,
    /// This direction is done.
    Done,
    /// The server does not want it; no other is asked.
    Rejected,
}

impl Plan {
    /// Of a request.
    #[must_use]
    pub fn of(request: &ChangeRequest) -> Self {
        Self { change: request.change, way: request.conflict_resolution }
    }

    /// Whether it matters whom a name belongs to.
    fn checks(self) -> bool {
        matches!(self.way, ConflictResolution::CheckWithDhcid | ConflictResolution::CheckExistsWithDhcid)
    }

    /// The first step of the forward direction at a server.
    #[must_use]
    pub fn first_forward(self) -> Step {
        match self.change {
            Change::Add => Step::AddForward,
            Change::Remove if self.checks() => Step::RemoveAddress,
            Change::Remove => Step::RemoveName,
        }
    }
}

/// How a transaction goes on. `tries` and `turns` count this step at this server among them.
///
/// Transitions are Kea's but for two: after attempts to remove what is left at a name, the next server is asked as after
/// any others, from the first step on, which changes nothing that is done; and a server that says of a name now that it is in use,
/// now that it is not, is not asked without end.
#[must_use]
pub fn next(plan: Plan, step: Step, heard: Heard, tries: u32, turns: u32) -> Move {
    let Heard::Answered(rcode) = heard else {
        return if tries < MAX_TRIES && heard != Heard::NoKey { Move::Again } else { Move::NextServer };
    };
    let turn = |step| if turns < MAX_TURNS { Move::Turn(step) } else { Move::Rejected };
    match (step, rcode) {
        (Step::AddForward, Rcode::YXDOMAIN) if plan.checks() => turn(Step::ReplaceForward),
        (Step::ReplaceForward, Rcode::NXDOMAIN) => turn(Step::AddForward),
        // The name may have lost the address to another server before.
        (Step::RemoveAddress, Rcode::NOERROR | Rcode::NXRRSET) => Move::Turn(Step::RemoveName),
        (_, Rcode::NOERROR) => Move::Done,
        (Step::RemoveName, Rcode::NXRRSET) => Move::Done,
        // The name still has an address of the other family.
        (Step::RemoveName, Rcode::YXRRSET) if plan.checks() => Move::Done,
        (Step::Reverse, Rcode::NXRRSET) if plan.change == Change::Remove => Move::Done,
        _ => Move::Rejected,
    }
}
