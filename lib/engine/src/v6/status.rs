//! How it went, as clients are told (option 13, RFC 9915 §21.13), in Kea's words.

use std::fmt;

use kotare_wire::NoRoom;
use kotare_wire::v6::{OptionCode, StatusCode, Writer};

use super::Status;

impl Status {
    pub(super) const NO_SUBNET_FOR_ADDRESS: Self =
        Self::new(StatusCode::NO_ADDRS_AVAIL, "Server could not select subnet for this client");
    pub(super) const NO_SUBNET_FOR_PREFIX: Self =
        Self::new(StatusCode::NO_PREFIX_AVAIL, "Sorry, no subnet available.");
    pub(super) const NO_ADDRESS: Self =
        Self::new(StatusCode::NO_ADDRS_AVAIL, "Sorry, no address could be allocated.");
    pub(super) const NO_PREFIX: Self =
        Self::new(StatusCode::NO_PREFIX_AVAIL, "Sorry, no prefixes could be allocated.");
    pub(super) const NO_ADDRESS_NOW: Self =
        Self::new(StatusCode::NO_ADDRS_AVAIL, "Sorry, no addresses could be assigned at this time.");
    pub(super) const NO_PREFIX_NOW: Self =
        Self::new(StatusCode::NO_PREFIX_AVAIL, "Sorry, no prefixes could be assigned at this time.");
    pub(super) const UNKNOWN_ADDRESS: Self =
        Self::new(StatusCode::NO_BINDING, "Sorry, no known leases for this duid/iaid.");
    pub(super) const UNKNOWN_PREFIX: Self =
        Self::new(StatusCode::NO_BINDING, "Sorry, no known PD leases for this duid/iaid.");
    pub(super) const ADDRESS_REJECTED: Self =
        Self::new(StatusCode::NO_ADDRS_AVAIL, "Server rejected this request");
    pub(super) const PREFIX_REJECTED: Self =
        Self::new(StatusCode::NO_PREFIX_AVAIL, "Server rejected this request");
    pub(super) const ON_LINK: Self = Self::new(StatusCode::SUCCESS, "All addresses are on-link");
    pub(super) const NO_LINK: Self = Self::new(StatusCode::NOT_ON_LINK, "No subnet selected");

    pub(super) const RELEASED: Self =
        Self::new(StatusCode::SUCCESS, "Lease released. Thank you, please come again.");
    pub(super) const RELEASES_NO_ADDRESS: Self =
        Self::new(StatusCode::NO_BINDING, "You did not include an address in your RELEASE");
    pub(super) const RELEASES_NO_PREFIX: Self =
        Self::new(StatusCode::NO_BINDING, "You did not include a prefix in your RELEASE");
    pub(super) const ADDRESS_NOT_ASSIGNED: Self =
        Self::new(StatusCode::NO_BINDING, "Sorry, this address isn't assigned, can't release.");
    pub(super) const PREFIX_NOT_ASSIGNED: Self =
        Self::new(StatusCode::NO_BINDING, "Sorry, this prefix isn't assigned, can't release.");
    pub(super) const NOT_YOURS_TO_RELEASE: Self =
        Self::new(StatusCode::NO_BINDING, "This address does not belong to you, you can't release it");
    pub(super) const WRONG_IAID: Self =
        Self::new(StatusCode::NO_BINDING, "This is your address, but you used wrong IAID");
    pub(super) const NOT_RELEASED: Self =
        Self::new(StatusCode::UNSPEC_FAIL, "Server failed to release a lease");

    pub(super) const DECLINED: Self =
        Self::new(StatusCode::SUCCESS, "Lease declined. Hopefully the next one will be better.");
    pub(super) const DECLINES_NO_ADDRESS: Self =
        Self::new(StatusCode::NO_BINDING, "No addresses sent in IA_NA");
    pub(super) const DECLINES_UNKNOWN: Self =
        Self::new(StatusCode::NO_BINDING, "Server does not know about such an address.");
    pub(super) const NOT_YOURS_TO_DECLINE: Self =
        Self::new(StatusCode::NO_BINDING, "This address does not belong to you, you can't decline it");

    const fn new(code: StatusCode, text: &'static str) -> Self {
        Self { code, text }
    }

    /// What a RELEASE came to as a whole.
    pub(super) const fn summary(code: StatusCode) -> Self {
        Self::new(code, "Summary status for all processed IA_NAs")
    }

    /// Whether it went well.
    pub(super) fn is_success(&self) -> bool {
        self.code == StatusCode::SUCCESS
    }

    /// Writes the option.
    pub(super) fn write(&self, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
        write(self.code, self.text.as_bytes(), writer)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        tell(self.code, self.text, f)
    }
}

/// A status code in Kea's notation: `NoBinding(3) "the words"`.
pub(super) fn tell(code: StatusCode, text: impl fmt::Display, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{code}({}) \"{text}\"", code.0)
}

/// Writes a status code option.
pub(super) fn write(code: StatusCode, text: &[u8], writer: &mut Writer<'_>) -> Result<(), NoRoom> {
    let open = writer.open(OptionCode::STATUS_CODE)?;
    writer.bytes(&code.0.to_be_bytes())?;
    writer.bytes(text)?;
    writer.close(open);
    Ok(())
}
