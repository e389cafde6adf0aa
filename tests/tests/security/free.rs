//! What may stand in an account's place, and why: whatever else is accepted is a hole.

/// A case (`*`: every one that has the account), an account, and the substitutes that are let in. A name that ends in
/// `_` is the beginning of several.
pub struct Free {
    pub case: &'static str,
    pub account: &'static str,
    pub substitutes: &'static [&'static str],
}

const fn free(
    case: &'static str,
    account: &'static str,
    substitutes: &'static [&'static str],
) -> Free {
    Free { case, account, substitutes }
}

/// Any FLASH account: money that goes where its owner says.
const ANY_FLASH: &[&str] = &["purse_of_", "vault_of_", "escrow_of_", "treasury", "rewards"];

/// Anything that may be written.
const ANY: &[&str] = &["_"];

/// One account alone, which signs nothing.
pub const ACCOUNTS: &[Free] = &[
    // Whoever signs may pay: the stranger signs these as the challenger.
    free("challenge_leaf", "payer", &["stranger"]),
    free("challenge_leaf/again", "payer", &["stranger"]),
    // Who is paid says where to; who proves a fraud is anyone.
    free("withdraw_refund", "destination", ANY_FLASH),
    free("claim_oracle_fees", "destination", ANY_FLASH),
    free("withdraw_stake", "destination", ANY_FLASH),
    free("prove_fraud", "prover_token", ANY_FLASH),
    free("prove_fraud/cursor", "prover_token", ANY_FLASH),
    // The signer has the same power over the other one, and names it by nothing else.
    free("amend_certificate", "certificate", &["certificate_of_"]),
    free("revoke_certificate", "certificate", &["certificate_of_"]),
    free("remove_certifier", "certifier", &["other_certifier"]),
    free("update_unit", "unit", &["second_unit_of_provider"]),
    free("announce_maintenance", "unit", &["second_unit_of_provider"]),
    free("close_unit", "unit", &["second_unit_of_provider"]),
    free("reject_sla", "sla", &["neighbours_proposal"]),
    free("submit_report", "sla", &["neighbours_sla"]),
    free("submit_many", "remaining_0", &["neighbours_sla"]),
    free("rule_dispute", "dispute", &["providers_dispute"]),
    // Anyone may do it to the other one as well.
    free("boost_unit", "unit", &["second_unit_of_provider", "unit_of_other_provider"]),
    free("refresh_unit", "unit", &["second_unit_of_provider"]),
    free("settle", "sla", &["neighbours_", "second_sla"]),
    free("settle_many", "remaining_0", &["neighbours_", "second_sla"]),
    free("expire_sla", "sla", &["neighbours_sla"]),
    free("expire_sla/proposal", "sla", &["neighbours_proposal"]),
    free("expire_challenge", "challenge", &["challenge_of_leaf_1"]),
    free("expire_dispute", "dispute", &["providers_dispute"]),
    // Any of the seated oracles, in any order; those that were served already are passed over.
    free("fold_scores", "remaining_", &["oracle_of_seat_"]),
    free("release_sla", "remaining_", &["oracle_of_seat_"]),
    // The entry stays for now, and its rent with it.
    free("leave_registry", "rent_payer", ANY),
    free("leave_registry/expired", "rent_payer", ANY),
    // The Config owns both vaults.
    free("assert_solvent/treasury", "vault", &["rewards"]),
    // A proposal takes nothing: the certificate is asked for when it is accepted.
    free("propose_sla/waiting", "consumer_certificate", &["program"]),
];

/// Another signer, and everything of an SLA, provider or oracle together.
pub const TOGETHER: &[Free] = &[
    // Whoever signs may pay.
    free("*", "payer", &["stranger_signing"]),
    free("leave_registry/expired", "signer", &["neighbour_signing"]),
    free("leave_registry/again", "signer", &["neighbour_signing"]),
    // The signer's own as well.
    free("open_dispute", "all_of_sla", &["second_sla"]),
    free("open_dispute/again", "all_of_sla", &["neighbours_sla"]),
    free("terminate_sla", "all_of_sla", &["second_sla"]),
    free("withdraw_refund", "all_of_sla", &["second_sla"]),
    free("withdraw_earnings", "all_of_sla", &["neighbours_sla"]),
    // The signer's to choose.
    free("rule_dispute", "all_of_sla", &["neighbours_contested_sla"]),
    free("propose_sla", "all_of_provider", &["other_provider"]),
    free("propose_sla/waiting", "all_of_provider", &["other_provider"]),
    // Nobody signs: anyone may do it to the other one.
    free("challenge_leaf", "all_of_sla", &["neighbours_sla", "second_sla"]),
    free("challenge_leaf/again", "all_of_sla", &["neighbours_sla", "second_sla"]),
    free("expire_dispute", "all_of_sla", &["neighbours_contested_sla"]),
    free("expire_sla", "all_of_sla", &["second_sla"]),
    free("sweep_fees", "all_of_sla", &["neighbours_sla", "second_sla"]),
    free("refresh_unit", "all_of_provider", &["other_provider"]),
    free("assert_solvent", "all_of_sla", &["neighbours_", "second_sla"]),
    free("assert_solvent/stake", "all_of_provider", &["other_provider"]),
];

impl Free {
    pub fn lets(&self, case: &str, account: &str, substitute: &str) -> bool {
        (self.case == "*" || self.case == case)
            && is_meant(self.account, account)
            && self.substitutes.iter().any(|free| is_meant(free, substitute))
    }
}

/// A name, or the beginning of names, which ends in `_`; `_` alone is any.
fn is_meant(pattern: &str, name: &str) -> bool {
    pattern == name || pattern.strip_suffix('_').is_some_and(|start| name.starts_with(start))
}

/// Whether one account alone may stand in another's place.
pub fn is_free(case: &str, account: &str, substitute: &str) -> bool {
    ACCOUNTS.iter().any(|free| free.lets(case, account, substitute))
}

/// Whether everything that a row of the misuse table names may.
pub fn are_free(case: &str, account: &str, substitute: &str) -> bool {
    TOGETHER.iter().any(|free| free.lets(case, account, substitute))
}
