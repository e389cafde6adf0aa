//! Names for addresses, from the configuration. Wherever a command takes an address, it takes an alias.

use solana_sdk::pubkey::Pubkey;

use super::overlay::Overlay;
use crate::output::Names;

/// The address that a name stands for, if it is an alias.
///
/// # Errors
/// If the configuration cannot be read, or what it says is no address.
pub fn find(name: &str) -> Result<Option<Pubkey>, String> {
    let overlay = Overlay::load().map_err(|error| error.to_string())?;
    let Some(address) = overlay.aliases.get(name) else { return Ok(None) };
    parse(name, address).map(Some)
}

/// The names of addresses, to be shown beside them; none if the configuration cannot be read, which those say that need
/// something of it.
pub fn names() -> Names {
    Overlay::load().map(|overlay| Names::new(&overlay.aliases)).unwrap_or_default()
}

/// The address that an alias is said to stand for.
///
/// # Errors
/// If it is none: an alias of an alias is not followed.
pub fn parse(name: &str, address: &str) -> Result<Pubkey, String> {
    address.parse().map_err(|_| format!("the alias `{name}` stands for `{address}`, no address"))
}

/// Refuses a name that cannot be told from an address or an option.
///
/// # Errors
/// Says what a name looks like.
pub fn check_name(name: &str) -> Result<String, String> {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let starts = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if plain && starts && name.len() <= 31 {
        return Ok(name.to_owned());
    }
    Err(format!("`{name}` is no alias: a letter, then up to 30 letters, digits, `-`, `_` or `.`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_not_addresses() {
        for good in ["a", "backup-2026", "unit.1", &"x".repeat(31)] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        let address = Pubkey::default().to_string();
        for bad in ["", "1st", "-k", "with space", "ä", &"x".repeat(32), &address] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
