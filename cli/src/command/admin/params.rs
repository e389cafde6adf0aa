//! The parameters: showing and setting them.

use anyhow::{Context, Result};
use clap::Subcommand;
use flashback_core::money::RefundCurve;
use flashback_core::params::{ParamRow, Params, TABLE};
use flashback_core::units::{Atoms, Seconds};
use flashback_sdk::account::Config;
use flashback_sdk::instruction as build;
use flashback_sdk::{Error, Flashback, address};

use super::powers::governed;
use crate::act::Act;
use crate::exit::{refused, usage};
use crate::output::{Fact, Report};
use crate::quantity;
use crate::settings::Settings;

/// The one parameter that is no number.
const CURVE: &str = "refund_curve";

#[derive(Debug, Subcommand)]
pub enum ParamsAction {
    /// Show every parameter: what it is now, its default, its bounds and what it is for
    Show,
    /// Set parameters, as the authority; the others stay
    ///
    /// A value is a number in the unit that `flashback admin params show` tells, or a span such as 30d; an amount always
    /// says its unit, as 1000FLASH or 1000000atoms. The refund curve is `refund_curve=X1,Y1,X2,Y2`, in bps.
    ///
    /// SLAs that are proposed already keep their terms. `min_stake`, `unbonding_secs`, `acceptance_secs` and
    /// `maintenance_part` count at once, for whoever acts from then on.
    Set {
        /// What to set, such as `cover_bps=2500` or `min_stake=1000FLASH`
        #[arg(value_name = "NAME=VALUE", required = true, value_parser = Change::parse)]
        changes: Vec<Change>,
    },
}

/// What a parameter is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A number, within its hard bounds.
    Number(&'static ParamRow, u64),
    /// The refund curve, which rises.
    Curve(RefundCurve),
}

impl Change {
    /// Reads `NAME=VALUE`; refuses what the program would refuse of any parameters.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` is no NAME=VALUE, such as cover_bps=2500"))?;
        if name == CURVE {
            return curve(value).map(Self::Curve);
        }
        let row = TABLE.iter().find(|row| row.name == name).ok_or_else(|| {
            let names: Vec<&str> = TABLE.iter().map(|row| row.name).chain([CURVE]).collect();
            format!("`{name}` is no parameter: name one of {}", names.join(", "))
        })?;
        let number = number(row, value)?;
        Params::default().set(name, number).map_err(|_| {
            let text = |value| fact(row, value);
            format!("{name} is {} to {}, and `{value}` is not", text(row.min), text(row.max))
        })?;
        Ok(Self::Number(row, number))
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Number(row, _) => row.name,
            Self::Curve(_) => CURVE,
        }
    }

    fn apply(&self, params: &mut Params) -> Result<()> {
        match self {
            Self::Number(row, value) => params.set(row.name, *value).map_err(Error::from)?,
            Self::Curve(curve) => params.refund_curve = *curve,
        }
        Ok(())
    }

    /// What the parameter is in `params`.
    fn value_in(&self, params: &Params) -> Fact {
        match self {
            Self::Number(row, _) => TABLE
                .iter()
                .zip(params.values())
                .find(|(of, _)| of.name == row.name)
                .map(|(row, value)| fact(row, value))
                .into(),
            Self::Curve(_) => curve_text(&params.refund_curve).into(),
        }
    }
}

/// A number in a parameter's unit; an amount or a span where that is its unit. An amount says its own unit: a bare number
/// would be atoms to those who read the table, and FLASH as everywhere else.
fn number(row: &ParamRow, text: &str) -> Result<u64, String> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = |text: &str| text.parse().map_err(|_| format!("`{text}` is too large"));
    match Unit::of(row) {
        Unit::Amount if plain => Err(format!(
            "{} is an amount, and `{text}` has no unit: write {text}FLASH or {text}atoms",
            row.name
        )),
        Unit::Amount => match text.strip_suffix("atoms").map(str::trim_end) {
            Some(atoms) if !atoms.is_empty() && atoms.bytes().all(|byte| byte.is_ascii_digit()) => {
                whole(atoms)
            }
            Some(_) => Err(format!("`{text}` is no whole number of atoms")),
            None => quantity::flash(text).map(|amount| amount.0),
        },
        _ if plain => whole(text),
        Unit::Span => quantity::duration(text).map(|span| u64::from(span.0)),
        Unit::Other => {
            Err(format!("{} is a whole number of {}, and `{text}` is not", row.name, row.unit))
        }
    }
}

fn curve(text: &str) -> Result<RefundCurve, String> {
    let wrong = || format!("`{text}` is no X1,Y1,X2,Y2 in bps, such as {}", default_curve());
    let numbers: Result<Vec<u16>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    let [x1_bps, y1_bps, x2_bps, y2_bps] =
        numbers.map_err(|_| wrong())?.try_into().map_err(|_| wrong())?;
    let curve = RefundCurve { x1_bps, y1_bps, x2_bps, y2_bps };
    curve.check().map(|()| curve).map_err(|error| format!("`{text}`: {error}"))
}

fn default_curve() -> String {
    curve_text(&RefundCurve::DEFAULT)
}

fn curve_text(curve: &RefundCurve) -> String {
    format!("{},{},{},{}", curve.x1_bps, curve.y1_bps, curve.x2_bps, curve.y2_bps)
}

/// How a parameter's number is read and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// An amount of FLASH.
    Amount,
    /// A span of time.
    Span,
    /// A plain number of whatever the table says.
    Other,
}

impl Unit {
    fn of(row: &ParamRow) -> Self {
        match row.unit.split_whitespace().next() {
            Some("atoms") => Self::Amount,
            Some("seconds") => Self::Span,
            _ => Self::Other,
        }
    }
}

/// A parameter's value, by its unit.
fn fact(row: &ParamRow, value: u64) -> Fact {
    match Unit::of(row) {
        Unit::Amount => Atoms(value).into(),
        Unit::Span => u32::try_from(value).map_or(value.into(), |secs| Seconds(secs).into()),
        Unit::Other => value.into(),
    }
}

/// Refuses a parameter that is named twice.
///
/// # Errors
/// Wrong usage.
pub fn check_distinct(changes: &[Change]) -> Result<()> {
    for (index, change) in changes.iter().enumerate() {
        if changes.iter().take(index).any(|other| other.name() == change.name()) {
            return Err(usage(format!("{} is named twice", change.name())));
        }
    }
    Ok(())
}

/// The parameters with some changed.
///
/// # Errors
/// A rule's error if they do not go together.
pub fn apply(before: Params, changes: &[Change]) -> Result<Params> {
    let mut params = before;
    for change in changes {
        change.apply(&mut params)?;
    }
    params.check().map_err(Error::from).with_context(|| {
        let (needed, most) = (params.min_samples, params.probes_max);
        format!("min_samples, {needed}, may not exceed probes_max, {most}")
    })?;
    Ok(params)
}

pub async fn run(action: ParamsAction, settings: &Settings) -> Result<()> {
    let report = match action {
        ParamsAction::Show => show(&settings.reader()?.config().await?.params),
        ParamsAction::Set { changes } => {
            set(&settings.client()?, &changes).await?.perform(settings).await?.report
        }
    };
    report.print(settings.output());
    Ok(())
}

/// Every parameter by its name.
pub fn all(params: &Params) -> impl Iterator<Item = (&'static str, Fact)> {
    let numbers = TABLE.iter().zip(params.values());
    let numbers = numbers.map(|(row, value)| (row.name, fact(row, value)));
    numbers.chain([(CURVE, curve_text(&params.refund_curve).into())])
}

fn show(params: &Params) -> Report {
    let columns = ["parameter", "value", "default", "least", "most", "measured_in", "meaning"];
    let rows = TABLE.iter().zip(params.values()).map(|(row, value)| {
        [
            row.name.into(),
            fact(row, value),
            fact(row, row.default),
            fact(row, row.min),
            fact(row, row.max),
            row.unit.into(),
            row.reason.into(),
        ]
    });
    Report::new("parameters")
        .fact(CURVE, curve_text(&params.refund_curve))
        .fact("refund_curve_default", default_curve())
        .table("parameters", columns, rows.collect())
}

async fn set(client: &Flashback, changes: &[Change]) -> Result<Act> {
    check_distinct(changes)?;
    let before = governed(client).await?.params;
    let after = apply(before, changes)?;
    if after == before {
        return Err(refused("nothing would change: these are the values already"));
    }
    let prepared = client.prepare([build::set_params(client.key(), after)]);
    let act = Act::new("parameters set", prepared).writes(all(&after));
    let act = changes.iter().fold(act, |act, change| {
        let change = *change;
        act.fact(change.name(), change.value_in(&after)).compare(
            change.name(),
            address::config(),
            move |config: &Config| change.value_in(&config.params),
        )
    });
    Ok(act)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(text: &str) -> Change {
        Change::parse(text).unwrap()
    }

    #[test]
    fn every_parameter_takes_its_bounds_as_a_number_and_as_it_is_shown() {
        for row in TABLE {
            for value in [row.min, row.max] {
                let expected = Change::Number(row, value);
                let unit = if Unit::of(row) == Unit::Amount { "atoms" } else { "" };
                assert_eq!(change(&format!("{}={value}{unit}", row.name)), expected);
                let shown = fact(row, value).to_string().replace(' ', "");
                if shown != "0s" {
                    assert_eq!(change(&format!("{}={shown}", row.name)), expected);
                }
            }
            let unit = if Unit::of(row) == Unit::Amount { "atoms" } else { "" };
            let beyond = Change::parse(&format!("{}={}{unit}", row.name, row.max + 1)).unwrap_err();
            assert!(beyond.contains(&fact(row, row.max).to_string()), "{beyond}");
        }
    }

    #[test]
    fn an_amount_says_its_unit() {
        let bare = Change::parse("min_stake=2000000").unwrap_err();
        assert!(bare.contains("write 2000000FLASH or 2000000atoms"), "{bare}");
        assert_eq!(change("min_stake=2FLASH"), change("min_stake=2000000 atoms"));
        for wrong in ["atoms", "2.5atoms", "-1atoms", "18446744073709551616atoms"] {
            Change::parse(&format!("min_stake={wrong}")).unwrap_err();
        }
    }

    #[test]
    fn what_is_named_changes_and_nothing_else() {
        let changes = [
            change("unbonding_secs=8d"),
            change("refund_curve=1,0,9999,10000"),
            change("z_milli=0"),
        ];
        let after = apply(Params::default(), &changes).unwrap();
        let curve = RefundCurve { x1_bps: 1, y1_bps: 0, x2_bps: 9_999, y2_bps: 10_000 };
        let expected = Params {
            unbonding_secs: 691_200,
            refund_curve: curve,
            z_milli: 0,
            ..Params::default()
        };
        assert_eq!(after, expected);
        let before: Vec<_> =
            changes.iter().map(|one| one.value_in(&Params::default()).to_string()).collect();
        assert_eq!(before, ["30d", "2000,1000,6000,6000", "1645"]);
        let now: Vec<_> = changes.iter().map(|one| one.value_in(&after).to_string()).collect();
        assert_eq!(now, ["8d", "1,0,9999,10000", "0"]);
    }

    #[test]
    fn present_parameters_decide_whether_a_change_goes_with_them() {
        let present = Params { probes_max: 100, ..Params::default() };
        apply(present, &[change("min_samples=100")]).unwrap();
        let refused = apply(present, &[change("min_samples=101")]).unwrap_err();
        assert_eq!(refused.to_string(), "min_samples, 101, may not exceed probes_max, 100");
        let both = [change("min_samples=101"), change("probes_max=101")];
        apply(present, &both).unwrap();
    }

    #[test]
    fn all_that_a_transaction_writes_is_named() {
        let params = Params { cover_bps: 2_500, ..Params::default() };
        let written: Vec<_> = all(&params).collect();
        assert_eq!(written.len(), TABLE.len() + 1);
        let value = |name: &str| {
            let found = written.iter().find(|(of, _)| *of == name);
            found.map(|(_, value)| value.to_string()).unwrap()
        };
        assert_eq!(value("cover_bps"), "2500");
        assert_eq!(value("unbonding_secs"), "30d");
        assert_eq!(value(CURVE), "2000,1000,6000,6000");
    }

    #[test]
    fn all_are_shown_with_their_bounds_and_meaning() {
        let params = Params { cover_bps: 2_500, ..Params::default() };
        let json = show(&params).json();
        let rows = json["parameters"].as_array().unwrap();
        assert_eq!(rows.len(), TABLE.len());
        for (row, shown) in TABLE.iter().zip(rows) {
            assert_eq!(shown["parameter"], row.name);
            assert_eq!(shown["default"], row.default);
            assert_eq!(
                (shown["least"].as_u64(), shown["most"].as_u64()),
                (Some(row.min), Some(row.max))
            );
            assert_eq!(
                (&shown["measured_in"], &shown["meaning"]),
                (&row.unit.into(), &row.reason.into())
            );
            let value = if row.name == "cover_bps" { 2_500 } else { row.default };
            assert_eq!(shown["value"], value, "{}", row.name);
        }
        assert_eq!(json["refund_curve"], "2000,1000,6000,6000");
    }
}
