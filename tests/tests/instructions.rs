//! Every instruction of the program: what it does, and every way to misuse it.
//!
//! A misuse starts from the happy case and changes one thing; it must be refused for exactly that reason, with nothing
//! changed.

#[allow(
    clippy::type_complexity,
    reason = "tables of misuses: a change and the error that it meets"
)]
mod instructions {
    mod appoint_certifier;
    mod assert_solvent;
    mod certify;
    mod claim_oracle_fees;
    mod close_sla;
    mod collect_absence;
    mod collect_penalty;
    mod create_unit;
    mod expire_sla;
    mod initialize;
    mod join_registry;
    mod propose_sla;
    mod register_oracle;
    mod register_provider;
    mod release_sla;
    mod seat_committee;
    mod settle;
    mod stake;
    mod submit_report;
    mod sweep_fees;
    mod withdraw_earnings;
    mod withdraw_refund;
}
