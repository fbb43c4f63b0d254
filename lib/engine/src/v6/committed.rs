//! What modules are told of leases, and what they change of replies.

use kotare_model::Lease6;
use kotare_store::LeaseStore;
use kotare_wire::NoRoom;
use kotare_wire::v6::{Index, Message};
use smallvec::SmallVec;

use super::assign::Changes;
use super::exchange::Exchange;
use super::trace::{Step, changed};
use super::{Dropped, Edited6};
use crate::hooks::Verdict;
use crate::hooks::v6::{Asked6, Point6, Sending6};

impl<S: LeaseStore<Lease6>> Exchange<'_, S> {
    /// Tells modules what was done to leases.
    pub(super) async fn committed(&self, changes: &Changes) -> Result<(), Dropped> {
        let committed = changes.committed();
        if committed.leases.is_empty() && committed.deleted.is_empty() {
            return Ok(());
        }
        for module in &self.server.hooks.leases6_committed {
            let step = module.leases6_committed(self.asked(), committed);
            let verdict = self.server.step(Point6::Leases6Committed, self.query, step).await?;
            if let Verdict::Drop(counts) = verdict {
                return Err(Dropped::ByModule { point: Point6::Leases6Committed, counts });
            }
        }
        Ok(())
    }

    /// Shows a reply of `len` bytes to modules and writes it anew if they change it; says how long it is then.
    pub(super) fn edited(&self, sending: Sending6, len: usize, reply: &mut [u8]) -> Result<usize, NoRoom> {
        if self.server.hooks.pkt6_send.is_empty() {
            return Ok(len);
        }
        let written: SmallVec<[u8; 1500]> = SmallVec::from_slice(&reply[..len]);
        let mut index = Index::new();
        let Ok(message) = Message::parse(&written, &mut index) else { return Ok(len) };
        let mut edited = Edited6::new(message, reply.len());
        for module in &self.server.hooks.pkt6_send {
            module.pkt6_send(self.asked(), sending, &mut edited);
        }
        self.query.trace.note(|| Step::ReplyEdited(changed(&edited)));
        if edited.is_changed() { edited.write(reply) } else { Ok(len) }
    }

    pub(super) fn asked(&self) -> Asked6<'_> {
        Asked6 { message: self.message, query: self.query, now: self.now }
    }
}
