//! The protocol set up, step by step, for a test to start from.

mod cast;
mod figures;
mod seen;
mod time;

pub use cast::{
    ARBITER, CERTIFIER, CONSUMER, GUARDIAN, NUMBER, OPERATOR, ORACLES, OTHER_PROVIDER, PAYOUT,
    PROVIDER, PURSE, RENT_PAYER, STAKE, STRANGER, oracle_name, purse, rent_payer,
};
pub use figures::{listing, reservation, settings};

use std::sync::{LazyLock, Mutex};

use cast::name_of;
use flashback_core::committee::DRAWS_HELD_SLOTS;
use flashback_core::units::Atoms;
use flashback_sdk::account::SubjectKind;
use flashback_sdk::instruction::CreateUnitArgs;

use crate::actors::{
    Anyone, Arbiter, Certifier, Consumer, Deployer, Guardian, OracleActor, ProviderActor,
};
use crate::chain::Chain;
use crate::measured;
use crate::names::key;

/// A chain and its people.
#[derive(Clone, Default)]
pub struct World {
    /// The chain.
    pub chain: Chain,
}

impl World {
    /// The program is deployed; nothing is initialized.
    pub fn new() -> Self {
        static NEW: LazyLock<Mutex<World>> = LazyLock::new(|| {
            let mut world = World::default();
            world.chain.fund(key(RENT_PAYER));
            for name in [CONSUMER, PROVIDER, OTHER_PROVIDER, STRANGER] {
                world.chain.mint_flash(&key(name), PURSE);
            }
            world.chain.mint_flash(&key(PAYOUT), Atoms::ZERO);
            Mutex::new(world)
        });
        copy_of(&NEW)
    }

    /// Initialized, with a certifier.
    pub fn initialized() -> Self {
        static INITIALIZED: LazyLock<Mutex<World>> = LazyLock::new(|| {
            let mut world = World::new();
            world.deployer().initializes().succeeds();
            world.deployer().appoints_certifier().succeeds();
            Mutex::new(world)
        });
        copy_of(&INITIALIZED)
    }

    /// With a provider's unit listed and [`ORACLES`] oracles in the registry.
    pub fn with_market() -> Self {
        static MARKET: LazyLock<Mutex<World>> =
            LazyLock::new(|| Mutex::new(World::initialized().and_market(STAKE, listing())));
        copy_of(&MARKET)
    }

    /// Adds [`ORACLES`] oracles and a provider with that stake and unit.
    pub fn and_market(mut self, stake: Atoms, unit: CreateUnitArgs) -> Self {
        self.add_provider(stake);
        self.provider().lists(unit).succeeds();
        for index in 0..ORACLES {
            self.add_oracle(index);
        }
        self.chain.wait_slots(1);
        self
    }

    /// Registers, stakes and certifies the provider.
    pub fn add_provider(&mut self, stake: Atoms) {
        self.provider().registers().succeeds();
        self.provider().stakes(stake).succeeds();
        self.certifier().certifies(SubjectKind::Provider, key(PROVIDER)).succeeds();
    }

    /// With an SLA agreed, its draw not ready yet.
    pub fn with_agreed_sla() -> Self {
        let mut world = Self::with_market();
        world.consumer().reserves().succeeds();
        world
    }

    /// With an SLA proposed, whose provider has not answered yet: its unit accepts nothing by itself.
    pub fn with_proposed_sla() -> Self {
        let unit = CreateUnitArgs { auto_accept: false, ..listing() };
        let mut world = Self::initialized().and_market(STAKE, unit);
        world.consumer().reserves().succeeds();
        world
    }

    /// With window 0 of an SLA reported as met by all three seats, in its challenge phase. The records behind it are
    /// those of [`World::records`] without failures.
    pub fn with_contestable_window() -> Self {
        static CONTESTABLE: LazyLock<Mutex<World>> = LazyLock::new(|| {
            let mut world = World::with_active_sla();
            world.wait_until_reports(0);
            for seat in 0..3 {
                let report = world.records(seat, 0, 0).report(0);
                world.seat(seat).submits(report).succeeds();
            }
            world.wait_until_challenges(0);
            Mutex::new(world)
        });
        copy_of(&CONTESTABLE)
    }

    /// With an SLA whose committee is seated.
    pub fn with_active_sla() -> Self {
        let mut world = Self::with_agreed_sla();
        world.wait_until_draw();
        world.anyone().seats_committee().succeeds();
        world
    }

    /// With an SLA that has ended, its windows met, breached, unmeasured (seats 0 and 2 silent) and met (seat 1 silent),
    /// so that everybody is owed something.
    pub fn with_ended_sla() -> Self {
        static ENDED: LazyLock<Mutex<World>> = LazyLock::new(|| {
            let mut world = World::with_active_sla();
            let terms = world.terms();
            world.reports(0, [Some(measured::met(&terms)); 3]);
            world.reports(1, [Some(measured::slow(&terms, 7)); 3]);
            world.reports(2, [None, Some(measured::met(&terms)), None]);
            world.reports(3, [Some(measured::met(&terms)), None, Some(measured::met(&terms))]);
            world.wait_until_settleable(3);
            world.anyone().settles().succeeds();
            Mutex::new(world)
        });
        copy_of(&ENDED)
    }

    /// With penalties and absences of that SLA collected: nothing is left to settle or collect.
    pub fn with_collected_sla() -> Self {
        let mut world = Self::with_ended_sla();
        world.anyone().collects_penalty().succeeds();
        for seat in [0, 2] {
            world.anyone().collects_absence(seat).succeeds();
        }
        world
    }

    /// With everything of it withdrawn and given back too: nothing is left but to close it.
    pub fn with_emptied_sla() -> Self {
        let mut world = Self::with_collected_sla();
        world.anyone().releases().succeeds();
        world.provider().withdraws_earnings().succeeds();
        world.consumer().withdraws_refund().succeeds();
        for seat in 0..3 {
            world.seat(seat).claims_fees().succeeds();
        }
        world.anyone().sweeps_fees().succeeds();
        world
    }

    /// Registers, stakes, certifies and enters the oracle of that number.
    pub fn add_oracle(&mut self, index: usize) {
        self.add_oracle_named(&oracle_name(index));
    }

    /// Likewise one whose authority has another name.
    pub fn add_oracle_named(&mut self, name: &str) {
        self.chain.mint_flash(&key(name), PURSE);
        self.oracle_named(name).registers().succeeds();
        self.oracle_named(name).stakes(STAKE).succeeds();
        self.certifier().certifies(SubjectKind::Oracle, key(name)).succeeds();
        self.oracle_named(name).joins_registry().succeeds();
    }

    /// Takes the oracle of that number out of the registry, its entry too.
    pub fn takes_leave(&mut self, index: usize) {
        self.oracle(index).leaves().succeeds();
        self.chain.wait_slots(DRAWS_HELD_SLOTS);
        self.oracle(index).leaves().succeeds();
    }

    /// Who deployed the program.
    pub fn deployer(&mut self) -> Deployer<'_> {
        Deployer { world: self }
    }

    /// Who may pause new SLAs.
    pub fn guardian(&mut self) -> Guardian<'_> {
        Guardian { world: self }
    }

    /// Who rules on disputes.
    pub fn arbiter(&mut self) -> Arbiter<'_> {
        Arbiter { world: self }
    }

    /// The certifier.
    pub fn certifier(&mut self) -> Certifier<'_> {
        Certifier { world: self }
    }

    /// The provider.
    pub fn provider(&mut self) -> ProviderActor<'_> {
        ProviderActor { name: PROVIDER, world: self }
    }

    /// Another provider.
    pub fn other_provider(&mut self) -> ProviderActor<'_> {
        ProviderActor { name: OTHER_PROVIDER, world: self }
    }

    /// The consumer.
    pub fn consumer(&mut self) -> Consumer<'_> {
        Consumer { world: self }
    }

    /// The oracle of that number.
    pub fn oracle(&mut self, index: usize) -> OracleActor<'_> {
        OracleActor { name: oracle_name(index), world: self }
    }

    /// An oracle whose authority has another name.
    pub fn oracle_named(&mut self, name: &str) -> OracleActor<'_> {
        OracleActor { name: name.to_owned(), world: self }
    }

    /// The oracle in that seat of the SLA's committee.
    pub fn seat(&mut self, seat: usize) -> OracleActor<'_> {
        let name = name_of(&self.sla().seats[seat]);
        OracleActor { name, world: self }
    }

    /// Whoever turns a crank.
    pub fn anyone(&mut self) -> Anyone<'_> {
        Anyone { world: self }
    }
}

fn copy_of(world: &LazyLock<Mutex<World>>) -> World {
    world.lock().expect("the world could be built").clone()
}
