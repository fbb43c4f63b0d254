//! Numbers and addresses as text, with less work than formatting is, for what is written for every lease.

use std::io::Write;
use std::net::IpAddr;

/// Writes a number, in decimal digits, behind what is there.
#[inline]
pub fn write_number(number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let (mut at, mut rest) = (digits.len(), number);
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend(&digits[at..]);
}

/// Writes an address behind what is there.
#[inline]
pub fn write_address(address: IpAddr, out: &mut Vec<u8>) {
    match address {
        IpAddr::V4(address) => {
            for (place, byte) in address.octets().into_iter().enumerate() {
                if place > 0 {
                    out.push(b'.');
                }
                write_number(byte.into(), out);
            }
        }
        // Nothing that is written to memory fails.
        IpAddr::V6(address) => _ = write!(out, "{address}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text is that of the standard library.
    #[test]
    fn numbers_are_as_they_are_formatted() {
        for number in [0, 9, 10, 255, 1_000_000, u64::from(u32::MAX), u64::MAX] {
            let mut out = b"+".to_vec();
            write_number(number, &mut out);
            assert_eq!(String::from_utf8(out), Ok(format!("+{number}")));
        }
        for text in ["0.0.0.0", "10.20.30.255", "2001:db8::1", "::ffff:1.2.3.4"] {
            let address: IpAddr = text.parse().expect("an address");
            let mut out = Vec::new();
            write_address(address, &mut out);
            assert_eq!(String::from_utf8(out), Ok(address.to_string()));
        }
    }
}
