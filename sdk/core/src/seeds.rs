//! The seeds of every program-derived address, for the program and its clients.
//!
//! | account | seeds |
//! | --- | --- |
//! | Config | [`CONFIG`] |
//! | treasury and reward vault | [`TREASURY`]; [`REWARDS`] |
//! | Provider | [`PROVIDER`], authority |
//! | Oracle | [`ORACLE`], authority |
//! | stake vault | [`STAKE`], owner's address (Provider or Oracle) |
//! | Certifier | [`CERTIFIER`], authority |
//! | Certificate | [`CERTIFICATE`], kind (1 byte), subject |
//! | DataUnit | [`UNIT`], provider's address, id (8 bytes, little-endian) |
//! | Sla | [`SLA`], consumer, id (8 bytes, little-endian) |
//! | escrow vault | [`ESCROW`], SLA's address |
//! | OracleRegistry | [`REGISTRY`] |
//! | Round | [`ROUND`], SLA's address, window (2 bytes, little-endian) |
//! | Dispute | [`DISPUTE`], Round's address, party (1 byte: 1 consumer, 2 provider) |
//! | Challenge | [`CHALLENGE`], Round's address, seat (1 byte), leaf (4 bytes, little-endian) |

/// Seed of the Config account.
pub const CONFIG: &[u8] = b"config";
/// Seed of the treasury vault.
pub const TREASURY: &[u8] = b"treasury";
/// Seed of the reward vault.
pub const REWARDS: &[u8] = b"rewards";
/// First seed of a Provider account.
pub const PROVIDER: &[u8] = b"provider";
/// First seed of an Oracle account.
pub const ORACLE: &[u8] = b"oracle";
/// First seed of a stake vault.
pub const STAKE: &[u8] = b"stake";
/// First seed of a Certifier account.
pub const CERTIFIER: &[u8] = b"certifier";
/// First seed of a Certificate account.
pub const CERTIFICATE: &[u8] = b"cert";
/// First seed of a DataUnit account.
pub const UNIT: &[u8] = b"unit";
/// First seed of an Sla account.
pub const SLA: &[u8] = b"sla";
/// First seed of an SLA's escrow vault.
pub const ESCROW: &[u8] = b"escrow";
/// Seed of the oracle registry.
pub const REGISTRY: &[u8] = b"oracles";
/// First seed of a contested window's Round account.
pub const ROUND: &[u8] = b"round";
/// First seed of a Dispute account.
pub const DISPUTE: &[u8] = b"dispute";
/// First seed of a Challenge account: one for each leaf, so that nobody shields a leaf by challenging another.
pub const CHALLENGE: &[u8] = b"challenge";
