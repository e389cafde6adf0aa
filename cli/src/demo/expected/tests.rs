use super::*;
use crate::demo::scenario::{AUDITOR, CONSUMER, ORACLES, PROVIDERS};

/// 4.778666 FLASH over seven windows: dues of 682,666 or 682,667 atoms.
const DUE: i128 = 682_666;

/// The demo with committees that could have been drawn.
pub fn run() -> Ledger {
    let seats = |oracles: [usize; 3]| oracles.map(|oracle| ORACLES[oracle].to_owned()).to_vec();
    let committees = [
        (Sla::Good, seats([0, 1, 2])),
        (Sla::Fair, seats([2, 3, 4])),
        (Sla::Bad, seats([4, 0, 1])),
        (Sla::Renewed, seats([1, 2, 3])),
    ];
    ledger(&committees.into(), Seconds(3_600)).unwrap()
}

#[test]
fn windows_end_as_the_scenario_tells() {
    let ledger = run();
    let windows: Vec<_> = ledger.slas.iter().map(|sla| sla.windows).collect();
    assert_eq!(windows, [[7, 0, 0, 0], [4, 2, 1, 0], [0, 3, 0, 1], [7, 0, 0, 0]]);
    assert_eq!(ledger.windows, [18, 5, 1, 1]);
    assert_eq!(ledger.contradictions(), Vec::<String>::new());
}

#[test]
fn everything_deposited_comes_out() {
    let total = run().total();
    assert_eq!(total.deposited + total.paid + total.refunded + total.fees, 0);
    assert_eq!((total.slashed, total.bonds), (0, 0));
}

#[test]
fn the_good_provider_is_paid_in_full_and_the_bad_one_loses_its_whole_cover() {
    let ledger = run();
    let [good, fair, bad] = PROVIDERS.map(|provider| &ledger.parties[provider]);
    assert_eq!((good.paid, good.slashed), (2 * 4_778_666, 0));
    // Two breaches: 40 % and 25 % short, which cost twice that of a due; the disputed one costs nothing.
    assert!(fair.paid > 6 * DUE && fair.paid < 7 * DUE, "{fair:?}");
    assert!(-fair.slashed > DUE && -fair.slashed < 3 * DUE / 2, "{fair:?}");
    // Blocked: half a due. Breached: 40 %, wholly, 75 %.
    assert!(bad.paid > DUE && bad.paid < 3 * DUE / 2, "{bad:?}");
    assert_eq!(-bad.slashed, 4_778_666 / 5);
    assert_eq!(ledger.slas[2].penalty, ledger.slas[2].cover);
    let scores = PROVIDERS.map(|provider| ledger.scores_milli[provider]);
    assert_eq!(scores, [92_000, 54_000, 42_000]);
}

#[test]
fn liars_pay_three_dues_and_half_of_it_burns() {
    let ledger = run();
    let caught: Vec<_> =
        ledger.voided.iter().map(|one| (one.oracle.as_str(), one.proven)).collect();
    assert_eq!(caught, [("oracle-3", true), ("oracle-4", false)]);
    for voided in &ledger.voided {
        assert!((3 * DUE..=3 * DUE + 3).contains(&voided.slashed), "{voided:?}");
        assert_eq!(voided.rewarded, voided.slashed / 2);
    }
    // Its bond for the leaf that was opened is the honest oracle's.
    let auditor = &ledger.parties[AUDITOR];
    assert_eq!(auditor.bonds, -1_000_000);
    assert_eq!(ledger.parties["oracle-1"].bonds, 1_000_000);
    assert_eq!(ledger.parties["provider-fair"].bonds, 0);
    // Two silent oracles share half of a due.
    let absence = -ledger.parties["oracle-5"].slashed;
    assert!((DUE / 4..=DUE / 4 + 1).contains(&absence), "{absence}");
}

#[test]
fn the_dispute_turns_a_breach_into_a_met_window() {
    let ledger = run();
    let [ruled] = ledger.ruled.as_slice() else { panic!("{:?}", ledger.ruled) };
    assert_eq!((ruled.reported.result, ruled.settled.result), ("breached", "met"));
    // 5 % too slow falls short by a quarter, which costs twice that of a due.
    let penalty = i128::from(ruled.reported.penalty);
    assert!(penalty > 9 * DUE / 20 && penalty < 11 * DUE / 20, "{penalty}");
    assert_eq!((ruled.settled.penalty, ruled.left_out.as_str()), (0, "oracle-3"));
}

#[test]
fn the_consumer_is_paid_back_what_was_not_delivered() {
    let ledger = run();
    let consumer = &ledger.parties[CONSUMER];
    // Three windows after the bad one's end, and most of what it did before.
    assert!(consumer.refunded > 5 * DUE, "{consumer:?}");
    assert!(consumer.slashed > 0);
}
