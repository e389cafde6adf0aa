//! How every sequence begins: the protocol set up, providers with units, oracles in the registry, everybody certified.

use flashback_core::units::{ATOMS_PER_FLASH, Atoms};
use flashback_sdk::account::SubjectKind;
use flashback_sdk::instruction::{
    self as build, AppointCertifierArgs, CertifyArgs, CreateUnitArgs, Initialize, InitializeArgs,
    RegisterOracleArgs, RegisterProviderArgs, StakeOwner,
};
use flashback_tests::attempt::Reason;
use flashback_tests::chain::{Chain, create_account};
use flashback_tests::names::{key, keypair};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signer;

use super::admin::random_params;
use super::provider;
use crate::stateful::cast::{CAST, purse, unusual_purse};
use crate::stateful::economy::{Act, Economy};

/// Providers and oracles of the beginning; the others come later, if they do.
const PROVIDERS: usize = 3;
const ORACLES: usize = 11;

/// A chain on which everybody has lamports and FLASH, and where that is.
pub fn chain() -> (Chain, Vec<Pubkey>) {
    let mut chain = Chain::new();
    let mut purses = Vec::new();
    make_unusual_purse(&mut chain);
    for person in CAST.everybody() {
        chain.fund(person);
        let part = |part: &[Pubkey]| part.contains(&person);
        let flash = match () {
            () if part(&CAST.consumers) || part(&CAST.strangers) => 200_000,
            () if part(&CAST.providers) => 20_000,
            () => 10_000,
        };
        let at = purse(&person);
        chain.mint_flash_into(&person, at, Atoms(flash * ATOMS_PER_FLASH));
        purses.push(at);
    }
    (chain, purses)
}

trait Minting {
    fn mint_flash_into(&mut self, owner: &Pubkey, at: Pubkey, amount: Atoms);
}

impl Minting for Chain {
    /// To the associated token account; one that is not gets it from a minter's.
    fn mint_flash_into(&mut self, owner: &Pubkey, at: Pubkey, amount: Atoms) {
        let (unusual, _) = unusual_purse();
        if *owner != unusual {
            self.mint_flash(owner, amount);
            return;
        }
        let mint = Chain::flash();
        let minted = self.mint_flash(&key("banker"), amount);
        let moved = build::transfer(&key("banker"), &minted, &mint, &at, amount);
        self.send(&[moved], &[&keypair("banker")]).expect("a transfer");
    }
}

fn make_unusual_purse(chain: &mut Chain) {
    use flashback_tests::chain::FEE_PAYER;
    use spl_token_interface::{ID, instruction::initialize_account3};
    const BYTES: usize = 165;
    let (owner, pair) = unusual_purse();
    let (rent, at) = (chain.rent(BYTES), pair.pubkey());
    let create = create_account(&key(FEE_PAYER), &at, rent, BYTES, &ID);
    let init = initialize_account3(&ID, &at, &Chain::flash(), &owner).expect("an initialization");
    chain.send(&[create, init], &[&pair]).expect("a token account");
}

/// Sets the protocol up.
pub fn open(e: &mut Economy) {
    initialize(e);
    for certifier in &CAST.certifiers[..2] {
        let (payer, ruler) = (e.rent_payer(), e.books.config().authority);
        let expires_at = e.chain.now().0 + 86_400 * e.random.within(200..=5_000) as i64;
        let args = AppointCertifierArgs { certifier: *certifier, max_level: 4, expires_at };
        e.must(Act::new(build::appoint_certifier(payer, ruler, args)));
    }
    for authority in &CAST.providers[..PROVIDERS] {
        open_provider(e, *authority);
    }
    for authority in &CAST.oracles[..ORACLES] {
        open_oracle(e, *authority);
    }
    for consumer in &CAST.consumers[..2] {
        certify(e, SubjectKind::Consumer, *consumer);
    }
    e.chain.wait_slots(2);
}

fn initialize(e: &mut Economy) {
    let args = InitializeArgs {
        guardian: CAST.guardians[0],
        arbiter: CAST.arbiters[0],
        window_min_secs: e.random.one(&[4, 480, 600]),
        params: random_params(&mut e.random),
    };
    let deployer = CAST.rulers[0];
    let given = |authority| {
        let payer = CAST.rent_payers[0];
        let given = Initialize { payer, authority, flash_mint: Chain::flash(), args };
        Act::new(build::initialize(given))
    };
    let refused = e.attempt(&given(CAST.strangers[0]));
    assert!(matches!(refused, Err(Reason::Rule(_))), "a stranger initialized the protocol");
    e.must(given(deployer));
}

fn open_provider(e: &mut Economy, authority: Pubkey) {
    let payer = e.rent_payer();
    let args = RegisterProviderArgs {
        payout: e.random.one(&CAST.payouts),
        region: *b"eu-central-1\0\0\0\0",
        metadata_uri: String::new(),
    };
    let registered = build::register_provider(payer, authority, Chain::flash(), args);
    e.must(Act::new(registered));
    stake(e, StakeOwner::Provider(authority), 8_000);
    certify(e, SubjectKind::Provider, authority);
    for _ in 0..e.random.within(1..=2) {
        let (id, payer) = (e.next_number(), e.rent_payer());
        let args = CreateUnitArgs { id, ..provider::random_unit(&mut e.random) };
        e.must(Act::new(build::create_unit(payer, authority, args)));
    }
}

fn open_oracle(e: &mut Economy, authority: Pubkey) {
    let payer = e.rent_payer();
    let args = RegisterOracleArgs { x25519: authority.to_bytes(), records_url: String::new() };
    let registered = build::register_oracle(payer, authority, Chain::flash(), args);
    e.must(Act::new(registered));
    stake(e, StakeOwner::Oracle(authority), 3_000);
    certify(e, SubjectKind::Oracle, authority);
    let payer = e.rent_payer();
    e.must(Act::new(build::join_registry(payer, authority)));
}

/// The least, and some FLASH more.
fn stake(e: &mut Economy, owner: StakeOwner, more: u64) {
    let least = e.books.config().params.min_stake;
    let amount = least + e.random.magnitude(more * ATOMS_PER_FLASH);
    let funder = owner.authority();
    let staked = build::stake(funder, purse(&funder), owner, Atoms(amount));
    e.must(Act::new(staked));
}

fn certify(e: &mut Economy, kind: SubjectKind, subject: Pubkey) {
    let (payer, certifier) = (e.rent_payer(), e.random.one(&CAST.certifiers[..2]));
    let expires_at = e.expiry();
    let args = CertifyArgs { kind, subject, level: 2, evidence_hash: [1; 32], expires_at };
    e.must(Act::new(build::certify(payer, certifier, args)));
}
