//! The values that settings can have.

use solana_commitment_config::CommitmentConfig;

use super::{Setting, signer};

/// The server where nothing else is said: a chain on this machine.
pub const LOCALHOST: &str = "http://127.0.0.1:8899";

/// Whether a setting can have this value.
///
/// # Errors
/// Says why not, and what would be right.
pub fn check(setting: Setting, value: &str) -> Result<(), String> {
    match setting {
        Setting::Url => check_url(&expand(value), ["http://", "https://"]).map_err(|()| {
            format!("`{value}` is no URL: use http://… or https://…, or one of l, d, t, m")
        }),
        Setting::WsUrl => check_url(value, ["ws://", "wss://"])
            .map_err(|()| format!("`{value}` is no websocket's URL: use ws://… or wss://…")),
        Setting::Keypair | Setting::FeePayer => signer::check(value).map_err(|e| e.to_string()),
        Setting::Commitment => parse_commitment(value).map(drop),
        Setting::ComputeUnitPrice => parse_price(value).map(drop),
    }
}

fn check_url(url: &str, schemes: [&str; 2]) -> Result<(), ()> {
    let host = schemes.iter().find_map(|scheme| url.strip_prefix(scheme)).ok_or(())?;
    let good = !host.is_empty() && !host.starts_with(['/', ':', '?', '#']);
    if good && !url.contains(char::is_whitespace) { Ok(()) } else { Err(()) }
}

/// How final, by its name.
pub fn parse_commitment(level: &str) -> Result<CommitmentConfig, String> {
    match level {
        "processed" => Ok(CommitmentConfig::processed()),
        "confirmed" => Ok(CommitmentConfig::confirmed()),
        "finalized" => Ok(CommitmentConfig::finalized()),
        _ => Err(format!("`{level}` is no commitment: processed, confirmed or finalized")),
    }
}

/// Micro-lamports per compute unit.
pub fn parse_price(price: &str) -> Result<u64, String> {
    price.parse().map_err(|_| format!("`{price}` is no price: a whole number of micro-lamports"))
}

/// The URL of a moniker, as the Solana tools have them.
pub fn expand(url_or_moniker: &str) -> String {
    match url_or_moniker {
        "l" | "localhost" => LOCALHOST,
        "d" | "devnet" => "https://api.devnet.solana.com",
        "t" | "testnet" => "https://api.testnet.solana.com",
        "m" | "mainnet-beta" => "https://api.mainnet-beta.solana.com",
        url => url,
    }
    .to_owned()
}
