//! A packet, or an option, as hexadecimal digits, however they are laid out; and the message in a packet of each family.

pub mod v4;
pub mod v6;

/// The longest dump, in characters: that of the longest IP packet, with room for how it is laid out.
const MAX_DUMP: usize = 512 * 1024;

/// The bytes of a dump: digits with or without separators, and with or without the offsets that `tcpdump -x` and `xxd`
/// put before each line.
///
/// # Errors
/// If there are too many of them, half a byte, or something else.
pub fn digits(dump: &str) -> Result<Vec<u8>, String> {
    if dump.len() > MAX_DUMP {
        return Err(format!("it has {} characters, at most {MAX_DUMP} are possible", dump.len()));
    }
    let mut digits = Vec::new();
    for line in dump.lines() {
        for part in without_offset(line).split([' ', '\t', ':', '-']) {
            let part = part.strip_prefix("0x").unwrap_or(part);
            for digit in part.chars() {
                let digit = digit.to_digit(16).ok_or_else(|| format!("{digit:?} is no hexadecimal digit"))?;
                digits.push(digit as u8);
            }
        }
    }
    if digits.len() % 2 > 0 {
        return Err(format!("{} hexadecimal digits are no whole number of bytes", digits.len()));
    }
    Ok(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// A line without `0x0010:` or `00000010: ` before it, and without the characters behind it.
fn without_offset(line: &str) -> &str {
    let line = line.trim();
    let Some((offset, rest)) = line.split_once(": ") else { return line };
    let offset = offset.strip_prefix("0x").unwrap_or(offset);
    match matches!(offset.len(), 4 | 8) && offset.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        // Two spaces come before the characters.
        true => rest.trim_start().split("  ").next().unwrap_or_default(),
        false => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Digits are read however they are laid out.
    #[test]
    fn dumps_are_read_as_they_are_laid_out() {
        let whole = Ok(vec![0x45, 0x10, 0xab, 0xcd]);
        for dump in
            ["4510abcd", "45:10:AB:cd", "45 10 ab cd", "0x4510abcd", "4510\nabcd\n", "\t0x0000:  4510 abcd"]
        {
            assert_eq!(digits(dump), whole, "{dump}");
        }
        let xxd = "00000000: 4510 abcd                                E...\n";
        assert_eq!(digits(xxd), whole);
        let two = "\t0x0000:  4510\n\t0x0010:  abcd";
        assert_eq!(digits(two), whole);
        assert_eq!(digits(""), Ok(vec![]));
        assert!(digits("4x").unwrap_err().contains("'x'"));
        assert!(digits("451").unwrap_err().contains("3 hexadecimal digits"));
        assert!(digits(&"0".repeat(MAX_DUMP + 1)).is_err());
    }
}
