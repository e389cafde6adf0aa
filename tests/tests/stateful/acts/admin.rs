//! The authority, the guardian and certifiers.

use flashback_core::authority::{PAUSE_MAX_SECS, check_lapsed};
use flashback_core::params::Params;
use flashback_core::units::{ATOMS_PER_FLASH, DAY, Seconds, Timestamp};
use flashback_sdk::account::{Certificate, SubjectKind};
use flashback_sdk::instruction::{
    self as build, AmendCertificateArgs, AppointCertifierArgs, CertificateSigner, CertifyArgs,
    VaultOwner,
};
use solana_sdk::pubkey::Pubkey;

use crate::stateful::cast::CAST;
use crate::stateful::economy::{Act, Economy};
use crate::stateful::random::Random;

/// Parameters within their bounds, with figures small enough to matter in an hour.
pub fn random_params(random: &mut Random) -> Params {
    let mut within = |low: u64, high: u64| random.within(low..=high);
    let narrow = |value: u64| u16::try_from(value).expect("16 bits");
    let flash = ATOMS_PER_FLASH;
    Params {
        protocol_fee_bps: narrow(within(0, 500)),
        oracle_fee_bps: narrow(within(0, 500)),
        oracle_fee_min: [0, 1, 1_000, 300_000][within(0, 3) as usize],
        min_stake: [1, 10, 500, 1_000][within(0, 3) as usize] * flash,
        cover_bps: [100, 500, 2_000, 10_000][within(0, 3) as usize],
        penalty_multiple: within(1, 4) as u8,
        penalty_consumer_bps: narrow(within(5_000, 10_000)),
        absence_bps: narrow(within(0, 10_000)),
        fraud_min: [10_000, flash, 20 * flash][within(0, 2) as usize],
        bond_bps: narrow(within(100, 2_000)),
        bond_min: [10_000, flash][within(0, 1) as usize],
        z_milli: narrow(within(0, 2_500)),
        min_samples: narrow(within(1, 6)),
        probes_max: 400,
        uptime_full_breach_ppm: within(10_000, 1_000_000) as u32,
        access_delay_secs: [0, 60, 900, 3_600][within(0, 3) as usize],
        acceptance_secs: within(3_600, 86_400) as u32,
        unbonding_secs: DAY * within(7, 30) as u32,
        maintenance_part: narrow(within(20, 100)),
        ..Params::default()
    }
}

pub fn set_params(e: &mut Economy) -> Option<Act> {
    let mut params = random_params(&mut e.random);
    if e.is_careless() {
        params.cover_bps = 10_001;
    }
    let ruler = e.books.config().authority;
    Some(Act::new(build::set_params(ruler, params)))
}

pub fn appoint_guardian(e: &mut Economy) -> Option<Act> {
    let (ruler, guardian) = (e.books.config().authority, e.random.one(&CAST.guardians));
    Some(Act::new(build::appoint_guardian(ruler, guardian)))
}

pub fn appoint_arbiter(e: &mut Economy) -> Option<Act> {
    let (ruler, arbiter) = (e.books.config().authority, e.random.one(&CAST.arbiters));
    Some(Act::new(build::appoint_arbiter(ruler, arbiter)))
}

pub fn offer_authority(e: &mut Economy) -> Option<Act> {
    let ruler = e.books.config().authority;
    let to = match e.random.chance(10) {
        true => Pubkey::default(),
        false => e.random.one(&CAST.rulers),
    };
    Some(Act::new(build::offer_authority(ruler, to)))
}

pub fn accept_authority(e: &mut Economy) -> Option<Act> {
    let pending = e.books.config().pending_authority;
    let taker = if e.is_careless() { e.stranger() } else { pending };
    (taker != Pubkey::default()).then(|| Act::new(build::accept_authority(taker)))
}

pub fn pause(e: &mut Economy) -> Option<Act> {
    let config = e.books.config();
    let (guardian, used) = (config.guardian, config.guardian_paused);
    if used && !e.is_careless() {
        return None;
    }
    let most = if e.is_careless() { PAUSE_MAX_SECS + 1 } else { 1_800 };
    let length = Seconds(e.random.within(1..=u64::from(most)) as u32);
    Some(Act::new(build::pause(guardian, length)))
}

pub fn appoint_certifier(e: &mut Economy) -> Option<Act> {
    let careless = e.is_careless();
    let appointed = |key: &&Pubkey| e.books.certifiers.values().any(|one| one.authority == **key);
    let free: Vec<_> =
        CAST.certifiers.iter().filter(|key| careless || !appointed(key)).copied().collect();
    let certifier = e.random.pick(&free)?;
    let max_level = if e.is_careless() { 5 } else { e.random.within(1..=4) as u8 };
    let expires_at = e.expiry();
    let (payer, ruler) = (e.rent_payer(), e.books.config().authority);
    let args = AppointCertifierArgs { certifier, max_level, expires_at };
    Some(Act::new(build::appoint_certifier(payer, ruler, args)))
}

pub fn remove_certifier(e: &mut Economy) -> Option<Act> {
    let all: Vec<_> = e.books.certifiers.values().cloned().collect();
    let certifier = e.random.pick(&all)?;
    let lapsed = check_lapsed(Timestamp(certifier.expires_at), e.chain.now()).is_ok();
    let expired = certifier.expires_at <= e.chain.now().0;
    let careless = e.is_careless();
    let signer = match lapsed || careless {
        true => e.stranger(),
        // The last ones that can certify are seldom removed.
        false if all.len() < 2 && !expired => return None,
        false => e.books.config().authority,
    };
    let (key, payer) = (certifier.authority, certifier.rent_payer);
    Some(Act::new(build::remove_certifier(signer, &key, payer)))
}

pub fn certify(e: &mut Economy) -> Option<Act> {
    let (careless, now) = (e.is_careless(), e.chain.now().0);
    let certifiers: Vec<_> = e.books.certifiers.values().cloned().collect();
    let valid = certifiers.iter().filter(|one| careless || one.expires_at > now);
    let valid: Vec<_> = valid.cloned().collect();
    let certifier = e.random.pick(&valid)?;
    let kinds = [
        (SubjectKind::Provider, &CAST.providers),
        (SubjectKind::Consumer, &CAST.consumers),
        (SubjectKind::Oracle, &CAST.oracles),
    ];
    let subjects = kinds.iter().flat_map(|(kind, keys)| keys.iter().map(|key| (*kind, *key)));
    let has = |(kind, key): &(SubjectKind, Pubkey)| {
        e.books.certificates.values().any(|one| one.kind == *kind && one.subject == *key)
    };
    let missing: Vec<_> = subjects.filter(|subject| careless || !has(subject)).collect();
    let (kind, subject) = e.random.pick(&missing)?;
    let level = e.random.within(1..=u64::from(certifier.max_level)) as u8;
    let level = if e.is_careless() { 0 } else { level };
    let (payer, key, expires_at) = (e.rent_payer(), certifier.authority, e.expiry());
    let args = CertifyArgs { kind, subject, level, evidence_hash: [1; 32], expires_at };
    Some(Act::new(build::certify(payer, key, args)))
}

pub fn amend_certificate(e: &mut Economy) -> Option<Act> {
    let (certificate, signer) = certificate_and_signer(e)?;
    let level = e.random.within(1..=2) as u8;
    let args = AmendCertificateArgs { level, evidence_hash: [2; 32], expires_at: e.expiry() };
    let Certificate { kind, subject, .. } = certificate;
    Some(Act::new(build::amend_certificate(signer, kind, &subject, args)))
}

pub fn revoke_certificate(e: &mut Economy) -> Option<Act> {
    let (certificate, mut signer) = certificate_and_signer(e)?;
    let lapsed = check_lapsed(Timestamp(certificate.expires_at), e.chain.now()).is_ok();
    if lapsed || e.is_careless() {
        signer = CertificateSigner::Other(e.stranger());
    }
    let Certificate { kind, subject, rent_payer, .. } = certificate;
    let revoked = build::revoke_certificate(signer, kind, &subject, rent_payer);
    Some(Act::new(revoked))
}

/// A certificate, and its certifier if it is still appointed, or the authority.
fn certificate_and_signer(e: &mut Economy) -> Option<(Certificate, CertificateSigner)> {
    let now = e.chain.now().0;
    let all: Vec<_> = e.books.certificates.values().cloned().collect();
    let expired: Vec<_> = all.iter().filter(|one| one.expires_at <= now).cloned().collect();
    let certificate = match e.random.chance(70) {
        true => e.random.pick(&expired).or_else(|| e.random.pick(&all))?,
        false => e.random.pick(&all)?,
    };
    let appointed = e.books.certifiers.values();
    let appointed = appointed.map(|one| one.authority).find(|key| *key == certificate.certifier);
    let ruler = CertificateSigner::Other(e.books.config().authority);
    let signer = match appointed {
        Some(key) if e.random.chance(70) => CertificateSigner::Certifier(key),
        _ => ruler,
    };
    Some((certificate, signer))
}

pub fn assert_solvent(e: &mut Economy) -> Option<Act> {
    let slas = e.books.slas.keys().map(|sla| VaultOwner::Sla(*sla));
    let owners = e.books.providers.keys().chain(e.books.oracles.keys());
    let mut all: Vec<_> = slas.chain(owners.map(|owner| VaultOwner::Stake(*owner))).collect();
    all.extend([VaultOwner::Treasury, VaultOwner::Rewards]);
    let owner = e.random.one(&all);
    Some(Act::new(build::assert_solvent(owner)))
}

impl Economy {
    /// When something given today expires: most often in ten years, sometimes in an hour.
    pub fn expiry(&mut self) -> i64 {
        let days = match self.random.below(20) {
            0 => return self.chain.now().0 + 3_600,
            1 if self.is_careless() => return self.chain.now().0,
            1 => 3,
            2 | 3 => 60,
            _ => 3_650,
        };
        self.chain.now().0 + i64::from(DAY) * days
    }
}
