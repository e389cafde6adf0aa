//! The protocol set up, step by step, for a test to start from.

use std::sync::{LazyLock, Mutex};

use flashback_core::committee::REGISTRY_MAX;
use flashback_core::params::{Params, WINDOW_MIN_SECS_DEFAULT};
use flashback_core::quality::Thresholds;
use flashback_core::sla::{Offer, Quote, Request, SlaTerms};
use flashback_core::text::region;
use flashback_core::units::{ATOMS_PER_FLASH, Atoms, DAY, Seconds, Timestamp};
use flashback_sdk::account::{Config, DataUnit, Oracle, Provider, Registry, Sla, SubjectKind};
use flashback_sdk::address;
use flashback_sdk::draw::Draw;
use flashback_sdk::instruction::{CreateUnitArgs, InitializeArgs, ProposeSlaArgs};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Keypair;

use crate::actors::{Anyone, Certifier, Consumer, Deployer, OracleActor, ProviderActor};
use crate::chain::Chain;
use crate::measured;
use crate::names::{key, keypair};

/// Who pays all rent.
pub const RENT_PAYER: &str = "rent payer";
/// The provider.
pub const PROVIDER: &str = "provider";
/// Another provider, not registered unless a test does it.
pub const OTHER_PROVIDER: &str = "other provider";
/// Who owns the token accounts that the provider's earnings go to.
pub const PAYOUT: &str = "provider's payout owner";
/// The consumer.
pub const CONSUMER: &str = "consumer";
/// The certifier.
pub const CERTIFIER: &str = "certifier";
/// Somebody who has nothing to do with it, and some FLASH.
pub const STRANGER: &str = "stranger";
/// Oracles in the registry.
pub const ORACLES: usize = 7;
/// What the provider and each oracle stake.
pub const STAKE: Atoms = Atoms(2_000 * ATOMS_PER_FLASH);
/// What the consumer, the provider, each oracle and the stranger begin with.
pub const PURSE: Atoms = Atoms(10_000 * ATOMS_PER_FLASH);
/// The provider's unit and the consumer's SLA have this number.
pub const NUMBER: u64 = 1;

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

    /// With an SLA whose committee is seated.
    pub fn with_active_sla() -> Self {
        let mut world = Self::with_agreed_sla();
        world.wait_until_draw();
        world.anyone().seats_committee().succeeds();
        world
    }

    /// With an SLA of which every window was breached wholly or not reported at all, so that everything there can be is
    /// owed, and which has ended.
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

    /// Who deployed the program.
    pub fn deployer(&mut self) -> Deployer<'_> {
        Deployer { world: self }
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

    /// The SLA's address.
    pub fn sla_address(&self) -> Pubkey {
        address::sla(&key(CONSUMER), NUMBER)
    }

    /// The escrow's address.
    pub fn escrow(&self) -> Pubkey {
        address::escrow(&self.sla_address())
    }

    /// The SLA.
    pub fn sla(&self) -> Sla {
        self.chain.read(&self.sla_address())
    }

    /// The SLA's terms.
    pub fn terms(&self) -> SlaTerms {
        self.sla().body.terms
    }

    /// The Config.
    pub fn config(&self) -> Config {
        self.chain.read(&address::config())
    }

    /// The Provider's address.
    pub fn provider_address(&self) -> Pubkey {
        address::provider(&key(PROVIDER))
    }

    /// The Provider.
    pub fn provider_account(&self) -> Provider {
        self.chain.read(&self.provider_address())
    }

    /// The unit's address.
    pub fn unit_address(&self) -> Pubkey {
        address::unit(&self.provider_address(), NUMBER)
    }

    /// The unit.
    pub fn unit(&self) -> DataUnit {
        self.chain.read(&self.unit_address())
    }

    /// The Oracle account of an authority.
    pub fn oracle_account(&self, authority: &Pubkey) -> Oracle {
        self.chain.read(&address::oracle(authority))
    }

    /// The registry of oracles.
    pub fn registry(&self) -> Registry {
        self.chain.read(&address::registry())
    }

    /// What a person holds in FLASH.
    pub fn purse(&self, name: &str) -> Atoms {
        self.chain.tokens(&purse(name))
    }

    /// The SLA's quote, by the inputs of [`reservation`].
    pub fn quote(&self) -> Quote {
        let request = reservation().request;
        let config = self.config();
        let window_min = Seconds(config.window_min_secs);
        Quote::new(&config.params, &self.unit().offer, &request, window_min).expect("a quote")
    }

    /// The committee that the draw gives now, by authority.
    pub fn drawn(&self) -> Vec<Pubkey> {
        let slot_hashes = self.chain.account(&solana_sdk::sysvar::slot_hashes::ID);
        let draw = Draw {
            address: self.sla_address(),
            sla: &self.sla(),
            provider: &self.provider_account(),
            registry: &self.registry(),
            slot_hashes: &slot_hashes.expect("slot hashes").data,
            now: self.chain.now(),
        };
        draw.committee().expect("a drawn committee")
    }

    /// Waits until the draw's slot hash exists.
    pub fn wait_until_draw(&mut self) {
        let first = self.sla().body.progress.draw_slot + 1;
        self.chain.wait_slots(first.saturating_sub(self.chain.slot()));
    }

    /// Waits until a window has ended and can be reported.
    pub fn wait_until_reports(&mut self, window: u16) {
        self.wait(self.terms().report_opens(window).expect("a time"));
    }

    /// Waits until a window can be settled.
    pub fn wait_until_settleable(&mut self, window: u16) {
        self.wait(self.terms().settles_at(window).expect("a time"));
    }

    /// Waits until a time; does nothing if it has passed.
    pub fn wait(&mut self, until: Timestamp) {
        self.chain.wait_until(until.max(self.chain.now()));
    }

    /// Waits for a window's report phase, in which each seat reports what is given for it, or nothing.
    pub fn reports<const N: usize>(
        &mut self,
        window: u16,
        aggregates: [Option<flashback_core::quality::Aggregate>; N],
    ) {
        self.wait_until_reports(window);
        for (seat, aggregate) in aggregates.into_iter().enumerate() {
            if let Some(aggregate) = aggregate {
                self.seat(seat).reports(window, aggregate).succeeds();
            }
        }
    }
}

fn copy_of(world: &LazyLock<Mutex<World>>) -> World {
    world.lock().expect("the world could be built").clone()
}

/// The name of the oracle of that number.
pub fn oracle_name(index: usize) -> String {
    format!("oracle {index}")
}

/// The name of an oracle's authority.
fn name_of(authority: &Pubkey) -> String {
    let names = (0..REGISTRY_MAX).map(oracle_name);
    names.into_iter().find(|name| key(name) == *authority).expect("an oracle of this world")
}

/// A person's FLASH account.
pub fn purse(name: &str) -> Pubkey {
    address::token_account(&key(name), &Chain::flash())
}

/// Who pays all rent.
pub fn rent_payer() -> Keypair {
    keypair(RENT_PAYER)
}

/// The default settings.
pub fn settings() -> InitializeArgs {
    InitializeArgs {
        guardian: key("guardian"),
        arbiter: key("arbiter"),
        window_min_secs: WINDOW_MIN_SECS_DEFAULT,
        params: Params::default(),
    }
}

/// The unit that the provider lists: 10 TiB at 0.02 FLASH per GiB and month.
pub fn listing() -> CreateUnitArgs {
    CreateUnitArgs {
        id: NUMBER,
        capacity_gib: 10 * 1_024,
        offer: Offer {
            price_per_gib_month: 20_000,
            version: 1,
            min_duration_secs: DAY,
            max_duration_secs: 365 * DAY,
            probe_interval_secs: 60,
            thresholds: Thresholds {
                uptime_failures_ppm: 1_000,
                errors_ppm: 1_000,
                latency_us: 80_000,
                upload_kib_s: 20_000,
                download_kib_s: 50_000,
            },
        },
        protocols: 1,
        consumer_level: 0,
        auto_accept: true,
        region: region("eu-central-1").expect("a region"),
        endpoint_uri: "https://s3.provider.example".to_owned(),
    }
}

/// What the consumer reserves: 1 TiB for four daily windows, watched by three oracles. Its price does not divide by four.
pub fn reservation() -> ProposeSlaArgs {
    ProposeSlaArgs {
        id: NUMBER,
        delegate: Pubkey::default(),
        request: Request {
            gib: 1_024,
            max_total: PURSE.0,
            offer_version: 1,
            window_secs: DAY,
            windows: 4,
            seats: 3,
            thresholds: listing().offer.thresholds,
        },
    }
}
