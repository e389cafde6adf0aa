//! A live SLA never changes under its parties (P7), and begins as quoted (P10).

use std::collections::BTreeMap;

use anchor_lang::AnchorDeserialize;
use flashback_core::sla::{Quote, SlaTerms};
use flashback_core::units::Seconds;
use flashback_sdk::instruction::ProposeSlaArgs;
use solana_sdk::pubkey::Pubkey;

use crate::stateful::books::Books;
use crate::stateful::economy::{Act, Economy};

/// What was agreed, by SLA: the terms, the parties, and where it stood last.
#[derive(Default)]
pub struct Agreements(BTreeMap<Pubkey, Agreement>);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Agreement {
    terms: SlaTerms,
    consumer: Pubkey,
    delegate: Pubkey,
    provider: Pubkey,
    unit_id: u64,
    rent_payer: Pubkey,
}

pub fn check(economy: &mut Economy, before: &Books, act: &Act) {
    if act.name() == "propose_sla" {
        check_quoted(economy, before, act);
    }
    let Economy { books, agreements, .. } = economy;
    agreements.0.retain(|at, _| books.slas.contains_key(at));
    for (at, sla) in &books.slas {
        let now = Agreement {
            terms: sla.body.terms,
            consumer: sla.consumer,
            delegate: sla.delegate,
            provider: sla.provider,
            unit_id: sla.unit_id,
            rent_payer: sla.rent_payer,
        };
        let then = agreements.0.entry(*at).or_insert(now);
        if act.name() == "seat_committee" && then.terms.start == 0 {
            then.terms.start = now.terms.start;
        }
        assert_eq!(*then, now, "SLA {at} changed under its parties");
        if let Some(was) = before.slas.get(at) {
            let (was, is) = (&was.body.progress, &sla.body.progress);
            assert!(is.end <= was.end, "an end moved later");
            assert!(is.cursor >= was.cursor && is.state >= was.state, "an SLA went back");
            assert!(is.released >= was.released);
        }
    }
}

/// What was proposed is what the quote says, computed by hand of the chain's state.
fn check_quoted(economy: &Economy, before: &Books, act: &Act) {
    let mut arguments = &act.instruction.data[8..];
    let args = ProposeSlaArgs::deserialize(&mut arguments).expect("the arguments");
    let (config, unit) = (before.config(), act.account("unit").expect("a unit"));
    let window_min = Seconds(config.window_min_secs);
    let quote = Quote::new(&config.params, &before.units[&unit].offer, &args.request, window_min);
    let quote = quote.expect("a quote");
    let sla = &economy.books.slas[&act.account("sla").expect("an SLA")];
    assert_eq!(sla.body.terms, quote.terms, "the terms are as quoted");
    assert_eq!(sla.body.money.unallocated, quote.deposit.0, "the deposit is as quoted");
    let purse = act.account("consumer_token").expect("a purse");
    let paid = before.flash(&purse) - economy.books.flash(&purse);
    assert_eq!(paid, quote.deposit.0, "the consumer pays what was quoted");
}
