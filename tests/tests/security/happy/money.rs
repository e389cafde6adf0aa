use super::Case;
use crate::security::stages::ended;

pub fn cases() -> Vec<Case> {
    vec![
        ("withdraw_earnings", ended(), |world| world.provider().withdraws_earnings()),
        ("withdraw_refund", ended(), |world| world.consumer().withdraws_refund()),
        ("claim_oracle_fees", ended(), |world| world.seat(0).claims_fees()),
        ("sweep_fees", ended(), |world| world.anyone().sweeps_fees()),
        ("collect_penalty", ended(), |world| world.anyone().collects_penalty()),
        ("collect_absence", ended(), |world| world.anyone().collects_absence(0)),
    ]
}
