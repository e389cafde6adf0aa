//! Waiting for what an SLA does next.

use flashback_core::quality::Aggregate;
use flashback_core::units::Timestamp;

use super::World;

impl World {
    /// Waits until the draw's slot hash exists.
    pub fn wait_until_draw(&mut self) {
        let first = self.sla().body.progress.draw_slot + 1;
        self.chain.wait_slots(first.saturating_sub(self.chain.slot()));
    }

    /// Waits until a window has ended and can be reported.
    pub fn wait_until_reports(&mut self, window: u16) {
        self.wait(self.terms().report_opens(window).expect("a time"));
    }

    /// Waits until a window's reports are closed and it can be contested.
    pub fn wait_until_challenges(&mut self, window: u16) {
        self.wait(self.terms().report_closes(window).expect("a time"));
    }

    /// Waits that many seconds.
    pub fn wait_secs(&mut self, secs: u64) {
        self.wait(self.chain.now().after(secs).expect("a time"));
    }

    /// Waits until a window can be settled.
    pub fn wait_until_settleable(&mut self, window: u16) {
        self.wait(self.terms().settles_at(window).expect("a time"));
    }

    /// Waits until a time; does nothing if it has passed.
    pub fn wait(&mut self, until: Timestamp) {
        self.chain.wait_until(until.max(self.chain.now()));
    }

    /// Waits for a window's report phase, in which each seat reports what is given for it, or nothing.
    pub fn reports<const N: usize>(&mut self, window: u16, aggregates: [Option<Aggregate>; N]) {
        self.wait_until_reports(window);
        for (seat, aggregate) in aggregates.into_iter().enumerate() {
            if let Some(aggregate) = aggregate {
                self.seat(seat).reports(window, aggregate).succeeds();
            }
        }
    }
}
