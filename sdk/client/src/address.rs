//! Every address that the program derives, from the seeds of `flashback-core`.
//!
//! Each function has a `_with_bump` twin, which also returns the bump.

use flashback::state::SubjectKind;
use flashback_core::seeds;
use flashback_core::sla::Party;
use solana_sdk::pubkey::Pubkey;

/// The program's address.
pub const PROGRAM: Pubkey = flashback::ID;
/// The System program's address.
pub const SYSTEM_PROGRAM: Pubkey = Pubkey::new_from_array([0; 32]);
/// The SPL Token program's address.
pub const TOKEN_PROGRAM: Pubkey = spl_token_interface::ID;

macro_rules! derived {
    ($($(#[$doc:meta])* $name:ident, $with_bump:ident ($($arg:ident: $ty:ty),*) = [$($seed:expr),*];)*) => {
        $(
            $(#[$doc])*
            pub fn $name($($arg: $ty),*) -> Pubkey {
                $with_bump($($arg),*).0
            }

            $(#[$doc])*
            /// With the address's bump.
            pub fn $with_bump($($arg: $ty),*) -> (Pubkey, u8) {
                Pubkey::find_program_address(&[$($seed),*], &PROGRAM)
            }
        )*
    };
}

derived! {
    /// The Config.
    config, config_with_bump() = [seeds::CONFIG];
    /// The treasury, a token account.
    treasury, treasury_with_bump() = [seeds::TREASURY];
    /// The reward vault, a token account.
    rewards, rewards_with_bump() = [seeds::REWARDS];
    /// The registry of oracles.
    registry, registry_with_bump() = [seeds::REGISTRY];
    /// The Provider of an authority.
    provider, provider_with_bump(authority: &Pubkey) = [seeds::PROVIDER, authority.as_ref()];
    /// The Oracle of an authority.
    oracle, oracle_with_bump(authority: &Pubkey) = [seeds::ORACLE, authority.as_ref()];
    /// The stake vault, a token account, of a Provider's or Oracle's address.
    stake_vault, stake_vault_with_bump(owner: &Pubkey) = [seeds::STAKE, owner.as_ref()];
    /// The Certifier of an authority.
    certifier, certifier_with_bump(authority: &Pubkey) = [seeds::CERTIFIER, authority.as_ref()];
    /// The Certificate of a subject's authority key.
    certificate, certificate_with_bump(kind: SubjectKind, subject: &Pubkey) =
        [seeds::CERTIFICATE, kind.seed().as_ref(), subject.as_ref()];
    /// The DataUnit of a Provider's address, by the provider's number.
    unit, unit_with_bump(provider: &Pubkey, id: u64) =
        [seeds::UNIT, provider.as_ref(), &id.to_le_bytes()];
    /// The Sla of a consumer, by the consumer's number.
    sla, sla_with_bump(consumer: &Pubkey, id: u64) =
        [seeds::SLA, consumer.as_ref(), &id.to_le_bytes()];
    /// The Round of a contested window of an Sla's address.
    round, round_with_bump(sla: &Pubkey, window: u16) =
        [seeds::ROUND, sla.as_ref(), &window.to_le_bytes()];
    /// The Dispute of a party in a Round's address.
    dispute, dispute_with_bump(round: &Pubkey, party: Party) =
        [seeds::DISPUTE, round.as_ref(), &[party.code()]];
    /// The Challenge of a seat's leaf in a Round's address.
    challenge, challenge_with_bump(round: &Pubkey, seat: u8, leaf: u32) =
        [seeds::CHALLENGE, round.as_ref(), &[seat], &leaf.to_le_bytes()];
    /// The escrow vault, a token account, of an Sla's address.
    escrow, escrow_with_bump(sla: &Pubkey) = [seeds::ESCROW, sla.as_ref()];
}

/// The program that makes associated token accounts.
pub const ASSOCIATED_TOKEN_PROGRAM: Pubkey = spl_associated_token_account_interface::program::ID;

/// Where the loader records the program's upgrade authority.
pub fn program_data() -> Pubkey {
    Pubkey::find_program_address(&[PROGRAM.as_ref()], &LOADER).0
}

/// The loader of upgradeable programs.
const LOADER: Pubkey = Pubkey::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");

/// The owner's associated token account for a mint of the SPL Token program.
pub fn token_account(owner: &Pubkey, mint: &Pubkey) -> Pubkey {
    use spl_associated_token_account_interface::address::get_associated_token_address_with_program_id;
    get_associated_token_address_with_program_id(owner, mint, &TOKEN_PROGRAM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_differ_by_kind_subject_and_number() {
        let (a, b) = (Pubkey::new_unique(), Pubkey::new_unique());
        let mut all = vec![
            config(),
            treasury(),
            rewards(),
            registry(),
            provider(&a),
            oracle(&a),
            certifier(&a),
            stake_vault(&a),
            escrow(&a),
            unit(&a, 1),
            unit(&a, 256),
            unit(&b, 1),
            sla(&a, 1),
            certificate(SubjectKind::Provider, &a),
            certificate(SubjectKind::Consumer, &a),
            round(&a, 1),
            round(&a, 256),
            dispute(&a, Party::Consumer),
            dispute(&a, Party::Provider),
            challenge(&a, 1, 2),
            challenge(&a, 2, 1),
            challenge(&a, 1, 258),
            program_data(),
            token_account(&a, &b),
        ];
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
