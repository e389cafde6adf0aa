//! A key from a seed phrase that a person types, unseen.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use bip39::{Language, Mnemonic};
use solana_derivation_path::DerivationPath;
use solana_keypair::seed_derivable::keypair_from_seed_and_derivation_path;
use solana_sdk::signature::Keypair;
use solana_seed_phrase::generate_seed_from_seed_phrase_and_passphrase;

use crate::exit::usage;

/// Asks for a seed phrase and its passphrase, and derives the key.
///
/// # Errors
/// With the exit code of wrong usage, if nobody is there to be asked or the phrase is none.
pub fn ask(path: DerivationPath) -> Result<Keypair> {
    if !std::io::stdin().is_terminal() {
        return Err(usage("a seed phrase is typed at a terminal, and standard input is none"));
    }
    let read =
        |prompt: &str| rpassword::prompt_password(prompt).context("cannot read the terminal");
    let phrase = read("Seed phrase (not shown): ")?;
    let passphrase = read("Its passphrase (not shown; empty if it has none): ")?;
    keypair(&phrase, &passphrase, path)
}

/// The key of a phrase. Its checksum finds a word that was mistyped; nothing finds a wrong passphrase, which leads to
/// another key.
fn keypair(phrase: &str, passphrase: &str, path: DerivationPath) -> Result<Keypair> {
    let words = phrase.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ");
    let phrase = Mnemonic::parse_in_normalized(Language::English, &words);
    let phrase = phrase.map_err(|error| {
        usage(format!("this is no BIP-39 seed phrase of English words: {error}"))
    })?;
    let seed = generate_seed_from_seed_phrase_and_passphrase(&phrase.to_string(), passphrase);
    keypair_from_seed_and_derivation_path(&seed, Some(path))
        .map_err(|error| usage(format!("the key cannot be derived: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::signer::derivation;
    use solana_sdk::signature::Signer;

    /// The first phrase of BIP-39's own test vectors.
    const PHRASE: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon \
                          abandon abandon about";

    fn address(phrase: &str, passphrase: &str, query: &str) -> String {
        let path = derivation::path(query).unwrap();
        keypair(phrase, passphrase, path).unwrap().pubkey().to_string()
    }

    #[test]
    fn a_phrase_gives_the_address_that_wallets_show() {
        let known = "HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk";
        assert_eq!(address(PHRASE, "", "?key=0/0"), known);
        assert_eq!(address(PHRASE, "", "?full-path=m/44/501/0/0"), known);
        let sloppy = PHRASE.to_uppercase().replace(' ', "  ");
        assert_eq!(address(&sloppy, "", "?key=0/0"), known);
    }

    #[test]
    fn paths_and_passphrases_lead_to_other_keys() {
        let mut seen: Vec<String> = ["", "?key=0", "?key=0/0", "?key=0/1", "?key=1/0"]
            .map(|q| address(PHRASE, "", q))
            .into();
        seen.push(address(PHRASE, "TREZOR", "?key=0/0"));
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 6);
    }

    #[test]
    fn the_seed_is_bip_39s() {
        // The vector's seed with the passphrase TREZOR begins so.
        let seed = generate_seed_from_seed_phrase_and_passphrase(PHRASE, "TREZOR");
        assert_eq!(seed[..4], [0xc5, 0x52, 0x57, 0xc3]);
    }

    #[test]
    fn a_mistyped_phrase_is_refused() {
        let wrong_checksum = PHRASE.replace("about", "abandon");
        for phrase in ["", "abandon about", &wrong_checksum, &PHRASE.replace("about", "abuot")] {
            let path = derivation::path("").unwrap();
            let error = keypair(phrase, "", path).err().unwrap();
            assert!(crate::exit::is_usage(&error), "{phrase}: {error}");
        }
    }
}
