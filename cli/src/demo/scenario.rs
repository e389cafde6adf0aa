//! What happens in the demo: its inputs, and nothing that a chain said.

use flashback_core::params::Params;
use flashback_core::quality::Thresholds;
use flashback_core::sla::{Offer, Request};
use flashback_core::units::{ATOMS_PER_FLASH, Atoms, DAY};

use super::records::Service;

/// What the consumer has to spend.
pub const FUNDS: Atoms = Atoms(100 * ATOMS_PER_FLASH);
/// What each provider and oracle stakes.
pub const STAKE: Atoms = Atoms(2_000 * ATOMS_PER_FLASH);
/// What each provider and the auditor have to pay bonds with.
pub const POCKET: Atoms = Atoms(10 * ATOMS_PER_FLASH);
/// The consumer.
pub const CONSUMER: &str = "consumer";
/// Somebody who reads what oracles publish, and gains by finding what is wrong.
pub const AUDITOR: &str = "auditor";
/// The providers, who promise the same at the same price.
pub const PROVIDERS: [&str; 3] = ["provider-good", "provider-fair", "provider-bad"];
/// The oracles: three seats for each SLA, and the two more that a redraw would need.
pub const ORACLES: [&str; 5] = ["oracle-1", "oracle-2", "oracle-3", "oracle-4", "oracle-5"];
/// Days of every reservation, a window each.
pub const WEEK: u16 = 7;
/// Capacity of each unit, in GiB.
pub const CAPACITY_GIB: u64 = 16 * 1024;
/// Probes of one oracle in a window: one every five minutes.
pub const PROBES: u32 = DAY / PROBE_SECS;
const PROBE_SECS: u32 = 300;

/// The SLAs of the one consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sla {
    /// At the good provider.
    Good,
    /// At the mediocre one.
    Fair,
    /// At the bad one.
    Bad,
    /// At the good one again, after the first has ended.
    Renewed,
}

/// What a window is like, and what its oracles make of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Every oracle reports this service.
    Seen(Service),
    /// Of an ordinary service only the first seat's oracle reports.
    Silent,
    /// An ordinary service; seats 0 and 1 measure it over one congested line, which is slow by so many percent.
    CongestedLine(u32),
    /// An excellent service; [`LIAR`] reports it as slow, which its own records contradict.
    Lie,
    /// A service that is slow by so many percent; [`PRETENDER`] reports it as ordinary and has no records at all.
    Pretence(u32),
}

/// What a seat reports of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// Nothing.
    None,
    /// What its records add up to.
    Honest(Service),
    /// Something else than its records add up to.
    Lie { recorded: Service, claimed: Service },
    /// Something of which it has no records.
    Baseless(Service),
}

/// A seat's report of a window of an SLA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Submission {
    /// The SLA.
    pub sla: Sla,
    /// The window.
    pub window: u16,
    /// The seat.
    pub seat: u8,
}

/// What somebody does about a window, besides reporting and settling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The auditor challenges a seat to open a leaf.
    Challenge(Submission),
    /// The oracle opens it.
    Open(Submission),
    /// Nobody opened it in time.
    ExpireChallenge(Submission),
    /// The auditor proves a submission wrong.
    ProveFraud(Submission),
    /// The provider disputes a window.
    Dispute(Sla, u16),
    /// The arbiter leaves a submission out.
    LeaveOut(Submission),
    /// Anyone settles a contested window.
    SettleRound(Sla, u16),
    /// The consumer ends the SLA early.
    Terminate(Sla),
}

/// The seat that lies in a window of [`Window::Lie`].
pub const LIAR: Submission = Submission { sla: Sla::Good, window: 4, seat: 2 };
/// The seat that reports without records in a window of [`Window::Pretence`].
pub const PRETENDER: Submission = Submission { sla: Sla::Fair, window: 4, seat: 1 };
/// An honest seat that is challenged.
const CHALLENGED: Submission = Submission { sla: Sla::Good, window: 2, seat: 0 };
/// The seat that the arbiter leaves out, of the two on the congested line.
const LEFT_OUT: Submission = Submission { sla: Sla::Fair, window: 3, seat: 0 };
/// The leaf that is challenged: a probing round at noon.
pub const LEAF: u32 = PROBES / 2;

impl Sla {
    /// All of them, in the order of their numbers.
    pub const ALL: [Sla; 4] = [Sla::Good, Sla::Fair, Sla::Bad, Sla::Renewed];
    /// Those of the first week, whose windows coincide.
    pub const FIRST_WEEK: [Sla; 3] = [Sla::Good, Sla::Fair, Sla::Bad];

    /// The provider's name.
    pub fn provider(self) -> &'static str {
        let [good, fair, bad] = PROVIDERS;
        match self {
            Sla::Good | Sla::Renewed => good,
            Sla::Fair => fair,
            Sla::Bad => bad,
        }
    }

    /// The consumer's number of it.
    pub fn number(self) -> u64 {
        match self {
            Sla::Good => 1,
            Sla::Fair => 2,
            Sla::Bad => 3,
            Sla::Renewed => 4,
        }
    }

    /// How each of its windows is, up to its end.
    pub fn windows(self) -> &'static [Window] {
        use Service::{Down, Excellent, Ordinary, Refused, Slow};
        use Window::{CongestedLine, Lie, Pretence, Seen, Silent};
        const GOOD: Window = Seen(Excellent);
        const MET: Window = Seen(Ordinary);
        match self {
            Sla::Good => &[GOOD, GOOD, GOOD, GOOD, Lie, GOOD, GOOD],
            Sla::Fair => &[MET, Seen(Slow(8)), Silent, CongestedLine(5), Pretence(5), MET, MET],
            // The consumer ends it after the third; the fourth had begun by then.
            Sla::Bad => &[Seen(Slow(8)), Seen(Down(30)), Seen(Refused), Seen(Slow(15))],
            Sla::Renewed => &[GOOD; 7],
        }
    }

    /// How a window is; `None` after its end.
    pub fn window(self, k: u16) -> Option<Window> {
        self.windows().get(usize::from(k)).copied()
    }
}

impl Submission {
    /// What it says.
    pub fn report(&self) -> Report {
        use Service::{Excellent, Ordinary, Slow};
        let Some(window) = self.sla.window(self.window) else { return Report::None };
        match window {
            Window::Seen(service) => Report::Honest(service),
            Window::Silent if self.seat > 0 => Report::None,
            Window::Silent => Report::Honest(Ordinary),
            Window::CongestedLine(percent) if self.seat < 2 => Report::Honest(Slow(percent)),
            Window::CongestedLine(_) => Report::Honest(Ordinary),
            Window::Lie if self.seat == LIAR.seat => {
                Report::Lie { recorded: Excellent, claimed: Slow(20) }
            }
            Window::Lie => Report::Honest(Excellent),
            Window::Pretence(_) if self.seat == PRETENDER.seat => Report::Baseless(Ordinary),
            Window::Pretence(percent) => Report::Honest(Slow(percent)),
        }
    }
}

/// What is done in the challenge phase of a day's windows in the first week.
pub fn contests(day: u16) -> &'static [Act] {
    match day {
        2 => &[Act::Challenge(CHALLENGED), Act::Open(CHALLENGED)],
        3 => &[Act::Dispute(Sla::Fair, 3)],
        4 => &[Act::ProveFraud(LIAR), Act::Challenge(PRETENDER)],
        _ => &[],
    }
}

/// What is done after a day's windows are settled in the first week. A ruling takes a day, and so does silence.
pub fn aftermath(day: u16) -> &'static [Act] {
    match day {
        2 => &[Act::SettleRound(Sla::Good, 2), Act::Terminate(Sla::Bad)],
        4 => &[Act::LeaveOut(LEFT_OUT), Act::SettleRound(Sla::Fair, 3)],
        5 => &[Act::ExpireChallenge(PRETENDER), Act::SettleRound(Sla::Fair, 4)],
        _ => &[],
    }
}

/// What the units promise, and what it costs.
pub fn offer() -> Offer {
    Offer {
        price_per_gib_month: ATOMS_PER_FLASH / 50,
        version: 1,
        min_duration_secs: DAY,
        max_duration_secs: 365 * DAY,
        probe_interval_secs: PROBE_SECS,
        thresholds: Thresholds {
            uptime_failures_ppm: 1_000,
            errors_ppm: 5_000,
            latency_us: 50_000,
            upload_kib_s: 10_240,
            download_kib_s: 20_480,
        },
    }
}

/// What the consumer asks for: 1 TiB for seven daily windows, judged by three oracles.
pub fn request() -> Request {
    Request {
        gib: 1024,
        max_total: 5 * ATOMS_PER_FLASH,
        offer_version: 1,
        window_secs: DAY,
        windows: WEEK,
        seats: 3,
        thresholds: offer().thresholds,
    }
}

/// The protocol's parameters: the defaults.
pub fn params() -> Params {
    Params::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_week_has_its_windows_and_what_is_contested_is_what_is_wrong() {
        for sla in [Sla::Good, Sla::Fair, Sla::Renewed] {
            assert_eq!(sla.windows().len(), usize::from(WEEK));
        }
        assert!(matches!(LIAR.report(), Report::Lie { .. }));
        assert!(matches!(PRETENDER.report(), Report::Baseless(_)));
        assert!(matches!(CHALLENGED.report(), Report::Honest(_)));
        let disputed = LEFT_OUT.sla.window(LEFT_OUT.window);
        assert!(matches!(disputed, Some(Window::CongestedLine(_))), "{disputed:?}");
    }
}
