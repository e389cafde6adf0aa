//! Nothing succeeds without the signature of whom it is up to: told apart from the program's own checks, by the books.

use flashback_core::authority::check_lapsed;
use flashback_core::units::Timestamp;
use flashback_sdk::account::{Provider, Sla};
use solana_sdk::pubkey::Pubkey;

use crate::stateful::books::Books;
use crate::stateful::economy::Act;

pub fn check(before: &Books, act: &Act, now: Timestamp) {
    if let Some(entitled) = entitled(before, act, now) {
        let named = |key: &&Pubkey| **key != Pubkey::default();
        let signed = entitled.iter().filter(named).any(|key| act.is_signed_by(key));
        assert!(signed, "{} without the signature of any of {entitled:?}", act.name());
    }
}

/// Whose signature it takes, one of them; `None` if it takes nobody's.
fn entitled(before: &Books, act: &Act, now: Timestamp) -> Option<Vec<Pubkey>> {
    let at = |name| act.account(name).expect("a named account");
    let sla = || &before.slas[&at("sla")];
    let provider = || &before.providers[&at("provider")];
    let authority = || before.config().authority;
    Some(match act.name() {
        "withdraw_refund" => vec![sla().consumer],
        "propose_sla" => vec![at("consumer")],
        "terminate_sla" => vec![sla().consumer, sla().delegate, provider().authority],
        "open_dispute" => disputants(sla(), provider(), act, now),
        "withdraw_earnings" | "accept_sla" | "reject_sla" | "announce_maintenance" => {
            operators(provider(), now)
        }
        "claim_oracle_fees" => vec![sla().seats[usize::from(act.instruction.data[8])]],
        "submit_report" => sla().seats.to_vec(),
        "unstake" | "withdraw_stake" => vec![stake_owner(before, &at("owner"))],
        "update_provider" | "set_operator" | "close_provider" | "create_unit" | "update_unit"
        | "close_unit" => vec![provider().authority],
        "update_oracle" | "join_registry" | "close_oracle" => {
            vec![before.oracles[&at("oracle")].authority]
        }
        "leave_registry" => return leaver(before, act, now),
        "set_params" | "appoint_guardian" | "appoint_arbiter" | "offer_authority"
        | "appoint_certifier" => vec![authority()],
        "accept_authority" => vec![before.config().pending_authority],
        "pause" => vec![before.config().guardian],
        "rule_dispute" => vec![before.config().arbiter],
        "certify" => vec![before.certifiers[&at("certifier")].authority],
        "amend_certificate" => {
            vec![before.certificates[&at("certificate")].certifier, authority()]
        }
        "revoke_certificate" => {
            let certificate = &before.certificates[&at("certificate")];
            if check_lapsed(Timestamp(certificate.expires_at), now).is_ok() {
                return None;
            }
            vec![certificate.certifier, authority()]
        }
        "remove_certifier" => {
            let certifier = &before.certifiers[&at("certifier")];
            if check_lapsed(Timestamp(certifier.expires_at), now).is_ok() {
                return None;
            }
            vec![authority()]
        }
        _ => return None,
    })
}

fn operators(provider: &Provider, now: Timestamp) -> Vec<Pubkey> {
    let operates = now.0 < provider.operator_expires_at;
    let operator = if operates { provider.operator } else { Pubkey::default() };
    vec![provider.authority, operator]
}

fn disputants(sla: &Sla, provider: &Provider, act: &Act, now: Timestamp) -> Vec<Pubkey> {
    match act.instruction.data[10] {
        1 => vec![sla.consumer, sla.delegate],
        _ => operators(provider, now),
    }
}

fn stake_owner(before: &Books, at: &Pubkey) -> Pubkey {
    let provider = before.providers.get(at).map(|provider| provider.authority);
    provider.unwrap_or_else(|| before.oracles[at].authority)
}

/// Anyone takes out an oracle that is not certified, or has too little staked, and the entry of one that has left.
fn leaver(before: &Books, act: &Act, now: Timestamp) -> Option<Vec<Pubkey>> {
    let oracle = &before.oracles[&act.account("oracle")?];
    if !oracle.serves() {
        return None;
    }
    let certificate = before.certificates.get(&act.account("certificate")?);
    let certified = certificate.is_some_and(|one| now.0 < one.expires_at);
    let staked = oracle.stake.bonded >= before.config().params.min_stake;
    (certified && staked).then(|| vec![oracle.authority])
}
