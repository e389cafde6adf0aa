use flashback_core::reputation::Score;
use flashback_core::sla::Offer;
use flashback_core::text::{REGION_SIZE, check_region, check_uri};

use crate::prelude::*;

/// A data unit's details.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct CreateUnitArgs {
    /// The provider's number for it.
    pub id: u64,
    /// Capacity, in GiB.
    pub capacity_gib: u64,
    /// What it offers. Its version is the next of the provider's, whatever stands here.
    pub offer: Offer,
    /// Protocols it speaks: 1 = S3, 2 = GCS, 4 = Azure Blob, added up.
    pub protocols: u8,
    /// The lowest certificate it asks of consumers, 1 to 4; 0: none.
    pub consumer_level: u8,
    /// Whether requests with the offer's own thresholds are agreed at once.
    pub auto_accept: bool,
    /// Where it is: printable ASCII, padded with zeros.
    pub region: [u8; REGION_SIZE],
    /// Where clients reach it: printable ASCII, at most 200 bytes.
    pub endpoint_uri: String,
}

#[derive(Accounts)]
#[instruction(args: CreateUnitArgs)]
pub struct CreateUnit<'info> {
    /// Pays the rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    pub authority: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Box<Account<'info, Config>>,
    #[account(
        mut, seeds = [seeds::PROVIDER, authority.key().as_ref()], bump = provider.load()?.bump,
        has_one = authority @ FlashbackError::Unauthorized,
    )]
    pub provider: AccountLoader<'info, Provider>,
    #[account(
        seeds = [seeds::CERTIFICATE, SubjectKind::Provider.seed().as_ref(), authority.key().as_ref()],
        bump = certificate.bump,
    )]
    pub certificate: Box<Account<'info, Certificate>>,
    #[account(
        init, payer = payer, space = DataUnit::space(&args.endpoint_uri),
        seeds = [seeds::UNIT, provider.key().as_ref(), &args.id.to_le_bytes()], bump,
    )]
    pub unit: Box<Account<'info, DataUnit>>,
    pub system_program: Program<'info, System>,
}

impl CreateUnit<'_> {
    fn validate(&self, args: &CreateUnitArgs) -> Result<()> {
        check_region(&args.region).or_refuse()?;
        check_uri(&args.endpoint_uri).or_refuse()?;
        args.offer.check().or_refuse()?;
        ensure(args.capacity_gib > 0, CoreError::CapacityZero)?;
        DataUnit::check_reach(args.protocols, args.consumer_level)?;
        let bonded = self.provider.load()?.stake.bonded;
        ensure(bonded >= self.config.params.min_stake, CoreError::StakeTooSmall)?;
        self.certificate.certification().check(1, chain::now()?).or_refuse()?;
        Ok(())
    }

    pub fn handle(ctx: Context<Self>, args: CreateUnitArgs) -> Result<()> {
        ctx.accounts.validate(&args)?;
        let accounts = ctx.accounts;
        let now = chain::now()?;
        let mut provider = accounts.provider.load_mut()?;
        let offer = Offer { version: provider.next_offer_version().or_refuse()?, ..args.offer };
        // A bad score cannot be laundered by a new unit.
        let score = Score::of_new_unit(provider.score_milli(), now);
        provider.unit_count =
            provider.unit_count.checked_add(1).ok_or(CoreError::ArithmeticOverflow).or_refuse()?;
        provider.listed_units = provider.listed_units.saturating_add(1);
        provider.score_sum_milli = provider.score_sum_milli.saturating_add(u64::from(score.milli));
        emit!(UnitListed {
            unit: accounts.unit.key(),
            provider: accounts.provider.key(),
            id: args.id,
            capacity_gib: args.capacity_gib,
            price_per_gib_month: args.offer.price_per_gib_month,
            offer_version: offer.version,
        });
        accounts.unit.set_inner(DataUnit {
            version: VERSION,
            bump: ctx.bumps.unit,
            protocols: args.protocols,
            consumer_level: args.consumer_level,
            auto_accept: args.auto_accept,
            closing: false,
            flags: [0; 2],
            region: args.region,
            provider: accounts.provider.key(),
            id: args.id,
            rent_payer: accounts.payer.key(),
            capacity_gib: args.capacity_gib,
            taken_gib: 0,
            live_slas: 0,
            offer,
            score,
            maintenance: Default::default(),
            boost: 0,
            boosted_at: 0,
            listed_at: now.0,
            reserved: [0; 64],
            endpoint_uri: args.endpoint_uri,
        });
        Ok(())
    }
}
