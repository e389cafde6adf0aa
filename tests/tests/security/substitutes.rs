//! Accounts that somebody might pass for another: of every kind, of the same people and of others.

use flashback_core::sla::Party;
use flashback_tests::prelude::*;
use flashback_tests::world::oracle_name;
use solana_account::Account;
use solana_sdk::sysvar::clock;

use super::beside::{CONTESTED, NEIGHBOURS, NEIGHBOURS_PROPOSAL, PROPOSAL, SECOND};
use super::crowd::{
    CANDIDATE, COPPER, IDLE_ORACLE, IDLE_PROVIDER, NEIGHBOUR, NOBODY, OTHER_CERTIFIER, SECOND_UNIT,
};
use super::stages::CHALLENGED;

/// The program of tokens with extensions.
pub const TOKEN_2022: Pubkey =
    Pubkey::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");

/// An account by name.
#[derive(Clone, Debug)]
pub struct Substitute {
    pub name: String,
    pub address: Pubkey,
}

/// What an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Nothing,
    Wallet,
    Program,
    Mint,
    TokenAccount,
    /// The program's own, by discriminator.
    Own([u8; 8]),
    Other,
}

/// What stands at an address.
pub fn kind_at(world: &World, address: &Pubkey) -> Kind {
    world.chain.account(address).map_or(Kind::Nothing, |account| kind(&account))
}

fn kind(account: &Account) -> Kind {
    if account.executable {
        return Kind::Program;
    }
    match (account.owner, account.data.len()) {
        (address::PROGRAM, _) => Kind::Own(account.data[..8].try_into().expect("a discriminator")),
        (address::TOKEN_PROGRAM, 82) => Kind::Mint,
        (address::TOKEN_PROGRAM, 165) => Kind::TokenAccount,
        (address::SYSTEM_PROGRAM, 0) => Kind::Wallet,
        _ => Kind::Other,
    }
}

/// Everything that there is in this world, or could be, under a name.
pub fn substitutes(world: &World) -> Vec<Substitute> {
    let mut list = List(vec![]);
    list.singletons();
    list.providers();
    list.certificates();
    list.slas(world);
    list.contests(world);
    list.oracles(world);
    list.people();
    list.0
}

struct List(Vec<Substitute>);

impl List {
    fn add(&mut self, name: impl Into<String>, address: Pubkey) {
        self.0.push(Substitute { name: name.into(), address });
    }

    fn singletons(&mut self) {
        self.add("config", address::config());
        self.add("registry", address::registry());
        self.add("treasury", address::treasury());
        self.add("rewards", address::rewards());
        self.add("flash", Chain::flash());
        self.add("copper", key(COPPER));
        self.add("clock", clock::ID);
        self.add("program", address::PROGRAM);
        self.add("program_data", address::program_data());
        self.add("token_program", address::TOKEN_PROGRAM);
        self.add("token_2022_program", TOKEN_2022);
        self.add("associated_token_program", address::ASSOCIATED_TOKEN_PROGRAM);
        self.add("system_program", address::SYSTEM_PROGRAM);
    }

    fn providers(&mut self) {
        for name in [PROVIDER, OTHER_PROVIDER, IDLE_PROVIDER] {
            let provider = address::provider(&key(name));
            let name = name.replace(' ', "_");
            self.add(&name, provider);
            self.add(format!("unit_of_{name}"), address::unit(&provider, NUMBER));
            self.add(format!("vault_of_{name}"), address::stake_vault(&provider));
        }
        let provider = address::provider(&key(PROVIDER));
        self.add("second_unit_of_provider", address::unit(&provider, SECOND_UNIT));
    }

    fn certificates(&mut self) {
        self.add("certifier", address::certifier(&key(CERTIFIER)));
        self.add("other_certifier", address::certifier(&key(OTHER_CERTIFIER)));
        for (kind, label, names) in [
            (SubjectKind::Provider, "provider", vec![PROVIDER, OTHER_PROVIDER, IDLE_PROVIDER]),
            (SubjectKind::Consumer, "consumer", vec![CONSUMER, NEIGHBOUR, PROVIDER]),
            (SubjectKind::Oracle, "oracle", vec!["oracle 0", "oracle 1", "oracle 20"]),
        ] {
            for name in names {
                let certificate = address::certificate(kind, &key(name));
                let name = name.replace(' ', "_");
                self.add(format!("certificate_of_{name}_as_{label}"), certificate);
            }
        }
        for (kind, label) in [(SubjectKind::Consumer, "consumer"), (SubjectKind::Oracle, "oracle")]
        {
            let certificate = address::certificate(kind, &key(STRANGER));
            self.add(format!("other_certifiers_certificate_of_{label}"), certificate);
        }
    }

    fn slas(&mut self, world: &World) {
        self.add("sla", world.sla_address());
        self.add("escrow_of_sla", world.escrow());
        for (name, sla) in [
            ("neighbours_sla", NEIGHBOURS),
            ("neighbours_contested_sla", CONTESTED),
            ("second_sla", SECOND),
            ("proposal", PROPOSAL),
            ("neighbours_proposal", NEIGHBOURS_PROPOSAL),
        ] {
            self.add(name, sla.address());
            self.add(format!("escrow_of_{name}"), sla.escrow());
        }
    }

    fn contests(&mut self, world: &World) {
        self.add("round", world.round_address(0));
        self.add("consumers_dispute", world.dispute_address(0, Party::Consumer));
        self.add("providers_dispute", world.dispute_address(0, Party::Provider));
        self.add("challenge_of_leaf_0", world.challenge_address(0, CHALLENGED, 0));
        self.add("challenge_of_leaf_1", world.challenge_address(0, CHALLENGED, 1));
        self.add("neighbours_round", CONTESTED.round());
        self.add("neighbours_dispute", CONTESTED.dispute(Party::Consumer));
        self.add("neighbours_challenge", CONTESTED.challenge(0, 0));
    }

    /// Those of the committee by seat.
    fn oracles(&mut self, world: &World) {
        let sla = world.chain.account(&world.sla_address()).map(|_| world.sla());
        let seats = sla.map_or([Pubkey::default(); 5], |sla| sla.seats);
        for index in (0..ORACLES).chain([CANDIDATE, IDLE_ORACLE]) {
            let authority = key(&oracle_name(index));
            let name = match seats.iter().position(|seat| *seat == authority) {
                Some(seat) => format!("oracle_of_seat_{seat}"),
                None => format!("oracle_{index}"),
            };
            let oracle = address::oracle(&authority);
            self.add(&name, oracle);
            self.add(format!("vault_of_{name}"), address::stake_vault(&oracle));
        }
    }

    fn people(&mut self) {
        for name in [CONSUMER, NEIGHBOUR, STRANGER, PROVIDER, PAYOUT, "oracle 0"] {
            let label = name.replace(' ', "_").replace('\'', "");
            self.add(format!("purse_of_{label}"), purse(name));
        }
        for name in [CONSUMER, STRANGER, PROVIDER, PAYOUT] {
            let copper = address::token_account(&key(name), &key(COPPER));
            let label = name.replace(' ', "_").replace('\'', "");
            self.add(format!("copper_of_{label}"), copper);
        }
        for name in [CONSUMER, NEIGHBOUR, STRANGER, RENT_PAYER, NOBODY] {
            self.add(name.replace(' ', "_"), key(name));
        }
    }
}
