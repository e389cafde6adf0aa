//! What a provider says of itself.

use flashback_core::text::padded_text;
use flashback_core::units::Timestamp;
use flashback_sdk::account::Provider;
use solana_sdk::pubkey::Pubkey;

use crate::act::Act;
use crate::output::{Fact, Report};

type Reading = fn(&Provider) -> Fact;

/// What its authority can change.
const DETAILS: [(&str, Reading); 5] = [
    ("payout", |provider| provider.payout.into()),
    ("region", |provider| Fact::region(&provider.region)),
    ("metadata_uri", |provider| padded_text(&provider.metadata_uri).into()),
    ("operator", |provider| operator(provider).into()),
    ("operator_until", |provider| {
        operator(provider).map(|_| Timestamp(provider.operator_expires_at)).into()
    }),
];

/// The operator that was named, whether its time is over or not.
pub fn operator(provider: &Provider) -> Option<Pubkey> {
    (provider.operator != Pubkey::default()).then_some(provider.operator)
}

/// Adds what its authority can change.
pub fn details(report: Report, provider: &Provider) -> Report {
    DETAILS.iter().fold(report, |report, (key, read)| report.fact(key, read(provider)))
}

/// Shows what of it changes.
pub fn compare(act: Act, address: Pubkey) -> Act {
    DETAILS.into_iter().fold(act, |act, (key, read)| act.compare(key, address, read))
}
