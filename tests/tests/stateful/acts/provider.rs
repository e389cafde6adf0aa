//! Providers and their units.

use flashback_core::quality::{NOT_PROMISED, Thresholds};
use flashback_core::sla::Offer;
use flashback_core::text::region;
use flashback_core::unit::Maintenance;
use flashback_core::units::{Atoms, DAY, Seconds, Timestamp};
use flashback_sdk::account::{Provider, SubjectKind};
use flashback_sdk::address;
use flashback_sdk::instruction::{
    self as build, CreateUnitArgs, RegisterProviderArgs, UpdateProviderArgs, UpdateUnitArgs,
};
use flashback_tests::chain::Chain;
use solana_sdk::pubkey::Pubkey;

use crate::stateful::cast::{CAST, purse};
use crate::stateful::economy::{Act, Economy};
use crate::stateful::random::Random;

/// Units that a provider lists at most.
const UNITS: u32 = 3;

fn some_provider(e: &mut Economy, fits: impl Fn(&Provider) -> bool) -> Option<(Pubkey, Provider)> {
    let careless = e.is_careless();
    let all = e.books.providers.iter().filter(|(_, one)| careless || fits(one));
    let all: Vec<_> = all.map(|(at, one)| (*at, *one)).collect();
    e.random.pick(&all)
}

pub fn register(e: &mut Economy) -> Option<Act> {
    let careless = e.is_careless();
    let known = |key: &&Pubkey| e.books.providers.values().any(|one| one.authority == **key);
    let free: Vec<_> =
        CAST.providers.iter().filter(|key| careless || !known(key)).copied().collect();
    let authority = e.random.pick(&free)?;
    let payer = e.rent_payer();
    let args = RegisterProviderArgs {
        payout: e.random.one(&CAST.payouts),
        region: region("eu-central-1").expect("a region"),
        metadata_uri: "https://provider.example".to_owned(),
    };
    let registered = build::register_provider(payer, authority, Chain::flash(), args);
    Some(Act::new(registered))
}

pub fn update(e: &mut Economy) -> Option<Act> {
    let (_, provider) = some_provider(e, |_| true)?;
    let authority = provider.authority;
    let payout = if e.random.chance(50) { authority } else { e.random.one(&CAST.payouts) };
    let metadata_uri = match e.is_careless() {
        true => "x".repeat(201),
        false => "https://provider.example/2".to_owned(),
    };
    let args = UpdateProviderArgs { payout, region: provider.region, metadata_uri };
    Some(Act::new(build::update_provider(authority, args)))
}

pub fn set_operator(e: &mut Economy) -> Option<Act> {
    let (_, provider) = some_provider(e, |_| true)?;
    let authority = provider.authority;
    let operator = match e.random.chance(15) {
        true => Pubkey::default(),
        false => e.random.one(&CAST.operators),
    };
    let expiry = if e.is_careless() { e.chain.now().0 } else { e.expiry() };
    let set = build::set_operator(authority, operator, Timestamp(expiry));
    Some(Act::new(set))
}

pub fn close(e: &mut Economy) -> Option<Act> {
    let (_, provider) = some_provider(e, |one| {
        let owed = one.stake.owed().is_ok_and(|owed| owed == Atoms::ZERO);
        owed && one.listed_units == 0 && one.live_slas == 0 && one.open_slas == 0
    })?;
    let authority = provider.authority;
    let certificate = address::certificate(SubjectKind::Provider, &authority);
    let certificate = e.books.certificates.get(&certificate);
    let certificate_payer = certificate.map_or(provider.rent_payer, |one| one.rent_payer);
    let closed = build::close_provider(authority, provider.rent_payer, certificate_payer);
    Some(Act::new(closed))
}

pub fn create_unit(e: &mut Economy) -> Option<Act> {
    let (_, provider) = some_provider(e, |one| one.listed_units < UNITS)?;
    let authority = provider.authority;
    let (id, payer) = (e.next_number(), e.rent_payer());
    let args = CreateUnitArgs { id, region: provider.region, ..random_unit(&mut e.random) };
    Some(Act::new(build::create_unit(payer, authority, args)))
}

/// A unit that is probed a dozen times or two in a window of minutes, hours or a day.
pub fn random_unit(random: &mut Random) -> CreateUnitArgs {
    let every = Thresholds {
        uptime_failures_ppm: random.one(&[NOT_PROMISED, 0, 1_000, 100_000]),
        errors_ppm: 1_000,
        latency_us: random.within(50_000..=90_000) as u32,
        upload_kib_s: random.one(&[NOT_PROMISED, 20_000]),
        download_kib_s: 50_000,
    };
    let uptime = Thresholds { uptime_failures_ppm: 1_000, ..Thresholds::NONE };
    let thresholds = if random.chance(90) { every } else { uptime };
    CreateUnitArgs {
        id: 0,
        capacity_gib: random.within(1_000..=20_000),
        offer: Offer {
            price_per_gib_month: random.one(&[20_000, 2_000_000, 50_000_000]),
            version: 1,
            min_duration_secs: random.one(&[600, 600, 7_200, 86_400]),
            max_duration_secs: 365 * DAY,
            probe_interval_secs: random.one(&[60, 300, 300, 300, 7_200]),
            thresholds,
        },
        protocols: random.within(1..=7) as u8,
        consumer_level: random.one(&[0, 0, 0, 1]),
        auto_accept: random.chance(65),
        region: region("eu-central-1").expect("a region"),
        endpoint_uri: "https://unit.example".to_owned(),
    }
}

pub fn update_unit(e: &mut Economy) -> Option<Act> {
    let careless = e.is_careless();
    let all = e.books.units.values().filter(|unit| careless || !unit.closing).cloned();
    let unit = e.random.pick(&all.collect::<Vec<_>>())?;
    let authority = e.books.providers.get(&unit.provider)?.authority;
    let fresh = random_unit(&mut e.random);
    let capacity_gib = match e.random.below(6) {
        0 => unit.taken_gib.max(1),
        1 if careless => unit.taken_gib.saturating_sub(1),
        _ => fresh.capacity_gib.max(unit.taken_gib),
    };
    let args = UpdateUnitArgs {
        capacity_gib,
        offer: fresh.offer,
        protocols: fresh.protocols,
        consumer_level: fresh.consumer_level,
        auto_accept: fresh.auto_accept,
        endpoint_uri: format!("https://unit.example/{}", "a".repeat(e.random.below(40) as usize)),
    };
    let payer = unit.rent_payer;
    Some(Act::new(build::update_unit(payer, authority, unit.id, args)))
}

pub fn boost_unit(e: &mut Economy) -> Option<Act> {
    let all: Vec<_> = e.books.units.keys().copied().collect();
    let unit = e.random.pick(&all)?;
    let booster = e.stranger();
    let from = purse(&booster);
    let amount = if e.is_careless() { 0 } else { e.random.magnitude(e.books.flash(&from) / 8) };
    let boosted = build::boost_unit(booster, from, Chain::flash(), unit, Atoms(amount));
    Some(Act::new(boosted))
}

pub fn announce_maintenance(e: &mut Economy) -> Option<Act> {
    let (careless, now) = (e.is_careless(), e.chain.now().0);
    let idle = e.books.units.values().filter(|one| careless || one.maintenance[1].starts_at <= now);
    let unit = e.random.pick(&idle.cloned().collect::<Vec<_>>())?;
    let signer = e.operator_of(&unit.provider)?;
    let ahead = e.random.within(u64::from(DAY)..=u64::from(3 * DAY));
    let starts_at = now + i64::try_from(ahead).expect("a few days");
    let before = unit.maintenance[1].starts_at.max(unit.listed_at);
    let part = i64::from(e.books.config().params.maintenance_part);
    let most = u64::try_from((starts_at - before) / part).unwrap_or(0);
    let secs = if careless { most + 1 } else { e.random.magnitude(most) };
    let next = Maintenance { starts_at: Timestamp(starts_at), secs: Seconds(secs as u32) };
    let announced = build::announce_maintenance(signer, unit.provider, unit.id, next);
    Some(Act::new(announced))
}

pub fn close_unit(e: &mut Economy) -> Option<Act> {
    let careless = e.is_careless();
    let all = e.books.units.values().filter(|unit| careless || !unit.closing).cloned();
    let unit = e.random.pick(&all.collect::<Vec<_>>())?;
    let authority = e.books.providers.get(&unit.provider)?.authority;
    Some(Act::new(build::close_unit(authority, unit.id)))
}

pub fn remove_unit(e: &mut Economy) -> Option<Act> {
    let careless = e.is_careless();
    let gone =
        e.books.units.values().filter(|unit| careless || unit.closing && unit.live_slas == 0);
    let unit = e.random.pick(&gone.cloned().collect::<Vec<_>>())?;
    Some(Act::new(build::remove_unit(unit.provider, unit.id, unit.rent_payer)))
}

pub fn refresh_unit(e: &mut Economy) -> Option<Act> {
    let all: Vec<_> = e.books.units.values().cloned().collect();
    let unit = e.random.pick(&all)?;
    Some(Act::new(build::refresh_unit(unit.provider, unit.id)))
}
