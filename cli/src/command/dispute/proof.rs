//! Files with an encoded path of a tree of records: its bytes, or the same as hexadecimal text.

use std::fmt;
use std::io::Read;

use anyhow::Result;
use clap::Args;
use flashback_core::records::PROOF_BYTES_MAX;

use crate::exit::usage;

/// Where a path is.
#[derive(Debug, Args)]
pub struct File {
    /// A file with an encoded path of the oracle's tree of records, as bytes or as hexadecimal text; `-`: standard input
    #[arg(long, value_name = "FILE")]
    proof: String,
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.proof.as_str() {
            "-" => f.write_str("standard input"),
            path => f.write_str(path),
        }
    }
}

impl File {
    /// The path's bytes.
    ///
    /// # Errors
    /// Wrong usage, if it cannot be read or is none.
    pub fn read(&self) -> Result<Vec<u8>> {
        let read = match self.proof.as_str() {
            "-" => {
                let mut bytes = vec![];
                std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
            }
            path => std::fs::read(path),
        };
        let bytes = read.map_err(|error| usage(format!("--proof: cannot read {self}: {error}")))?;
        decode(&bytes).map_err(|error| usage(format!("--proof: {self} {error}")))
    }
}

/// An encoded path begins with a control character (its kind, below 32), so that text is told from it.
fn decode(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let text = bytes.trim_ascii();
    let is_text = !text.is_empty()
        && text.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'));
    let path = if is_text { from_hex(text)? } else { bytes.to_vec() };
    match path.len() {
        0 => Err("is empty".to_owned()),
        length if length > PROOF_BYTES_MAX => Err(format!(
            "has a path of {length} bytes, and one that fits a transaction has at most {PROOF_BYTES_MAX}"
        )),
        _ => Ok(path),
    }
}

fn from_hex(text: &[u8]) -> Result<Vec<u8>, String> {
    let digits = text.strip_prefix(b"0x").unwrap_or(text);
    let digits: Vec<u8> =
        digits.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let values: Option<Vec<u8>> = digits.iter().map(|byte| digit(*byte)).collect();
    let values = values.ok_or("is neither an encoded path nor hexadecimal text")?;
    let (pairs, odd) = values.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(format!("has {} hexadecimal digits, which is an odd number", values.len()));
    }
    Ok(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_hexadecimal_text_are_the_same_path() {
        let path = [0u8, 0x2a, 0xff, 7];
        assert_eq!(decode(&path).unwrap(), path);
        for text in ["002aff07", "002AFF07\n", "0x002aff07", "  00 2a\nff 07\r\n"] {
            assert_eq!(decode(text.as_bytes()).unwrap(), path, "{text}");
        }
        // A path of a node high up begins like white space.
        let high = [9u8, 0, 0, b'a'];
        assert_eq!(decode(&high).unwrap(), high);
    }

    #[test]
    fn what_is_no_path_is_named() {
        assert_eq!(decode(b"").unwrap_err(), "is empty");
        assert_eq!(decode(b"0x").unwrap_err(), "is empty");
        assert!(decode(b"{\"leaf\": 1}").unwrap_err().contains("neither an encoded path"));
        assert!(decode(b"00f").unwrap_err().contains("3 hexadecimal digits"));
        assert!(decode(&vec![0; PROOF_BYTES_MAX]).is_ok());
        let large = decode(&vec![0; PROOF_BYTES_MAX + 1]).unwrap_err();
        assert!(large.contains(&PROOF_BYTES_MAX.to_string()), "{large}");
    }
}
