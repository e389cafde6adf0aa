//! How a service was, and what oracles make of it.

use solana_sdk::pubkey::Pubkey;

use crate::stateful::economy::Economy;
use crate::stateful::records::{Filed, Flaw, Place, Service};

/// How it was in a window: the same for everybody who looks.
fn truth(sla: &Pubkey, window: u16, probes: u32) -> Service {
    let bytes = sla.to_bytes();
    let figure = u32::from(bytes[0]) + 7 * u32::from(window) + u32::from(bytes[1]);
    match figure % 14 {
        0..4 => Service::Met,
        4..6 => Service::Excellent,
        6..8 => Service::Slow(1 + figure % 20),
        8 => Service::Down(probes),
        9 | 10 => Service::Down(1 + figure % probes),
        11 | 12 => Service::Failing(1 + figure % probes),
        _ => Service::Unknown,
    }
}

impl Economy {
    /// What an oracle submits of a window; most are honest. It is kept in the archive by whoever sends it.
    pub fn submission(&mut self, sla: &Pubkey, window: u16, oracle: &Pubkey) -> (Place, Filed) {
        let terms = self.books.slas[sla].body.terms;
        let place = (*sla, terms.start, window, *oracle);
        let truth = truth(sla, window, terms.probes);
        let services =
            [Service::Met, Service::Unknown, Service::Unwatched, Service::Down(terms.probes)];
        let (service, flaw) = match self.random.below(20) {
            0..12 => (truth, Flaw::None),
            12 | 13 => (self.random.one(&services), Flaw::None),
            14 | 15 => (truth, Flaw::Aggregate),
            16 => (self.random.one(&services), Flaw::OutsideSlice),
            17 => (truth, Flaw::Foreign),
            _ => (truth, Flaw::Withheld),
        };
        (place, Filed::new(&place, &terms, service, flaw))
    }
}
