//! Signing messages and judging signatures (TSIG, RFC 8945).

use domain::base::iana::{Class, Rtype, TsigRcode};
use domain::base::message::Message;
use domain::base::message_builder::AdditionalBuilder;
use domain::base::name::ToName as _;
use domain::base::rdata::ComposeRecordData;
use domain::base::record::ComposeRecord;
use domain::base::wire::{Compose as _, Composer};
use domain::rdata::tsig::{Time48, Tsig};

use crate::key::Key;
use crate::name::Name;

/// By how many seconds the clocks of two ends may differ (RFC 8945, section 10).
const FUDGE: u16 = 300;

/// The length of the head of a message, and where the number of its additional records stands.
const HEAD: usize = 12;
const COUNT: usize = 10;

/// What of a time a signature has room for: 48 bits.
const TIME: u64 = 0xffff_ffff_ffff;

/// A record whose name is written whole, although it is in the message already. A domain controller of Samba takes as many bytes off
/// the end of a message as the record has so, before it judges the signature.
struct Whole<'a, T> {
    owner: &'a Name,
    data: T,
}

impl<T: ComposeRecordData> ComposeRecord for Whole<'_, T> {
    fn compose_record<C: Composer + ?Sized>(&self, target: &mut C) -> Result<(), C::AppendError> {
        self.owner.inner().compose(target)?;
        self.data.rtype().compose(target)?;
        Class::ANY.compose(target)?;
        0u32.compose(target)?;
        self.data.compose_len_rdata(target)
    }
}

impl Key {
    /// Signs what is in `message` so far; the signature. `None` if it has no room, or the key is good no more; it is as it was
    /// then.
    ///
    /// `now` is in seconds since 1970.
    pub(crate) fn sign<T: Composer>(&self, message: &mut AdditionalBuilder<T>, now: u64) -> Option<Vec<u8>> {
        let now = Time48::from_u64(now & TIME);
        let variables = self.variables(now, FUDGE, TsigRcode::NOERROR, &[]);
        let mac = self.signature(&[message.as_slice(), &variables])?;
        let id = message.header().id();
        let algorithm = self.algorithm_name().inner();
        let data = Tsig::new(algorithm, now, FUDGE, mac.as_slice(), id, TsigRcode::NOERROR, &[][..]).ok()?;
        message.push(Whole { owner: self.name(), data }).ok()?;
        Some(mac)
    }

    /// Whether `answer` is signed by who has the same key, as an answer to what has the signature `request`; empty for what
    /// had none, as when the key itself was agreed on (RFC 3645, section 3.1.3). Its own signature.
    ///
    /// # Errors
    /// Why it must not be believed.
    pub(crate) fn verify(
        &self,
        request: &[u8],
        answer: &Message<[u8]>,
        now: u64,
    ) -> Result<Vec<u8>, &'static str> {
        self.judge(request, &[], answer, now, false)
    }

    /// The same of a later message of an answer: `prior` is the signature of the last one that had one, `unsigned` what came
    /// since (RFC 8945, section 5.3.1).
    ///
    /// # Errors
    /// Why it must not be believed.
    pub(crate) fn verify_next(
        &self,
        prior: &[u8],
        unsigned: &[u8],
        answer: &Message<[u8]>,
        now: u64,
    ) -> Result<Vec<u8>, &'static str> {
        self.judge(prior, unsigned, answer, now, true)
    }

    /// Whether there is a signature at the end of a message, true or not.
    pub(crate) fn has_signature(message: &Message<[u8]>) -> bool {
        let records = message.additional().ok();
        let last = records.and_then(|records| records.last()?.ok());
        last.is_some_and(|record| record.rtype() == Rtype::TSIG)
    }

    fn judge(
        &self,
        before: &[u8],
        unsigned: &[u8],
        answer: &Message<[u8]>,
        now: u64,
        is_later: bool,
    ) -> Result<Vec<u8>, &'static str> {
        let malformed = "the answer is malformed";
        let mut records = answer.additional().map_err(|_| malformed)?;
        let mut last = None;
        loop {
            let start = records.pos();
            match records.next() {
                Some(record) => last = Some((start, record.map_err(|_| malformed)?)),
                None => break,
            }
        }
        let (start, record) = last.ok_or("the answer is not signed")?;
        if record.rtype() != Rtype::TSIG || record.class() != Class::ANY {
            return Err("the answer is not signed");
        }
        let record = record.to_record::<Tsig<_, _>>().map_err(|_| malformed)?.ok_or(malformed)?;
        if record.ttl().as_secs() != 0 {
            return Err(malformed);
        }
        let tsig = record.data();
        if !self.name().is(record.owner()) || !self.algorithm_name().is(tsig.algorithm()) {
            return Err("BADKEY: the answer is signed with another key");
        }
        if !tsig.time_signed().eq_fudged(Time48::from_u64(now & TIME), FUDGE.into()) {
            return Err("BADTIME: the answer was signed at another time");
        }
        let mac = *tsig.mac();
        if mac.is_empty() {
            return Err(match tsig.error() {
                TsigRcode::BADKEY => "BADKEY: the server does not know the key",
                _ => "BADSIG: the server does not accept the signature",
            });
        }
        let whole = answer.as_slice();
        let mut head = [0; HEAD];
        head.copy_from_slice(&whole[..HEAD]);
        head[..2].copy_from_slice(&tsig.original_id().to_be_bytes());
        let records = u16::from_be_bytes([head[COUNT], head[COUNT + 1]]).wrapping_sub(1);
        head[COUNT..].copy_from_slice(&records.to_be_bytes());
        let length = (before.len() as u16).to_be_bytes();
        let length = if before.is_empty() { &[][..] } else { &length };
        let variables = match is_later {
            false => self.variables(tsig.time_signed(), tsig.fudge(), tsig.error(), tsig.other()),
            true => [&tsig.time_signed().into_octets()[..], &tsig.fudge().to_be_bytes()].concat(),
        };
        self.prove(mac, &[length, before, unsigned, &head, &whole[HEAD..start], &variables])?;
        Ok(mac.to_vec())
    }

    /// What is signed besides the message (RFC 8945, section 4.3.3).
    fn variables(&self, time: Time48, fudge: u16, error: TsigRcode, other: &[u8]) -> Vec<u8> {
        let mut variables = self.name().canonical();
        variables.extend(Class::ANY.to_int().to_be_bytes());
        variables.extend(0u32.to_be_bytes());
        variables.extend(self.algorithm_name().canonical());
        variables.extend(time.into_octets());
        variables.extend(fudge.to_be_bytes());
        variables.extend(error.to_int().to_be_bytes());
        variables.extend((other.len() as u16).to_be_bytes());
        variables.extend(other);
        variables
    }
}

#[cfg(test)]
mod tests {
    use domain::base::iana::{Opcode, Rcode};
    use domain::base::message_builder::{MessageBuilder, TreeCompressor};

    use super::*;
    use crate::key::Algorithm;

    const NOW: u64 = 1_700_000_000;

    fn key(algorithm: Algorithm, digest_bits: u32) -> Key {
        Key::new(
            "Key.Example.com".parse().expect("a name"),
            algorithm,
            "LSWXnfkKZjdPJI5QxlpnfQ==",
            digest_bits,
        )
        .expect("a key")
    }

    fn message() -> AdditionalBuilder<Vec<u8>> {
        let mut builder = MessageBuilder::new_vec();
        builder.header_mut().set_id(4711);
        builder.header_mut().set_opcode(Opcode::UPDATE);
        builder.header_mut().set_rcode(Rcode::NXDOMAIN);
        let mut question = builder.question();
        let zone: crate::Name = "example.com".parse().expect("a name");
        question.push((zone.inner(), Rtype::SOA, Class::IN)).expect("room");
        question.additional()
    }

    /// What a server with the same secret answers to a request of this signature.
    fn answer(algorithm: Algorithm, request: &[u8], mac_length: usize, error: TsigRcode) -> Vec<u8> {
        let mut answer = message();
        let key = key(algorithm, 0);
        let time = Time48::from_u64(NOW);
        let length = (request.len() as u16).to_be_bytes();
        let variables = key.variables(time, FUDGE, error, &[]);
        let parts: [&[u8]; 4] = [&length, request, answer.as_slice(), &variables];
        let mut mac = key.signature(&parts).expect("a secret always signs");
        mac.truncate(mac_length);
        let data = Tsig::new(key.algorithm_name().inner(), time, FUDGE, mac, 4711, error, Vec::new());
        answer.push((key.name().inner(), Class::ANY, 0u32, data.expect("short"))).expect("room");
        answer.finish()
    }

    fn verify(key: &Key, request: &[u8], answer: &[u8], now: u64) -> Result<(), &'static str> {
        key.verify(request, Message::from_slice(answer).expect("a head"), now).map(drop)
    }

    /// The name of the key is written whole, wherever it could be made short; the message is what it was in front of that.
    #[test]
    fn the_name_of_a_key_is_whole() {
        let target = TreeCompressor::new(Vec::new());
        let mut question = MessageBuilder::from_target(target).expect("room").question();
        let zone: crate::Name = "Example.com".parse().expect("a name");
        question.push((zone.inner(), Rtype::SOA, Class::IN)).expect("room");
        let mut message = question.additional();
        let before = message.as_slice().len();
        let key = key(Algorithm::HmacSha256, 0);
        key.sign(&mut message, NOW).expect("room");
        let signature = &message.as_slice()[before..];
        let start =
            [key.name().as_wire(), &Rtype::TSIG.to_int().to_be_bytes(), &Class::ANY.to_int().to_be_bytes()];
        assert!(signature.starts_with(&start.concat()), "{signature:?}");
        assert_eq!(signature.len(), key.room());
    }

    #[test]
    fn every_algorithm_signs_and_proves_whole_and_cut_short() {
        for (algorithm, _, _, length) in Algorithm::ALL {
            for bits in [0, algorithm.shortest() as u32 * 8] {
                let key = key(algorithm, bits);
                let mac = key.sign(&mut message(), NOW).expect("room");
                assert_eq!(mac.len(), if bits == 0 { length } else { algorithm.shortest() });
                let good = answer(algorithm, &mac, mac.len(), TsigRcode::NOERROR);
                assert_eq!(verify(&key, &mac, &good, NOW + 299), Ok(()), "{algorithm:?}");
                // Who agreed on fewer bits takes more.
                let whole = answer(algorithm, &mac, length, TsigRcode::NOERROR);
                assert_eq!(verify(&key, &mac, &whole, NOW), Ok(()));
                for index in 0..good.len() {
                    let mut bad = good.clone();
                    bad[index] ^= 0x20;
                    // The number outside is not signed, and the case of the key's name means nothing.
                    let is_bad = verify(&key, &mac, &bad, NOW).is_err();
                    let is_same = index < 2 || bad.eq_ignore_ascii_case(&good);
                    assert!(is_bad || is_same, "{algorithm:?} {index}");
                }
            }
            assert!(Key::new("k".parse().expect("a name"), algorithm, "aaaa", 72).is_err());
        }
    }

    /// An answer of several messages is signed from one to the next, over those between that are not.
    #[test]
    fn later_messages_go_on_from_the_signature_before() {
        let key = key(Algorithm::HmacSha256, 0);
        let later = |prior: &[u8], unsigned: &[u8]| {
            let (mut answer, time) = (message(), Time48::from_u64(NOW));
            let timers = [&time.into_octets()[..], &FUDGE.to_be_bytes()].concat();
            let length = (prior.len() as u16).to_be_bytes();
            let mac = key
                .signature(&[&length, prior, unsigned, answer.as_slice(), &timers])
                .expect("a secret always signs");
            let name = key.algorithm_name().inner();
            let data = Tsig::new(name, time, FUDGE, mac, 4711, TsigRcode::NOERROR, Vec::new());
            answer.push((key.name().inner(), Class::ANY, 0u32, data.expect("short"))).expect("room");
            answer.finish()
        };
        let read = |prior: &[u8], unsigned: &[u8], answer: &[u8]| {
            key.verify_next(prior, unsigned, Message::from_slice(answer).expect("a head"), NOW)
        };
        let (between, first) = (message().finish(), b"the signature before");
        assert!(!Key::has_signature(Message::from_slice(&between).expect("a head")));
        let answer = later(first, &between);
        assert!(Key::has_signature(Message::from_slice(&answer).expect("a head")));
        let mac = read(first, &between, &answer).expect("a signature");
        assert!(read(&mac, &[], &later(&mac, &[])).is_ok());
        assert!(read(first, &[], &answer).is_err() && read(&mac, &between, &answer).is_err());
        assert!(verify(&key, first, &answer, NOW).is_err());
    }

    #[test]
    fn what_is_not_proved_is_not_believed() {
        let algorithm = Algorithm::HmacSha256;
        let key = key(algorithm, 0);
        let mac = key.sign(&mut message(), NOW).expect("room");
        let good = answer(algorithm, &mac, 32, TsigRcode::NOERROR);
        assert!(verify(&key, b"another request", &good, NOW).unwrap_err().starts_with("BADSIG"));
        assert!(verify(&key, &mac, &good, NOW + 301).unwrap_err().starts_with("BADTIME"));
        assert!(verify(&key, &mac, &message().finish(), NOW).unwrap_err().contains("not signed"));
        for (error, starts) in [(TsigRcode::BADKEY, "BADKEY"), (TsigRcode::BADSIG, "BADSIG")] {
            let refused = answer(algorithm, &mac, 0, error);
            assert!(verify(&key, &mac, &refused, NOW).unwrap_err().starts_with(starts));
        }
        assert!(verify(&key, &mac, &answer(algorithm, &mac, 9, TsigRcode::NOERROR), NOW).is_err());
        let short = answer(algorithm, &mac, 16, TsigRcode::NOERROR);
        assert!(verify(&key, &mac, &short, NOW).unwrap_err().starts_with("BADTRUNC"));
    }
}
