//! Quantities as people write them. Every parser refuses what it would have to round.

mod grade;
mod time;

use flashback_core::committee::SEATS_MAX;
use flashback_core::quality::NOT_PROMISED;
use flashback_core::text::{self, REGION_SIZE};
use flashback_core::units::{Atoms, FLASH_DECIMALS, Gib, PPM_ONE, PricePerGibMonth, Seconds};
use solana_sdk::hash::Hash;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

use crate::settings::alias;
pub use grade::{level, level_or_none, score};
pub use time::{Time, time};

type Parsed<T> = Result<T, String>;

/// A non-negative decimal number, times ten to the power of `decimals`.
fn scaled(text: &str, decimals: u32) -> Parsed<u64> {
    let wrong = || format!("`{text}` is no number such as 12 or 0.5");
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
        return Err(wrong());
    }
    let fraction = fraction.trim_end_matches('0');
    let places = u32::try_from(fraction.len()).map_err(|_| wrong())?;
    let missing = decimals
        .checked_sub(places)
        .ok_or_else(|| format!("`{text}` has too many decimals here"))?;
    let too_large = || format!("`{text}` is too large");
    let number: u64 = format!("{whole}{fraction}").parse().map_err(|_| too_large())?;
    number.checked_mul(10u64.pow(missing)).ok_or_else(too_large)
}

/// A number with one of these units, in units of the smallest: `(name, factor)`.
fn with_unit(text: &str, units: &[(&str, u64)]) -> Parsed<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim_start();
    let Some((_, factor)) = units.iter().find(|(name, _)| *name == unit) else {
        let names: Vec<&str> = units.iter().map(|(name, _)| *name).collect();
        return Err(format!("`{text}` needs a unit of: {}", names.join(", ")));
    };
    // Nine decimals are beyond every quantity here, and refuse nothing that comes out whole.
    let nano = u128::from(scaled(number, 9)?) * u128::from(*factor);
    if nano % 1_000_000_000 != 0 {
        return Err(format!("`{text}` is no whole number of {}", smallest(units)));
    }
    u64::try_from(nano / 1_000_000_000).map_err(|_| format!("`{text}` is too large"))
}

fn smallest<'a>(units: &[(&'a str, u64)]) -> &'a str {
    units.iter().min_by_key(|(_, factor)| *factor).map_or("", |(name, _)| name)
}

fn narrow(text: &str, value: u64) -> Parsed<u32> {
    u32::try_from(value).map_err(|_| format!("`{text}` is too large"))
}

/// An amount: `2.5FLASH`, `2.5 FLASH` or `2.5`.
pub fn flash(text: &str) -> Parsed<Atoms> {
    let number = text.strip_suffix("FLASH").or_else(|| text.strip_suffix("flash")).unwrap_or(text);
    scaled(number.trim_end(), u32::from(FLASH_DECIMALS))
        .map(Atoms)
        .map_err(|error| format!("{error}: amounts are FLASH with up to 6 decimals, as 2.5FLASH"))
}

/// An amount of SOL, in lamports: `0.5SOL`, `0.5 SOL` or `0.5`.
pub fn sol(text: &str) -> Parsed<u64> {
    let number = text.strip_suffix("SOL").or_else(|| text.strip_suffix("sol")).unwrap_or(text);
    scaled(number.trim_end(), 9)
        .map_err(|error| format!("{error}: amounts are SOL with up to 9 decimals, as 0.5SOL"))
}

/// An amount above zero: what is to move.
pub fn flash_above_zero(text: &str) -> Parsed<Atoms> {
    match flash(text)? {
        Atoms::ZERO => Err(format!("`{text}` must be above zero")),
        amount => Ok(amount),
    }
}

/// What a price is per: a GiB for 30 days.
pub const PER_GIB_MONTH: &str = "/GiB-month";

/// A price per GiB and 30 days: `0.02FLASH/GiB-month` or `0.02FLASH`.
pub fn price(text: &str) -> Parsed<PricePerGibMonth> {
    let amount = text.strip_suffix(PER_GIB_MONTH).unwrap_or(text);
    if amount.contains('/') {
        return Err(format!(
            "`{text}` is no price: it is per GiB and 30 days, as 0.02FLASH/GiB-month"
        ));
    }
    match flash(amount)? {
        Atoms::ZERO => {
            Err(format!("`{text}` must be above zero: a unit cannot be listed for free"))
        }
        atoms => Ok(PricePerGibMonth(atoms.0)),
    }
}

/// A capacity above zero: `500GiB`, `1.5TiB`, `2PiB`.
pub fn capacity(text: &str) -> Parsed<Gib> {
    match with_unit(text, &[("GiB", 1), ("TiB", 1 << 10), ("PiB", 1 << 20)])? {
        0 => Err(format!("`{text}` is no capacity: it is at least 1GiB")),
        gib => Ok(Gib(gib)),
    }
}

/// A span: `20s`, `90m`, `1h`, `30d`, `2w`, or several such: `1d12h`.
pub fn duration(text: &str) -> Parsed<Seconds> {
    const UNITS: [(&str, u64); 5] =
        [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400), ("w", 604_800)];
    let mut total = 0u64;
    let mut rest = text;
    while !rest.is_empty() {
        let unit = rest.find(|c: char| c.is_ascii_alphabetic());
        let end = unit.map_or(rest.len(), |unit| unit + 1);
        let (part, after) = rest.split_at(end);
        total = total
            .checked_add(with_unit(part, &UNITS)?)
            .ok_or_else(|| format!("`{text}` is too long"))?;
        rest = after;
    }
    match narrow(text, total)? {
        0 => Err(format!("`{text}` is no time span such as 20s, 1h or 30d")),
        seconds => Ok(Seconds(seconds)),
    }
}

/// A promised share of successes, `99.9%`, as the allowed failures in ppm; `none`: no promise.
pub fn success_rate(text: &str) -> Parsed<u32> {
    if text == "none" {
        return Ok(NOT_PROMISED);
    }
    // Without it, 0.999 could be meant as 99.9% or as 0.999%.
    let number = text.strip_suffix('%').ok_or_else(|| format!("`{text}` needs a %: 99.9%"))?;
    let ppm = scaled(number, 4).map_err(|error| format!("{error}: a share is written as 99.9%"))?;
    let ppm = narrow(text, ppm)?;
    PPM_ONE.checked_sub(ppm).ok_or_else(|| format!("`{text}` is more than 100%"))
}

/// A latency in µs: `250us`, `100ms`, `1.5s`; `none`: no promise.
pub fn latency(text: &str) -> Parsed<u32> {
    if text == "none" {
        return Ok(NOT_PROMISED);
    }
    positive(text, with_unit(text, &[("us", 1), ("ms", 1_000), ("s", 1_000_000)])?)
}

/// A latency in µs that can be compared: `250us`, `100ms`, `1.5s`.
pub fn some_latency(text: &str) -> Parsed<u32> {
    match latency(text)? {
        NOT_PROMISED => Err(format!("`{text}` is no latency such as 100ms")),
        us => Ok(us),
    }
}

/// A speed in KiB/s: `512KiB/s`, `50MiB/s`, `1GiB/s`; `none`: no promise.
pub fn speed(text: &str) -> Parsed<u32> {
    if text == "none" {
        return Ok(NOT_PROMISED);
    }
    positive(text, with_unit(text, &[("KiB/s", 1), ("MiB/s", 1 << 10), ("GiB/s", 1 << 20)])?)
}

fn positive(text: &str, value: u64) -> Parsed<u32> {
    match narrow(text, value)? {
        0 => Err(format!("`{text}` must be above zero; `none` promises nothing")),
        NOT_PROMISED => Err(format!("`{text}` is too large")),
        value => Ok(value),
    }
}

/// Protocols, `s3,gcs,azure`, as the program adds them up.
pub fn protocols(text: &str) -> Parsed<u8> {
    text.split(',').try_fold(0, |bits, name| match name.trim() {
        "s3" => Ok(bits | 1),
        "gcs" => Ok(bits | 2),
        "azure" => Ok(bits | 4),
        other => Err(format!("`{other}` is no known protocol: name some of s3,gcs,azure")),
    })
}

/// A region's name, 1 to 16 printable ASCII characters.
pub fn region(text: &str) -> Parsed<[u8; REGION_SIZE]> {
    text::region(text).map_err(|_| {
        format!("`{text}` is no region: 1 to 16 printable ASCII characters, no spaces")
    })
}

/// A URI of at most 200 printable ASCII characters.
pub fn uri(text: &str) -> Parsed<String> {
    let wrong =
        |_| format!("`{text}` has more than 200 characters, or others than printable ASCII");
    text::check_uri(text).map_err(wrong)?;
    Ok(text.to_owned())
}

/// An address in base 58, or an alias of one.
pub fn address(text: &str) -> Parsed<Pubkey> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    alias::find(text)?.ok_or_else(|| {
        format!(
            "`{text}` is neither an address (32 to 44 base-58 characters) nor an alias: `flashback config alias \
             {text} ADDRESS` makes it one"
        )
    })
}

/// A blockhash in base 58.
pub fn hash(text: &str) -> Parsed<Hash> {
    text.parse().map_err(|_| format!("`{text}` is no blockhash: 32 to 44 base-58 characters"))
}

/// A transaction's signature in base 58.
pub fn signature(text: &str) -> Parsed<Signature> {
    text.parse().map_err(|_| format!("`{text}` is no signature: 86 to 88 base-58 characters"))
}

/// A memo: 1 to 566 bytes, what the memo program takes without running out of compute units.
pub fn memo(text: &str) -> Parsed<String> {
    match text.len() {
        1..=566 => Ok(text.to_owned()),
        bytes => Err(format!("a memo has 1 to 566 bytes, and this has {bytes}")),
    }
}

/// A seat of a committee, counted from 0.
pub fn seat(text: &str) -> Parsed<u8> {
    let seat = text.parse().ok().filter(|seat| usize::from(*seat) < SEATS_MAX);
    let last = SEATS_MAX - 1;
    seat.ok_or_else(|| format!("`{text}` is no seat: the largest committee has seats 0 to {last}"))
}

/// Seats, `0,2`, a bit each; `none`: none of them.
pub fn seats(text: &str) -> Parsed<u8> {
    if text == "none" {
        return Ok(0);
    }
    text.split(',').try_fold(0, |bits, name| Ok(bits | 1 << seat(name.trim())?))
}

/// A root of records: 64 hexadecimal digits.
pub fn digest(text: &str) -> Parsed<[u8; 32]> {
    let wrong = || format!("`{text}` is no digest: 64 hexadecimal digits");
    if text.len() != 64 || !text.is_ascii() {
        return Err(wrong());
    }
    let mut digest = [0; 32];
    for (index, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).map_err(|_| wrong())?;
    }
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        assert_eq!(flash("0.02FLASH"), Ok(Atoms(20_000)));
        assert_eq!(flash("2.5"), Ok(Atoms(2_500_000)));
        assert_eq!(flash("1000 FLASH"), Ok(Atoms(1_000_000_000)));
        assert_eq!(flash("0.0000010"), Ok(Atoms(1)));
        for bad in ["0.0000001", "", "FLASH", "-1", "1e6", "1.", ".5", "1,5", "18446744073710", "∞"]
        {
            assert!(flash(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sol_is_exact_to_the_lamport() {
        assert_eq!(sol("0.5SOL"), Ok(500_000_000));
        assert_eq!(sol("2 sol"), Ok(2_000_000_000));
        assert_eq!(sol("0.000000001"), Ok(1));
        for bad in ["0.0000000001", "", "SOL", "-1", "1FLASH", "18446744074"] {
            assert!(sol(bad).unwrap_err().contains("as 0.5SOL"), "{bad}");
        }
    }

    #[test]
    fn what_moves_is_above_zero() {
        assert_eq!(flash_above_zero("0.000001"), Ok(Atoms(1)));
        for nothing in ["0", "0.0FLASH"] {
            assert!(flash_above_zero(nothing).unwrap_err().contains("above zero"), "{nothing}");
        }
    }

    #[test]
    fn prices_are_above_zero() {
        for written in
            ["0.02FLASH/GiB-month", "0.02FLASH", "0.02 FLASH/GiB-month", "0.02/GiB-month"]
        {
            assert_eq!(price(written), Ok(PricePerGibMonth(20_000)), "{written}");
        }
        for other in ["0.02FLASH/TiB-month", "20FLASH/month", "/GiB-month"] {
            assert!(price(other).is_err(), "{other}");
        }
        for free in ["0", "0.0FLASH"] {
            assert!(price(free).unwrap_err().contains("above zero"), "{free}");
        }
    }

    #[test]
    fn capacities_are_whole_gib() {
        assert_eq!(capacity("1TiB"), Ok(Gib(1024)));
        assert_eq!(capacity("1.5 TiB"), Ok(Gib(1536)));
        assert_eq!(capacity("7GiB"), Ok(Gib(7)));
        for bad in ["0GiB", "1TB", "1", "0.3GiB", "TiB", "1tib", "99999999999999999999GiB"] {
            assert!(capacity(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn spans_add_up() {
        assert_eq!(duration("30d"), Ok(Seconds(2_592_000)));
        assert_eq!(duration("1d12h"), Ok(Seconds(129_600)));
        assert_eq!(duration("0.5h"), Ok(Seconds(1_800)));
        for bad in ["", "0s", "30", "d", "1y", "200w1000000d", "é", "1d é"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn promises_as_thresholds() {
        assert_eq!(success_rate("99.9%"), Ok(1_000));
        assert_eq!(success_rate("100%"), Ok(0));
        assert_eq!(success_rate("0.999").unwrap_err(), "`0.999` needs a %: 99.9%");
        assert!(success_rate("100").is_err() && success_rate("%").is_err());
        assert_eq!(success_rate("none"), Ok(NOT_PROMISED));
        assert!(success_rate("100.1%").is_err() && success_rate("99.99999%").is_err());
        assert_eq!(latency("100ms"), Ok(100_000));
        assert_eq!(latency("1.5s"), Ok(1_500_000));
        assert!(latency("0ms").is_err() && latency("0.5us").is_err());
        assert_eq!((latency("none"), some_latency("2ms")), (Ok(NOT_PROMISED), Ok(2_000)));
        assert!(some_latency("none").unwrap_err().contains("no latency"));
        assert_eq!(speed("50MiB/s"), Ok(51_200));
        assert!(speed("50MB/s").is_err());
    }

    #[test]
    fn seats_are_bits() {
        assert_eq!((seat("0"), seat("4")), (Ok(0), Ok(4)));
        assert_eq!((seats("0,2"), seats("4"), seats("none")), (Ok(0b101), Ok(0b1_0000), Ok(0)));
        for bad in ["5", "256", "-1", "", "0,", "0;2", "all"] {
            assert!(seats(bad).unwrap_err().contains("seats 0 to 4"), "{bad}");
        }
    }

    #[test]
    fn names_and_digests() {
        assert_eq!(protocols("s3,azure"), Ok(5));
        assert!(protocols("ftp").is_err() && protocols("").is_err());
        assert!(region("eu-central-1").is_ok() && region("zürich").is_err());
        assert_eq!(digest(&"0f".repeat(32)), Ok([15; 32]));
        for bad in ["0f", &"xy".repeat(32), &"é".repeat(32)] {
            assert!(digest(bad).is_err(), "{bad}");
        }
        assert!(address("11111111111111111111111111111111").is_ok() && address("0").is_err());
    }
}
