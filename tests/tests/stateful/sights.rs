//! Rare things that are to be seen among the sequences, told by the program's events.

use flashback_core::sla::VACANT;
use flashback_sdk::event::FlashbackEvent as Event;
use solana_sdk::pubkey::Pubkey;

/// All of them.
pub const SIGHTS: &[&str] = &[
    "a window met",
    "a window breached",
    "a window unmeasured",
    "a window blocked",
    "an SLA ended by a run of unmeasured windows",
    "penalties that reach the cover",
    "a committee with a vacant seat",
    "a contested window ends the SLA",
    "a leaf malformed, foreign or outside its slice",
    "sums that do not add up",
    "a leaf that stayed closed",
    "a dispute upheld",
    "a dispute rejected",
    "a dispute unanswered",
    "a seat redrawn",
    "a seat redrawn that stays vacant",
    "a vacant seat filled",
    "a leaver that pays its absence",
    "a leaver whose cover stays in a round",
    "a former holder's account settled",
    "a former holder that owes",
    "an absence collected",
    "a proposal expired or a draw lapsed",
    "earnings pushed out",
    "oracle fees pushed out",
    "a gift that went to the treasury",
];

/// What an event shows of it.
pub fn seen(event: &Event) -> Vec<&'static str> {
    let nobody = Pubkey::default();
    let all: &[(bool, &'static str)] = match event {
        Event::WindowSettled(one) => &[
            (one.result == 1, "a window met"),
            (one.result == 2, "a window breached"),
            (one.result == 3, "a window unmeasured"),
            (one.result == 4, "a window blocked"),
            (one.result == 3 && one.ended, "an SLA ended by a run of unmeasured windows"),
            (
                one.result == 2 && one.penalty < one.due / 1_000_000 * u64::from(one.shortfall_ppm),
                "penalties that reach the cover",
            ),
        ],
        Event::CommitteeSeated(one) => &[(
            one.seats[..3].contains(&nobody) || one.seats[3] != nobody && one.seats[4] == nobody,
            "a committee with a vacant seat",
        )],
        Event::WindowContested(one) => &[(one.ended, "a contested window ends the SLA")],
        Event::SubmissionVoided(one) => &[
            ((1..=3).contains(&one.fraud), "a leaf malformed, foreign or outside its slice"),
            (one.fraud >= 4, "sums that do not add up"),
            (one.fraud == 0, "a leaf that stayed closed"),
        ],
        Event::DisputeEnded(one) => &[
            (one.ending == 0, "a dispute unanswered"),
            (one.ending == 1, "a dispute upheld"),
            (one.ending == 2, "a dispute rejected"),
        ],
        Event::SeatRedrawn(one) => &[
            (true, "a seat redrawn"),
            (one.first_window == VACANT, "a seat redrawn that stays vacant"),
            (one.before == nobody && one.after != nobody, "a vacant seat filled"),
            (one.absence > 0, "a leaver that pays its absence"),
            (one.before != nobody && one.released == 0, "a leaver whose cover stays in a round"),
        ],
        Event::RoundSeatFreed(one) => &[
            (true, "a former holder's account settled"),
            (one.absence > 0, "a former holder that owes"),
        ],
        Event::AbsenceCollected(_) => &[(true, "an absence collected")],
        Event::SlaExpired(_) => &[(true, "a proposal expired or a draw lapsed")],
        Event::SlaPushedOut(one) => &[
            (one.earnings > 0, "earnings pushed out"),
            (one.oracle_fees.iter().any(|fee| *fee > 0), "oracle fees pushed out"),
        ],
        Event::SlaClosed(one) => &[(one.surplus > 0, "a gift that went to the treasury")],
        _ => &[],
    };
    all.iter().filter(|(is_so, _)| *is_so).map(|(_, sight)| *sight).collect()
}
