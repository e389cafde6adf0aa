//! Money out of escrows, and into them.

use flashback_sdk::instruction as build;
use solana_sdk::pubkey::Pubkey;

use crate::stateful::cast::{CAST, purse};
use crate::stateful::economy::{Act, Economy};
use flashback_tests::chain::Chain;

pub fn withdraw_earnings(e: &mut Economy) -> Option<Act> {
    let (at, sla) = e.some_sla(|_, _, sla| sla.body.money.earned > 0)?;
    let signer = e.operator_of(&sla.provider)?;
    let payout = e.books.providers.get(&sla.provider)?.payout;
    let paid = build::withdraw_earnings(signer, sla.provider, at, purse(&payout));
    Some(Act::new(paid))
}

pub fn withdraw_refund(e: &mut Economy) -> Option<Act> {
    let (at, sla) = e.some_sla(|_, _, sla| sla.body.money.refundable > 0)?;
    let to = e.somewhere(&sla.consumer);
    Some(Act::new(build::withdraw_refund(sla.consumer, at, to)))
}

pub fn claim_oracle_fees(e: &mut Economy) -> Option<Act> {
    let (at, sla) = e.some_sla(|_, _, sla| sla.body.seats.fees.iter().any(|fee| *fee > 0))?;
    let careless = e.is_careless();
    let seats = (0u8..).zip(sla.seats).filter(|(seat, key)| {
        let fee = sla.body.seats.fees[usize::from(*seat)];
        *key != Pubkey::default() && (careless || fee > 0)
    });
    let (seat, key) = e.random.pick(&seats.collect::<Vec<_>>())?;
    let to = e.somewhere(&key);
    Some(Act::new(build::claim_oracle_fees(key, at, seat, to)))
}

pub fn sweep_fees(e: &mut Economy) -> Option<Act> {
    let (at, sla) = e.some_sla(|_, _, sla| {
        let money = &sla.body.money;
        money.protocol_fees > 0 || money.to_burn > 0
    })?;
    e.books.providers.get(&sla.provider)?;
    Some(Act::new(build::sweep_fees(at, sla.provider, Chain::flash())))
}

pub fn collect_penalty(e: &mut Economy) -> Option<Act> {
    let (at, sla) = e.some_sla(|_, _, sla| sla.body.money.penalty_owed > 0)?;
    e.books.providers.get(&sla.provider)?;
    Some(Act::new(build::collect_penalty(at, sla.provider)))
}

pub fn collect_absence(e: &mut Economy) -> Option<Act> {
    let (at, sla) =
        e.some_sla(|_, _, sla| sla.body.seats.absence_owed.iter().any(|one| *one > 0))?;
    let careless = e.is_careless();
    let seats = (0u8..).zip(sla.seats).filter(|(seat, key)| {
        let owed = sla.body.seats.absence_owed[usize::from(*seat)];
        *key != Pubkey::default() && (careless || owed > 0)
    });
    let (seat, key) = e.random.pick(&seats.collect::<Vec<_>>())?;
    Some(Act::new(build::collect_absence(at, seat, &key)))
}

impl Economy {
    /// Who does a provider's daily work, by the Provider's address: its authority, or its operator if it has one.
    pub fn operator_of(&mut self, provider: &Pubkey) -> Option<Pubkey> {
        let one = self.books.providers.get(provider)?;
        let operates =
            CAST.name(&one.operator).is_some() && self.chain.now().0 < one.operator_expires_at;
        let (authority, operator) = (one.authority, one.operator);
        let hot = operates && self.random.chance(60);
        Some(if hot { operator } else { authority })
    }
}
