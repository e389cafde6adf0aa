//! What anybody may try: for each instruction, how to make one that is likely to succeed, and sometimes one that is not.

pub mod admin;
pub mod committee;
pub mod contest;
pub mod gifts;
mod money;
pub mod opening;
pub mod oracle;
pub mod proposal;
mod provider;
mod service;
pub mod sla;
pub mod stake;

use flashback_sdk::account::Sla;
use solana_sdk::pubkey::Pubkey;

use super::economy::{Act, Economy};
use super::tally::Phase;

/// Makes an instruction; `None` if there is nothing that it could be about.
pub type Plan = fn(&mut Economy) -> Option<Act>;

/// In so many cases out of a hundred nobody looks whether an instruction can succeed.
const CARELESS: u64 = 4;

/// Every instruction but `initialize`, which stands at the beginning, with how often it is to be tried.
pub const PLANS: &[(&str, u64, Plan)] = &[
    ("accept_authority", 6, admin::accept_authority),
    ("accept_sla", 30, proposal::accept),
    ("amend_certificate", 4, admin::amend_certificate),
    ("announce_maintenance", 4, provider::announce_maintenance),
    ("appoint_arbiter", 3, admin::appoint_arbiter),
    ("appoint_certifier", 4, admin::appoint_certifier),
    ("appoint_guardian", 3, admin::appoint_guardian),
    ("arm_redraw", 40, committee::arm_redraw),
    ("assert_solvent", 2, admin::assert_solvent),
    ("boost_unit", 3, provider::boost_unit),
    ("certify", 10, admin::certify),
    ("challenge_leaf", 40, contest::challenge_leaf),
    ("claim_oracle_fees", 8, money::claim_oracle_fees),
    ("close_abandoned_sla", 12, sla::close_abandoned),
    ("close_oracle", 20, oracle::close),
    ("close_provider", 20, provider::close),
    ("close_sla", 12, sla::close),
    ("close_unit", 3, provider::close_unit),
    ("collect_absence", 12, money::collect_absence),
    ("collect_penalty", 10, money::collect_penalty),
    ("create_unit", 6, provider::create_unit),
    ("expire_challenge", 30, contest::expire_challenge),
    ("expire_dispute", 60, contest::expire_dispute),
    ("expire_sla", 25, sla::expire),
    ("fold_scores", 5, sla::fold_scores),
    ("free_round_seat", 80, contest::free_round_seat),
    ("join_registry", 15, oracle::join),
    ("leave_registry", 5, oracle::leave),
    ("offer_authority", 4, admin::offer_authority),
    ("open_dispute", 40, contest::open_dispute),
    ("open_leaf", 25, contest::open_leaf),
    ("pause", 2, admin::pause),
    ("propose_sla", 30, proposal::propose),
    ("prove_fraud", 30, contest::prove_fraud),
    ("redraw_seats", 40, committee::redraw),
    ("refresh_unit", 3, provider::refresh_unit),
    ("register_oracle", 6, oracle::register),
    ("register_provider", 6, provider::register),
    ("reject_sla", 14, proposal::reject),
    ("release_sla", 15, sla::release),
    ("remove_certifier", 3, admin::remove_certifier),
    ("remove_unit", 10, provider::remove_unit),
    ("revoke_certificate", 3, admin::revoke_certificate),
    ("rule_dispute", 20, contest::rule_dispute),
    ("seat_committee", 40, committee::seat_committee),
    ("set_operator", 5, provider::set_operator),
    ("set_params", 4, admin::set_params),
    ("settle", 20, sla::settle),
    ("settle_many", 30, sla::settle_many),
    ("settle_round", 30, contest::settle_round),
    ("stake", 8, stake::stake),
    ("submit_many", 20, oracle::submit_many),
    ("submit_report", 40, oracle::submit_report),
    ("sweep_fees", 8, money::sweep_fees),
    ("terminate_sla", 20, sla::terminate),
    ("unstake", 6, stake::unstake),
    ("update_oracle", 3, oracle::update),
    ("update_provider", 3, provider::update),
    ("update_unit", 4, provider::update_unit),
    ("withdraw_earnings", 8, money::withdraw_earnings),
    ("withdraw_refund", 8, money::withdraw_refund),
    ("withdraw_stake", 15, stake::withdraw),
];

impl Economy {
    /// Whether somebody acts without looking.
    pub fn is_careless(&mut self) -> bool {
        self.phase == Phase::Steps && self.random.chance(CARELESS)
    }

    /// An SLA of those that fit; sometimes just any.
    pub fn some_sla(
        &mut self,
        fits: impl Fn(&Economy, &Pubkey, &Sla) -> bool,
    ) -> Option<(Pubkey, Sla)> {
        let careless = self.is_careless();
        let all = self.books.slas.iter();
        let fitting = all.filter(|(at, sla)| careless || fits(self, at, sla));
        let fitting: Vec<_> = fitting.map(|(at, sla)| (*at, *sla)).collect();
        self.random.pick(&fitting)
    }

    /// Who pays the rent this time.
    pub fn rent_payer(&mut self) -> Pubkey {
        let payers = &super::cast::CAST.rent_payers;
        self.random.one(payers)
    }

    /// Somebody who has nothing to do with it.
    pub fn stranger(&mut self) -> Pubkey {
        let strangers = &super::cast::CAST.strangers;
        self.random.one(strangers)
    }
}
