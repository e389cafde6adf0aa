use flashback_core::params::Params;
use flashback_core::sla::{Quote, Request};
use flashback_core::units::{Seconds, Timestamp};
use flashback_sdk::account::FlashbackAccount;

use super::*;

mod wrong_input;

/// An account of zeros.
pub fn zeroed<T: FlashbackAccount>() -> T {
    T::decode_body(&vec![0; size_of::<T>()]).unwrap()
}

/// An SLA of so many daily windows and three seats that begins at `start`; at 0, one that waits for its committee.
pub fn active(windows: u16, start: i64) -> SlaBody {
    let offer = flashback_localnet::default_offer();
    let request = Request {
        gib: 1024,
        max_total: u64::MAX,
        offer_version: offer.version,
        window_secs: 86_400,
        windows,
        seats: 3,
        thresholds: offer.thresholds,
    };
    let quote = Quote::new(&Params::default(), &offer, &request, Seconds(3_600)).unwrap();
    let mut body = quote.agreed(100, Timestamp(0));
    if start > 0 {
        body.seat(Timestamp(start - i64::from(body.terms.access_delay_secs))).unwrap();
    }
    body
}

#[test]
fn a_wrong_state_is_named() {
    let body = active(3, 0);
    require(&body, SlaState::Agreed).unwrap();
    let refused = require(&body, SlaState::Ended).unwrap_err();
    assert_eq!(refused.to_string(), "this SLA is agreed, and waits for its committee");
    let cause = refused.chain().find_map(|cause| cause.downcast_ref::<Error>());
    assert_eq!(cause.and_then(Error::core), Some(CoreError::StateInvalid));
}

#[test]
fn figures_are_told_of_the_refusal_that_they_decided() {
    let said = |refused| because(CoreError::NotExpired, || "until noon".to_owned())(refused);
    assert_eq!(said(CoreError::NotExpired).to_string(), "until noon");
    let other = said(CoreError::AlreadyDisputed);
    assert_eq!(other.to_string(), CoreError::AlreadyDisputed.to_string());
    for refused in [said(CoreError::NotExpired), other] {
        assert!(refused.chain().any(|cause| cause.is::<Error>()), "it keeps its exit code");
    }
}
