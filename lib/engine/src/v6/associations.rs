//! The identity associations of a message (RFC 9915 §12), and what the reply says of each.

use kotare_config::v6::Prefix6;
use kotare_model::{LeaseType, Lifetime};
use kotare_wire::NoRoom;
use kotare_wire::v6::{Association, IaAddress, IaPrefix, Message, OPTION_HEADER_LEN, OptionCode, Writer};
use smallvec::SmallVec;

use super::layers::requested;
use super::{Answer, Granted, Lifetimes, Place, Status};

/// So many associations of a message are answered: more than any device has interfaces.
pub(super) const LIMIT: usize = 64;
/// So many addresses or prefixes of one association are looked at.
pub(super) const WISHES: usize = 64;
/// What the words of a status code take at most.
const WORDS: usize = 80;
/// What a reply takes besides what relay agents and associations do, at least: identifiers, status, name.
const BESIDES: usize = 800;

/// The room that is left for answers to associations in a reply.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    bytes: usize,
    /// Whether what is excluded from prefixes is told.
    tells_excluded: bool,
}

/// What a client asks of an association.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    /// The address or prefix; unspecified, with any length, if it wants none in particular.
    pub(super) place: Place,
    /// How long, as far as that is not 0.
    pub(super) lifetimes: Lifetimes,
}

/// An association of a message.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    /// IA_NA or IA_PD.
    pub(super) kind: LeaseType,
    /// Which one it is of the client's.
    pub(super) iaid: u32,
    association: Association<'a>,
}

impl<'a> Asked<'a> {
    /// The associations of a message in the order in which they are answered: those for addresses, then those for prefixes.
    /// One that comes twice is answered once. IA_TA is not answered, as nobody gives temporary addresses (RFC 9915
    /// §13.2).
    pub(super) fn of(message: Message<'a>) -> SmallVec<[Self; 2]> {
        let mut asked = SmallVec::<[Self; 2]>::new();
        for (code, kind) in [(OptionCode::IA_NA, LeaseType::Na), (OptionCode::IA_PD, LeaseType::Pd)] {
            for association in message.all(code).filter_map(Association::read) {
                let iaid = association.iaid;
                let is_new = asked.iter().all(|it| (it.kind, it.iaid) != (kind, iaid));
                if !is_new || asked.len() == LIMIT {
                    continue;
                }
                asked.push(Self { kind, iaid, association });
            }
        }
        asked
    }

    /// What the client wants of it, in its order.
    pub(super) fn wishes(&self) -> impl Iterator<Item = Wish> + use<'a> {
        let kind = self.kind;
        let code = if kind == LeaseType::Pd { OptionCode::IAPREFIX } else { OptionCode::IAADDR };
        let wish = move |value| {
            let (address, len, preferred, valid) = match kind {
                LeaseType::Pd => {
                    let IaPrefix { preferred, valid, length, prefix, .. } = IaPrefix::read(value)?;
                    (Prefix6::new(prefix, length)?.network(), length, preferred, valid)
                }
                _ => {
                    let IaAddress { address, preferred, valid, .. } = IaAddress::read(value)?;
                    (address, 128, preferred, valid)
                }
            };
            let lifetimes = Lifetimes { preferred: Lifetime(preferred), valid: Lifetime(valid) };
            Some(Wish { place: Place { address, len }, lifetimes })
        };
        self.association.options.clone().all_of(code).filter_map(wish).take(WISHES)
    }
}

impl Room {
    /// That in a reply of at most so many bytes to a message.
    pub(super) fn of(message: Message<'_>, reply: usize) -> Self {
        let relayed = message.as_bytes().len() - message.inner().len();
        Self { bytes: reply.saturating_sub(relayed + BESIDES), tells_excluded: asks_for_excluded(message) }
    }

    /// Whether the answer to an association fits, whatever it will be.
    pub(super) fn has(&self, asked: &Asked<'_>) -> bool {
        let excluded = if self.tells_excluded { OPTION_HEADER_LEN + 17 } else { 0 };
        let place = match asked.kind {
            LeaseType::Pd => OPTION_HEADER_LEN + IaPrefix::LEN + excluded,
            _ => OPTION_HEADER_LEN + IaAddress::LEN,
        };
        // What it wants and does not get, and what it had and what it gets.
        let places = asked.wishes().count() + 2;
        OPTION_HEADER_LEN + Association::LEN + status_len(WORDS) + places * place <= self.bytes
    }

    /// Takes the room of an answer.
    pub(super) fn take(&mut self, answer: &Answer) {
        self.bytes = self.bytes.saturating_sub(answer.len(self.tells_excluded));
    }

    /// The first answers that fit.
    pub(super) fn fitting<'a>(&self, answers: &'a [Answer]) -> &'a [Answer] {
        let mut left = self.bytes;
        let fits = |answer: &&Answer| {
            let rest = left.checked_sub(answer.len(self.tells_excluded));
            left = rest.unwrap_or(0);
            rest.is_some()
        };
        &answers[..answers.iter().take_while(fits).count()]
    }
}

/// Whether a client wants to know what is excluded from prefixes (RFC 6603 §4.1).
pub(super) fn asks_for_excluded(message: Message<'_>) -> bool {
    requested(message).any(|code| code == OptionCode::PD_EXCLUDE.0)
}

/// What a status code of so many bytes of words takes.
fn status_len(words: usize) -> usize {
    OPTION_HEADER_LEN + size_of::<u16>() + words
}

impl Answer {
    /// How many bytes its option has.
    fn len(&self, tells_excluded: bool) -> usize {
        let place = match self.kind {
            LeaseType::Pd => OPTION_HEADER_LEN + IaPrefix::LEN,
            _ => OPTION_HEADER_LEN + IaAddress::LEN,
        };
        let excluded = |granted: &Granted| {
            let excluded = granted.excluded.filter(|_| tells_excluded)?;
            Some(OPTION_HEADER_LEN + exclude_value(granted.place.len, excluded, &mut [0; 17]))
        };
        OPTION_HEADER_LEN
            + Association::LEN
            + (self.granted.len() + self.gone.len()) * place
            + self.granted.iter().filter_map(excluded).sum::<usize>()
            + self.status.as_ref().map_or(0, |status| status_len(status.text.len()))
    }

    /// One that gives nothing and says why.
    pub(super) fn refusal(asked: &Asked<'_>, status: Status) -> Self {
        Self { status: Some(status), ..Self::empty(asked) }
    }

    /// One that says nothing yet.
    pub(super) fn empty(asked: &Asked<'_>) -> Self {
        Self {
            kind: asked.kind,
            iaid: asked.iaid,
            t1: Lifetime(0),
            t2: Lifetime(0),
            granted: SmallVec::new(),
            gone: SmallVec::new(),
            status: None,
            failure: None,
            given_back: SmallVec::new(),
        }
    }

    /// The code of its option.
    pub(super) fn code(&self) -> OptionCode {
        if self.kind == LeaseType::Pd { OptionCode::IA_PD } else { OptionCode::IA_NA }
    }

    /// The code of what is in it.
    fn code_of_places(&self) -> OptionCode {
        if self.kind == LeaseType::Pd { OptionCode::IAPREFIX } else { OptionCode::IAADDR }
    }

    /// Writes the option; what is in it in order of code, as in Kea.
    pub(super) fn write(&self, tells_excluded: bool, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
        let open = writer.open(self.code())?;
        for number in [self.iaid, self.t1.0, self.t2.0] {
            writer.bytes(&number.to_be_bytes())?;
        }
        let status_first = OptionCode::STATUS_CODE < self.code_of_places();
        if let Some(status) = self.status.as_ref().filter(|_| status_first) {
            status.write(writer)?;
        }
        for granted in &self.granted {
            let excluded = granted.excluded.filter(|_| tells_excluded);
            self.write_place(granted.place, granted.lifetimes, excluded, writer)?;
        }
        for place in &self.gone {
            self.write_place(*place, Lifetimes::default(), None, writer)?;
        }
        if let Some(status) = self.status.as_ref().filter(|_| !status_first) {
            status.write(writer)?;
        }
        writer.close(open);
        Ok(())
    }

    fn write_place(
        &self,
        place: Place,
        lifetimes: Lifetimes,
        excluded: Option<Prefix6>,
        writer: &mut Writer<'_>,
    ) -> Result<(), NoRoom> {
        let Lifetimes { preferred, valid } = lifetimes;
        let (preferred, valid) = (preferred.0.to_be_bytes(), valid.0.to_be_bytes());
        let open = writer.open(self.code_of_places())?;
        if self.kind != LeaseType::Pd {
            writer.bytes(&place.address.octets())?;
            writer.bytes(&preferred)?;
            writer.bytes(&valid)?;
            writer.close(open);
            return Ok(());
        }
        writer.bytes(&preferred)?;
        writer.bytes(&valid)?;
        writer.bytes(&[place.len])?;
        writer.bytes(&place.address.octets())?;
        if let Some(excluded) = excluded {
            let mut value = [0; 17];
            let len = exclude_value(place.len, excluded, &mut value);
            writer.option(OptionCode::PD_EXCLUDE, &value[..len])?;
        }
        writer.close(open);
        Ok(())
    }
}

/// What option 67 says of a prefix of this length (RFC 6603 §4.2): the length of the excluded prefix and the bits that it
/// has beyond the delegated one, from the left. How long that is.
fn exclude_value(delegated_len: u8, excluded: Prefix6, value: &mut [u8; 17]) -> usize {
    let bits = u128::from(excluded.network()).checked_shl(delegated_len.into()).unwrap_or(0);
    let len = usize::from(excluded.prefix_len().saturating_sub(delegated_len)).div_ceil(8);
    value[0] = excluded.prefix_len();
    value[1..].copy_from_slice(&bits.to_be_bytes());
    1 + len
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 6603 §4.2 and lengths around it.
    #[test]
    fn excluded_prefixes_are_told_in_few_bits() {
        let told = |delegated_len, excluded: &str| {
            let mut value = [0; 17];
            let len = exclude_value(delegated_len, excluded.parse().unwrap(), &mut value);
            value[..len].to_vec()
        };
        assert_eq!(told(56, "2001:db8:0:af::/64"), [64, 0xaf]);
        assert_eq!(told(59, "2001:db8:0:2::/64"), [64, 0b10 << 3]);
        assert_eq!(told(48, "2001:db8:0:1234::/64"), [64, 0x12, 0x34]);
        assert_eq!(told(0, "2001:db8::/128").len(), 17);
    }
}
