//! What arguments of log messages say of DHCPv6. What clients send is escaped, and as long as their message allows, or a
//! limit.

use std::fmt;
use std::net::SocketAddrV6;

use kotare_model::{Lease6, LeaseType};
use kotare_options::Definitions;
use kotare_wire::v6::{Index, Message, OptionCode};

use crate::text::{Lines, Or, Seconds};

/// A message, field by field and option by option, with what relay agents put around it, as in Kea's log.
pub(super) struct MessageText<'a> {
    pub(super) bytes: &'a [u8],
    /// The server's end.
    pub(super) local: SocketAddrV6,
    /// The other end.
    pub(super) remote: SocketAddrV6,
    /// What is known of options.
    pub(super) definitions: &'a Definitions,
}

impl fmt::Display for MessageText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bytes, local, remote, definitions } = *self;
        let mut index = Index::new();
        let Ok(message) = Message::parse(bytes, &mut index) else { return f.write_str("no message") };
        let (kind, transaction) = (message.message_type(), message.transaction_id());
        write!(f, "local_address=[{}]:{}, ", local.ip(), local.port())?;
        writeln!(f, "remote_address=[{}]:{},", remote.ip(), remote.port())?;
        write!(f, "msg_type={kind} ({}), trans_id=0x{transaction:x}", kind.0)?;
        let mut options = message.options().peekable();
        f.write_str(if options.peek().is_some() { ",\noptions:" } else { ",\nmessage contains no options" })?;
        let mut lines = Lines::default();
        for (code, value) in options {
            if !lines.write(f, &definitions.to_text_in_message(code.0, value))? {
                return Ok(());
            }
        }
        if message.relay(0).is_none() {
            return f.write_str("\nNo relays traversed.");
        }
        write!(f, "\n{} relay(s):", message.relays().len())?;
        for (number, relay) in message.relays().enumerate() {
            let (kind, hops) = (relay.message_type(), relay.hop_count());
            let (link, peer) = (relay.link_address(), relay.peer_address());
            let own = relay.options().filter(|(code, _)| *code != OptionCode::RELAY_MSG);
            write!(f, "\nrelay[{number}]: msg-type={}({kind}), hop-count={hops},", kind.0)?;
            write!(f, "\nlink-address={link}, peer-address={peer}, {} option(s)", own.clone().count())?;
            for (code, value) in own {
                if !lines.write(f, &definitions.to_text_in_message(code.0, value))? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// A lease, line by line.
pub(super) struct LeaseText<'a>(pub(super) &'a Lease6);

impl fmt::Display for LeaseText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lease = self.0;
        writeln!(f, "Type:          {}", lease.lease_type.name())?;
        writeln!(f, "Address:       {}", lease.address)?;
        if lease.lease_type == LeaseType::Pd {
            writeln!(f, "Prefix length: {}", lease.prefix_len)?;
        }
        writeln!(f, "IAID:          {}", lease.iaid)?;
        writeln!(f, "Pref life:     {}", Seconds(lease.preferred_lifetime))?;
        writeln!(f, "Valid life:    {}", Seconds(lease.valid_lifetime))?;
        writeln!(f, "Cltt:          {}", lease.cltt)?;
        writeln!(f, "DUID:          {}", lease.duid)?;
        writeln!(f, "Hardware addr: {}", Or(lease.hwaddr.map(|it| it.address), "(none)"))?;
        writeln!(f, "Subnet ID:     {}", lease.subnet_id)?;
        writeln!(f, "Pool ID:       {}", lease.pool_id)?;
        write!(f, "State:         {}", lease.state.name())?;
        lease.user_context.iter().try_for_each(|context| write!(f, "\nUser context:  {context}"))
    }
}

/// A lease that need not be made unless it is told of.
pub(super) struct Drafted<F>(pub(super) F);

impl<F: Fn() -> Lease6> fmt::Display for Drafted<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        LeaseText(&self.0()).fmt(f)
    }
}
