use flashback_core::admission::check_not_paused;
use flashback_core::sla::{Quote, Request};
use flashback_core::units::Seconds;

use super::agreement::{Agreement, emit_agreed};
use crate::prelude::*;

/// A reservation.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct ProposeSlaArgs {
    /// The consumer's number for it: one that no SLA of its has that is not closed.
    pub id: u64,
    /// Who may terminate and dispute for the consumer; the default key: nobody.
    pub delegate: Pubkey,
    /// What is asked for.
    pub request: Request,
}

#[derive(Accounts)]
#[instruction(args: ProposeSlaArgs)]
pub struct ProposeSla<'info> {
    /// Pays the rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    pub consumer: Signer<'info>,
    /// The SPL Token program lets it pay only if the consumer may.
    #[account(mut)]
    pub consumer_token: Box<Account<'info, TokenAccount>>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump, has_one = flash_mint)]
    pub config: Box<Account<'info, Config>>,
    pub flash_mint: Box<Account<'info, Mint>>,
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
            && consumer_certificate.subject == consumer.key() @ FlashbackError::CertificateMissing,
    )]
    pub consumer_certificate: Option<Box<Account<'info, Certificate>>>,
    #[account(mut, has_one = provider)]
    pub unit: Box<Account<'info, DataUnit>>,
    #[account(
        init, payer = payer, space = Sla::SPACE,
        seeds = [seeds::SLA, consumer.key().as_ref(), &args.id.to_le_bytes()], bump,
    )]
    pub sla: AccountLoader<'info, Sla>,
    #[account(
        init, payer = payer, seeds = [seeds::ESCROW, sla.key().as_ref()], bump,
        token::mint = flash_mint, token::authority = escrow,
    )]
    pub escrow: Box<Account<'info, TokenAccount>>,
    #[account(seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: AccountLoader<'info, OracleRegistry>,
    pub token_program: Program<'info, Token>,
    pub system_program: Program<'info, System>,
}

impl ProposeSla<'_> {
    pub fn handle(ctx: Context<Self>, args: ProposeSlaArgs) -> Result<()> {
        let accounts = ctx.accounts;
        let clock = Clock::get()?;
        let now = Timestamp(clock.unix_timestamp);
        let (config, unit) = (&accounts.config, &mut accounts.unit);
        check_not_paused(Timestamp(config.paused_until), now).or_refuse()?;
        ensure(!unit.closing, CoreError::UnitClosing)?;
        let window_min = Seconds(config.window_min_secs);
        let quote =
            Quote::new(&config.params, &unit.offer, &args.request, window_min).or_refuse()?;
        let at_once = unit.auto_accept && args.request.thresholds == unit.offer.thresholds;
        let body = match at_once {
            true => quote.agreed(clock.slot, now),
            false => quote.proposed(now, Seconds(config.params.acceptance_secs)).or_refuse()?,
        };
        let sla = Sla {
            version: VERSION,
            bump: ctx.bumps.sla,
            escrow_bump: ctx.bumps.escrow,
            treasury_bump: config.treasury_bump,
            unit_listed_at: unit.listed_stamp(),
            id: args.id,
            consumer: accounts.consumer.key(),
            delegate: args.delegate,
            rent_payer: accounts.payer.key(),
            provider: accounts.provider.key(),
            unit_id: unit.id,
            seats: Default::default(),
            body,
        };
        if at_once {
            let agreement = Agreement {
                config,
                provider_certificate: &accounts.provider_certificate,
                consumer_certificate: accounts.consumer_certificate.as_deref().map(|one| &**one),
                registry: &accounts.registry,
                consumer: sla.consumer,
                terms: &quote.terms,
                clock: &clock,
            };
            let mut provider = accounts.provider.load_mut()?;
            agreement.take(&mut provider, unit)?;
            emit_agreed(accounts.sla.key(), &sla, &provider, unit);
        } else {
            emit!(SlaProposed {
                sla: accounts.sla.key(),
                id: sla.id,
                consumer: sla.consumer,
                provider: sla.provider,
                unit_id: sla.unit_id,
                offer_version: unit.offer.version,
                gib: quote.terms.gib,
                price: quote.terms.price,
                fee_reserve: quote.fee_reserve.0,
                cover: quote.terms.cover,
                deadline: body.progress.deadline,
            });
        }
        *accounts.sla.load_init()? = sla;
        token::deposit(
            &accounts.token_program,
            &accounts.consumer_token,
            &accounts.escrow,
            &accounts.consumer,
            quote.deposit,
        )?;
        sla.invariant()
    }
}
