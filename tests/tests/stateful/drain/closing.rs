//! The end of units, providers, oracles, certificates and certifiers.

use flashback_core::sla::SlaState;
use flashback_core::units::Atoms;
use flashback_sdk::account::SubjectKind;
use flashback_sdk::address;
use flashback_sdk::instruction::{self as build, CertificateSigner};
use solana_sdk::pubkey::Pubkey;

use crate::stateful::acts::{oracle, stake};
use crate::stateful::cast::purse;
use crate::stateful::economy::{Act, Economy};
use crate::stateful::time::is_within_reach;

/// Does what can be done now.
pub fn crank_all(e: &mut Economy) {
    units(e);
    let running =
        e.books.slas.values().any(|sla| sla.body.progress.state != SlaState::Ended.code());
    if running {
        return;
    }
    leave_registry(e);
    stakes(e);
    providers(e);
    oracles(e);
    if e.books.providers.is_empty() && e.books.oracles.is_empty() {
        certificates(e);
    }
}

fn units(e: &mut Economy) {
    let units: Vec<_> = e.books.units.values().cloned().collect();
    for unit in units {
        let authority = e.books.providers[&unit.provider].authority;
        if !unit.closing {
            e.must(Act::new(build::close_unit(authority, unit.id)));
        }
        if unit.live_slas == 0 {
            e.must(Act::new(build::remove_unit(unit.provider, unit.id, unit.rent_payer)));
        }
    }
}

/// Every oracle leaves; later anyone takes its entry out.
fn leave_registry(e: &mut Economy) {
    for oracle in e.books.oracles.values().copied().collect::<Vec<_>>() {
        let key = oracle.authority;
        let act = match () {
            () if oracle.serves() => oracle::leaving(e, &key, key),
            () if oracle::can_be_taken_out(e, &key) => {
                let stranger = e.stranger();
                oracle::leaving(e, &key, stranger)
            }
            () => None,
        };
        if let Some(act) = act {
            e.must(act);
        }
    }
}

/// Whatever covers nothing is on its way out, and is withdrawn when it may be.
fn stakes(e: &mut Economy) {
    let now = e.chain.now().0;
    for (owner, stake) in stake::owners(e) {
        let key = owner.authority();
        if stake.free() > Atoms::ZERO {
            e.must(Act::new(build::unstake(owner, stake.free())));
        }
        let done = |one: &flashback_core::stake::Unbonding| one.amount > 0 && one.release_at <= now;
        if stake.unbonding.iter().any(done) {
            e.must(Act::new(build::withdraw_stake(owner, purse(&key))));
        }
    }
}

fn providers(e: &mut Economy) {
    let all: Vec<_> = e.books.providers.values().copied().collect();
    for one in all {
        let owed = one.stake.owed().expect("amounts that fit");
        if one.listed_units == 0 && one.open_slas == 0 && owed == Atoms::ZERO {
            let payer = certificate_payer(e, SubjectKind::Provider, &one.authority);
            let payer = payer.unwrap_or(one.rent_payer);
            let closed = build::close_provider(one.authority, one.rent_payer, payer);
            e.must(Act::new(closed));
        }
    }
}

fn oracles(e: &mut Economy) {
    let all: Vec<_> = e.books.oracles.values().copied().collect();
    for one in all {
        let owed = one.stake.owed().expect("amounts that fit");
        if one.joined == 0 && one.seats == 0 && owed == Atoms::ZERO {
            let payer = certificate_payer(e, SubjectKind::Oracle, &one.authority);
            let payer = payer.unwrap_or(one.rent_payer);
            let closed = build::close_oracle(one.authority, one.rent_payer, payer);
            e.must(Act::new(closed));
        }
    }
}

fn certificate_payer(e: &Economy, kind: SubjectKind, subject: &Pubkey) -> Option<Pubkey> {
    let at = address::certificate(kind, subject);
    e.books.certificates.get(&at).map(|certificate| certificate.rent_payer)
}

/// Some are ended by the authority, the others by anyone once they have lapsed.
fn certificates(e: &mut Economy) {
    use flashback_core::authority::check_lapsed;
    use flashback_core::units::Timestamp;
    let (now, ruler, stranger) = (e.chain.now(), e.books.config().authority, e.stranger());
    let certificates: Vec<_> = e.books.certificates.values().cloned().collect();
    for one in certificates {
        let lapsed = check_lapsed(Timestamp(one.expires_at), now).is_ok();
        let signer = if lapsed { stranger } else { ruler };
        let waits =
            is_within_reach(e, Timestamp(one.expires_at)) && one.subject.to_bytes()[0] % 2 == 1;
        if lapsed || !waits {
            let by = CertificateSigner::Other(signer);
            let ended = build::revoke_certificate(by, one.kind, &one.subject, one.rent_payer);
            e.must(Act::new(ended));
        }
    }
    let certifiers: Vec<_> = e.books.certifiers.values().cloned().collect();
    for one in certifiers {
        let lapsed = check_lapsed(Timestamp(one.expires_at), now).is_ok();
        let signer = if lapsed { stranger } else { ruler };
        let waits =
            is_within_reach(e, Timestamp(one.expires_at)) && one.authority.to_bytes()[0] % 2 == 1;
        if lapsed || !waits {
            let ended = build::remove_certifier(signer, &one.authority, one.rent_payer);
            e.must(Act::new(ended));
        }
    }
}
