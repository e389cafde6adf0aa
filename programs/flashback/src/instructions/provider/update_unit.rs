use flashback_core::sla::Offer;
use flashback_core::text::check_uri;
use flashback_core::units::Gib;

use crate::prelude::*;

/// What a unit is to be from now on; SLAs that run keep their terms.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct UpdateUnitArgs {
    /// Capacity, in GiB: at least what is reserved of it.
    pub capacity_gib: u64,
    /// What it offers. Its version is the next of the provider's, whatever stands here.
    pub offer: Offer,
    /// Protocols it speaks: 1 = S3, 2 = GCS, 4 = Azure Blob, added up.
    pub protocols: u8,
    /// The lowest certificate it asks of consumers, 1 to 4; 0: none.
    pub consumer_level: u8,
    /// Whether requests with the offer's own thresholds are agreed at once.
    pub auto_accept: bool,
    /// Where clients reach it: printable ASCII, at most 200 bytes.
    pub endpoint_uri: String,
}

#[derive(Accounts)]
#[instruction(args: UpdateUnitArgs)]
pub struct UpdateUnit<'info> {
    /// Pays for more room, if the endpoint needs it: for the good of who paid the unit's rent, who gets all of it back.
    #[account(mut)]
    pub payer: Signer<'info>,
    pub authority: Signer<'info>,
    #[account(mut, has_one = authority @ FlashbackError::Unauthorized)]
    pub provider: AccountLoader<'info, Provider>,
    #[account(
        mut, has_one = provider,
        // Never smaller: what it was made for belongs to who paid its rent.
        realloc = DataUnit::space(&args.endpoint_uri).max(unit.to_account_info().data_len()),
        realloc::payer = payer, realloc::zero = false,
    )]
    pub unit: Box<Account<'info, DataUnit>>,
    pub system_program: Program<'info, System>,
}

impl UpdateUnit<'_> {
    pub fn handle(ctx: Context<Self>, args: UpdateUnitArgs) -> Result<()> {
        check_uri(&args.endpoint_uri).or_refuse()?;
        DataUnit::check_reach(args.protocols, args.consumer_level)?;
        let unit = &mut ctx.accounts.unit;
        ensure(!unit.closing, CoreError::UnitClosing)?;
        let version = ctx.accounts.provider.load_mut()?.next_offer_version().or_refuse()?;
        let offer = Offer { version, ..args.offer };
        offer.check().or_refuse()?;
        let capacity = unit.capacity().resize(Gib(args.capacity_gib)).or_refuse()?;
        emit!(UnitUpdated {
            unit: unit.key(),
            capacity_gib_before: unit.capacity_gib,
            capacity_gib_after: capacity.total.0,
            price_before: unit.offer.price_per_gib_month,
            price_after: offer.price_per_gib_month,
            offer_version_before: unit.offer.version,
            offer_version_after: version,
            auto_accept: args.auto_accept,
        });
        unit.capacity_gib = capacity.total.0;
        unit.offer = offer;
        unit.protocols = args.protocols;
        unit.consumer_level = args.consumer_level;
        unit.auto_accept = args.auto_accept;
        unit.endpoint_uri = args.endpoint_uri;
        Ok(())
    }
}
