//! Every instruction of the program: what it does, and every way to misuse it.
//!
//! A misuse starts from the happy case and changes one thing; it must be refused for exactly that reason, with nothing
//! changed.

#[allow(
    clippy::type_complexity,
    reason = "tables of misuses: a change and the error that it meets"
)]
mod instructions {
    mod accept_authority;
    mod accept_sla;
    mod accept_sla_admission;
    mod amend_certificate;
    mod announce_maintenance;
    mod appoint_arbiter;
    mod appoint_certifier;
    mod appoint_guardian;
    mod arm_redraw;
    mod assert_solvent;
    mod boost_unit;
    mod certificates_of_oracles;
    mod certify;
    mod challenge_leaf;
    mod claim_oracle_fees;
    mod close_abandoned_sla;
    mod close_oracle;
    mod close_provider;
    mod close_sla;
    mod close_unit;
    mod collect_absence;
    mod collect_penalty;
    mod contests;
    mod create_unit;
    mod draws_stand;
    mod expire_challenge;
    mod expire_dispute;
    mod expire_sla;
    mod fold_scores;
    mod forgery;
    mod free_round_seat;
    mod govern;
    mod initialize;
    mod join_registry;
    mod leave_registry;
    mod offer_authority;
    mod offer_versions;
    mod open_dispute;
    mod open_leaf;
    mod operators_work;
    mod outages;
    mod pause;
    mod pause_stops_nothing_else;
    mod payouts;
    mod propose_sla;
    mod propose_sla_admission;
    mod propose_sla_waiting;
    mod prove_fraud;
    mod redraw_seats;
    mod refresh_unit;
    mod register_oracle;
    mod register_provider;
    mod registry_rent;
    mod reject_sla;
    mod release_sla;
    mod remove_certifier;
    mod remove_unit;
    mod revoke_certificate;
    mod rule_dispute;
    mod scores_are_not_laundered;
    mod seat_committee;
    mod seat_committee_vacant;
    mod set_operator;
    mod set_params;
    mod set_params_touches_later_slas_only;
    mod settle;
    mod settle_many;
    mod settle_round;
    mod stake;
    mod submit_many;
    mod submit_report;
    mod sweep_fees;
    mod terminate_sla;
    mod terminate_sla_notice;
    mod terminate_sla_shortest;
    mod unstake;
    mod update_oracle;
    mod update_provider;
    mod update_unit;
    mod whole_life;
    mod withdraw_earnings;
    mod withdraw_refund;
    mod withdraw_stake;
}
