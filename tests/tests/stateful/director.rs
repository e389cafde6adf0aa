//! Who tries what next.

use flashback_core::sla::SlaState;

use super::acts::{PLANS, Plan, committee, contest, gifts, oracle, proposal, sla};
use super::economy::{Act, Economy};
use super::random::Random;

/// In so many cases out of a hundred something is bent.
const BENT: u64 = 8;

/// How much a sequence likes each instruction: sequences differ, so that each goes far in its own direction (A. Groce et
/// al., "Swarm testing", ISSTA 2012).
pub struct Mood(Vec<u64>);

impl Mood {
    pub fn new(random: &mut Random) -> Self {
        Self(PLANS.iter().map(|(_, weight, _)| weight * random.one(&[1, 2, 2, 6])).collect())
    }
}

/// Tries one instruction.
pub fn step(e: &mut Economy, mood: &Mood) {
    gifts::happen(e);
    let mut act = match urgent(e) {
        Some(act) => act,
        None => choose(e, mood),
    };
    if e.random.chance(BENT) {
        act = e.bend(act);
    }
    let _ = e.attempt(&act);
}

/// Something that is not to be missed.
struct Occasion {
    arises: fn(&Economy) -> bool,
    /// In so many cases out of a hundred one of the plans is tried.
    percent: u64,
    plans: &'static [Plan],
}

/// Draws lapse within minutes, phases are short, and without SLAs little happens at all.
const OCCASIONS: &[Occasion] = &[
    Occasion { arises: awaits_committee, percent: 80, plans: &[committee::seat_soon] },
    Occasion { arises: awaits_redraw, percent: 70, plans: &[committee::redraw_soon] },
    Occasion { arises: is_reporting, percent: 90, plans: oracle::REPORTING },
    Occasion { arises: can_be_contested, percent: 55, plans: contest::OPENING },
    Occasion { arises: is_contested, percent: 35, plans: contest::GOING_ON },
    Occasion { arises: oracle::is_owed_absence, percent: 25, plans: oracle::MISSING },
    Occasion { arises: is_short_of_oracles, percent: 25, plans: oracle::COMING },
    Occasion { arises: is_idle, percent: 60, plans: proposal::AGREEING },
];

/// What an occasion suggests.
fn urgent(e: &mut Economy) -> Option<Act> {
    for Occasion { arises, percent, plans } in OCCASIONS {
        if arises(e) && e.random.chance(*percent) {
            let plan = e.random.one(plans);
            if let Some(act) = plan(e).filter(Act::can_be_signed) {
                return Some(act);
            }
        }
    }
    None
}

fn is_short_of_oracles(e: &Economy) -> bool {
    e.books.oracles.values().filter(|one| one.serves()).count() < 9
}

fn is_idle(e: &Economy) -> bool {
    let running = e.books.slas.values().filter(|one| !sla::is(one, SlaState::Ended));
    running.count() < 3 && e.chain.now().0 >= e.books.config().paused_until
}

fn awaits_committee(e: &Economy) -> bool {
    !committee::awaiting_draw(e, SlaState::Agreed).is_empty()
}

fn awaits_redraw(e: &Economy) -> bool {
    !committee::awaiting_draw(e, SlaState::Active).is_empty()
}

fn is_reporting(e: &Economy) -> bool {
    !oracle::reportable(e).is_empty()
}

fn can_be_contested(e: &Economy) -> bool {
    contest::places(e).iter().any(|one| contest::can_contest(e, &one.sla, one.window))
}

fn is_contested(e: &Economy) -> bool {
    !e.books.rounds.is_empty()
}

/// An instruction that is liked, seldom done so far, and about something that exists.
fn choose(e: &mut Economy, mood: &Mood) -> Act {
    if e.random.chance(40) {
        e.time_passes();
    }
    loop {
        let mut weights: Vec<_> = PLANS
            .iter()
            .zip(&mood.0)
            .map(|((name, ..), liked)| 100 * liked / (2 + u64::from(e.tally.of(name).steps)))
            .collect();
        // A handful of tries: where little can be done, time is what is missing.
        for _ in 0..12 {
            let Some(place) = e.random.weighed(&weights) else { break };
            let (_, _, plan) = PLANS[place];
            if let Some(act) = plan(e).filter(Act::can_be_signed) {
                return act;
            }
            weights[place] = 0;
        }
        e.time_passes();
    }
}
