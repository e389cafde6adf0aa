//! What makes a reservation an agreed SLA, whether at once or by the provider's word.

use flashback_core::admission::Admission;
use flashback_core::committee::{Eligibility, check_enough};
use flashback_core::sla::SlaTerms;
use flashback_core::units::Gib;

use crate::prelude::*;

/// Everything that has to stand on the day on which an SLA is agreed.
pub struct Agreement<'a, 'info> {
    pub config: &'a Config,
    pub provider_certificate: &'a Certificate,
    pub consumer_certificate: Option<&'a Certificate>,
    pub registry: &'a AccountLoader<'info, OracleRegistry>,
    pub consumer: Pubkey,
    pub terms: &'a SlaTerms,
    pub clock: &'a Clock,
}

impl Agreement<'_, '_> {
    /// Checks all of it, and takes capacity and cover.
    pub fn take(&self, provider: &mut Provider, unit: &mut DataUnit) -> Result<()> {
        let now = Timestamp(self.clock.unix_timestamp);
        let admission = Admission {
            paused_until: Timestamp(self.config.paused_until),
            unit_closing: unit.closing,
            provider: self.provider_certificate.certification(),
            bonded: Atoms(provider.stake.bonded),
            min_stake: Atoms(self.config.params.min_stake),
            consumer_level: unit.consumer_level,
            consumer: self.consumer_certificate.map(Certificate::certification),
        };
        admission.check(now).or_refuse()?;
        unit.take(Gib(self.terms.gib)).or_refuse()?;
        self.check_oracles(provider, now)?;
        provider.stake.cover(Atoms(self.terms.cover)).or_refuse()?;
        provider.live_slas = provider.live_slas.saturating_add(1);
        provider.open_slas = provider.open_slas.saturating_add(1);
        provider.stake.check().or_refuse()
    }

    /// Checks that enough oracles could be drawn for the committee.
    fn check_oracles(&self, provider: &Provider, now: Timestamp) -> Result<()> {
        let excluded = Sla::parties(&self.consumer, provider);
        let cover = self.terms.seat_cover().and_then(|cover| cover.total()).or_refuse()?;
        let eligibility = Eligibility { joined_before: self.clock.slot, now, excluded: &excluded };
        let entries = OracleRegistry::read(self.registry)?;
        let seats = self.terms.committee().or_refuse()?;
        check_enough(OracleRegistry::candidates(&entries), &eligibility, cover, seats).or_refuse()
    }
}

/// Emits that an SLA was agreed.
pub fn emit_agreed(address: Pubkey, sla: &Sla, provider: &Provider, unit: &DataUnit) {
    emit!(SlaAgreed {
        sla: address,
        id: sla.id,
        consumer: sla.consumer,
        provider: sla.provider,
        unit_id: sla.unit_id,
        gib: sla.body.terms.gib,
        price: sla.body.terms.price,
        cover: sla.body.terms.cover,
        deposit: sla.body.money.unallocated,
        draw_slot: sla.body.progress.draw_slot,
        unit_taken_gib: unit.taken_gib,
        provider_covered: provider.stake.covered,
    });
}
