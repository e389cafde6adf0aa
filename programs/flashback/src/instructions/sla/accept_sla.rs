use super::agreement::{Agreement, emit_agreed};
use crate::prelude::*;

#[derive(Accounts)]
pub struct AcceptSla<'info> {
    /// The provider's authority, or its operator.
    pub signer: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Box<Account<'info, Config>>,
    #[account(mut)]
    pub provider: AccountLoader<'info, Provider>,
    #[account(
        constraint = provider_certificate.kind == SubjectKind::Provider
            && provider_certificate.subject == provider.load()?.authority @ FlashbackError::CertificateMissing,
    )]
    pub provider_certificate: Box<Account<'info, Certificate>>,
    /// Needed if the unit asks for one.
    #[account(
        constraint = consumer_certificate.kind == SubjectKind::Consumer
            && consumer_certificate.subject == sla.load()?.consumer @ FlashbackError::CertificateMissing,
    )]
    pub consumer_certificate: Option<Box<Account<'info, Certificate>>>,
    #[account(mut, has_one = provider, constraint = sla.load()?.is_of(&unit) @ FlashbackError::AccountMismatch)]
    pub unit: Box<Account<'info, DataUnit>>,
    #[account(mut, has_one = provider)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: AccountLoader<'info, OracleRegistry>,
}

impl AcceptSla<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let accounts = ctx.accounts;
        let clock = Clock::get()?;
        let now = Timestamp(clock.unix_timestamp);
        let mut provider = accounts.provider.load_mut()?;
        provider.check_operates(accounts.signer.key, now)?;
        let mut sla = accounts.sla.load_mut()?;
        sla.body.accept(clock.slot, now).or_refuse()?;
        let agreement = Agreement {
            config: &accounts.config,
            provider_certificate: &accounts.provider_certificate,
            consumer_certificate: accounts.consumer_certificate.as_deref().map(|one| &**one),
            registry: &accounts.registry,
            consumer: sla.consumer,
            terms: &sla.body.terms,
            clock: &clock,
        };
        agreement.take(&mut provider, &mut accounts.unit)?;
        emit_agreed(accounts.sla.key(), &sla, &provider, &accounts.unit);
        sla.invariant()
    }
}
