use anchor_lang::prelude::*;
use anchor_spl::token::{Mint, Token, TokenAccount};
use flashback_core::committee::{Eligibility, check_enough};
use flashback_core::seeds;
use flashback_core::sla::{Quote, Request};
use flashback_core::units::{Atoms, Seconds, Timestamp};

use crate::error::FlashbackError;
use crate::events::SlaAgreed;
use crate::state::{
    Certificate, Config, DataUnit, OracleRegistry, Provider, Sla, SubjectKind, VERSION,
};
use crate::token;

/// A reservation.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct ProposeSlaArgs {
    /// The consumer's number for it.
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
    fn validate(&self, args: &ProposeSlaArgs, now: Timestamp) -> Result<()> {
        self.config.check_not_paused(now).map_err(FlashbackError::from)?;
        self.provider_certificate.check(1, now).map_err(FlashbackError::from)?;
        let level = self.unit.consumer_level;
        if level > 0 {
            let certificate = self.consumer_certificate.as_ref();
            let certificate = certificate.ok_or(FlashbackError::CertificateMissing)?;
            certificate.check(level, now).map_err(FlashbackError::from)?;
        }
        require!(self.unit.auto_accept, FlashbackError::UnitNeedsAcceptance);
        let offered = args.request.thresholds == self.unit.offer.thresholds;
        require!(offered, FlashbackError::ThresholdsNotOffered);
        Ok(())
    }

    /// Checks that enough oracles could be drawn for the committee.
    fn check_oracles(&self, quote: &Quote, clock: &Clock) -> Result<()> {
        let excluded = Sla::parties(&self.consumer.key(), &*self.provider.load()?);
        let eligibility = Eligibility {
            joined_before: clock.slot,
            now: Timestamp(clock.unix_timestamp),
            cover: quote.seat_cover.total().map_err(FlashbackError::from)?,
            excluded: &excluded,
        };
        let entries = OracleRegistry::read(&self.registry)?;
        let seats = quote.terms.committee().map_err(FlashbackError::from)?;
        check_enough(OracleRegistry::candidates(&entries), &eligibility, seats)
            .map_err(FlashbackError::from)?;
        Ok(())
    }

    pub fn handle(ctx: Context<Self>, args: ProposeSlaArgs) -> Result<()> {
        let clock = Clock::get()?;
        ctx.accounts.validate(&args, Timestamp(clock.unix_timestamp))?;
        let accounts = ctx.accounts;
        let config = &accounts.config;
        let window_min = Seconds(config.window_min_secs);
        let quote = Quote::new(&config.params, &accounts.unit.offer, &args.request, window_min)
            .map_err(FlashbackError::from)?;
        accounts.unit.take(args.request.gib).map_err(FlashbackError::from)?;
        accounts.check_oracles(&quote, &clock)?;
        let mut provider = accounts.provider.load_mut()?;
        provider.stake.cover(Atoms(quote.terms.cover)).map_err(FlashbackError::from)?;
        provider.live_slas = provider.live_slas.saturating_add(1);

        let provider_covered = provider.stake.covered;
        drop(provider);

        let body = quote.agreed(clock.slot);
        *accounts.sla.load_init()? = Sla {
            version: VERSION,
            bump: ctx.bumps.sla,
            escrow_bump: ctx.bumps.escrow,
            treasury_bump: accounts.config.treasury_bump,
            reserved: [0; 4],
            id: args.id,
            consumer: accounts.consumer.key(),
            delegate: args.delegate,
            rent_payer: accounts.payer.key(),
            provider: accounts.provider.key(),
            unit_id: accounts.unit.id,
            seats: Default::default(),
            body,
        };
        token::deposit(
            &accounts.token_program,
            &accounts.consumer_token,
            &accounts.escrow,
            &accounts.consumer,
            quote.deposit,
        )?;
        emit!(SlaAgreed {
            sla: accounts.sla.key(),
            id: args.id,
            consumer: accounts.consumer.key(),
            provider: accounts.provider.key(),
            unit_id: accounts.unit.id,
            offer_version: accounts.unit.offer.version,
            price_per_gib_month: accounts.unit.offer.price_per_gib_month,
            gib: args.request.gib,
            price: quote.terms.price,
            fee_reserve: quote.fee_reserve.0,
            cover: quote.terms.cover,
            draw_slot: body.progress.draw_slot,
            unit_taken_gib: accounts.unit.taken_gib,
            provider_covered,
        });
        Ok(())
    }
}
