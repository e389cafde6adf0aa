use flashback_sdk::instruction::{SubmitReportArgs, close_oracle};
use flashback_tests::Attempt;
use flashback_tests::actors::oracle_details;
use flashback_tests::prelude::*;
use flashback_tests::world::oracle_name;

use super::Case;
use crate::security::crowd::{CANDIDATE, IDLE_ORACLE, NEW_ORACLE};
use crate::security::stages::{LEAVER, armed_later, contested, expired, gone, left, reporting};

pub fn cases() -> Vec<Case> {
    vec![
        ("register_oracle", contested(), |world| world.oracle(NEW_ORACLE).registers()),
        ("update_oracle", contested(), |world| world.oracle(0).updates(oracle_details())),
        ("join_registry", contested(), |world| world.oracle(CANDIDATE).joins_registry()),
        ("leave_registry", contested(), |world| world.oracle(0).leaves()),
        ("leave_registry/expired", expired(), |world| world.anyone().evicts(&key("oracle 0"))),
        ("leave_registry/again", gone(), |world| world.anyone().evicts(&key("oracle 0"))),
        ("close_oracle", contested(), |world| {
            let authority = oracle_name(IDLE_ORACLE);
            let closed = close_oracle(key(&authority), key(RENT_PAYER), key(STRANGER));
            Attempt::new(&mut world.chain, closed, vec![keypair(&authority)])
        }),
        ("submit_report", reporting(), |world| {
            let report = report(world);
            world.seat(0).submits(report)
        }),
        ("submit_many", reporting(), |world| {
            let (sla, report) = (world.sla_address(), report(world));
            world.seat(0).submits_many(&[(sla, report)])
        }),
        ("arm_redraw", left(), |world| world.anyone().arms_redraw(LEAVER)),
        ("redraw_seats", armed_later(), |world| world.anyone().redraws(Some(1))),
    ]
}

fn report(world: &World) -> SubmitReportArgs {
    SubmitReportArgs { window: 0, aggregate: met(&world.terms()), root: [9; 32] }
}
