//! Users of DHCPv4, known by their hardware addresses.

use std::sync::Arc;

use kotare_engine::hooks::v4::{Asked4, Hooks4, Link4, Pkt4Send, Sending4, Subnet4Select};
use kotare_engine::hooks::{Step, Verdict};
use kotare_engine::v4::{Edited4, Query4, ReplyKind};
use kotare_model::Lease4;
use kotare_wire::v4::OptionCode;

use super::registry::{Kind, User};
use super::{Checked, UserCheck, look_up};

impl Checked for Lease4 {
    fn register(hooks: &mut Hooks4, module: Arc<UserCheck>) {
        hooks.subnet4_select.push(module.clone());
        hooks.pkt4_send.push(module);
    }
}

fn id(query: &Query4) -> &[u8] {
    query.client.hwaddr.as_bytes()
}

impl Subnet4Select for UserCheck {
    fn subnet4_select<'a>(&'a self, asked: Asked4<'a>, link: &'a mut Link4<'_>) -> Step<'a> {
        if let Some(last) = self.last
            && self.registry.users().find(Kind::HwAddr, id(asked.query)).is_none()
        {
            link.select(last);
        }
        Step::Now(Verdict::Continue)
    }

    fn waits(&self) -> bool {
        false
    }
}

impl Pkt4Send for UserCheck {
    fn pkt4_send(&self, asked: Asked4<'_>, sending: Sending4, reply: &mut Edited4<'_>) {
        if sending.kind == ReplyKind::Nak {
            return;
        }
        let users = self.registry.users();
        let (user, is_known) = look_up(&users, Kind::HwAddr, id(asked.query));
        if let Some(User { bootfile, tftp_server }) = user {
            let set = [(OptionCode::BOOT_FILE_NAME, bootfile), (OptionCode::TFTP_SERVER_NAME, tftp_server)];
            for (code, value) in set.into_iter().filter(|(_, value)| !value.is_empty()) {
                // What has no room is left out, as any other option.
                let _ = reply.set(code, value.as_bytes());
            }
            if !bootfile.is_empty() {
                reply.set_file(bootfile.as_bytes());
            }
        }
        if !asked.query.is_rehearsed() {
            let hwaddr = &asked.query.client.hwaddr;
            let client = format_args!("hwtype={} {hwaddr}", hwaddr.htype());
            self.conclude("HW_ADDR", client, reply.message().yiaddr(), is_known);
        }
    }
}
