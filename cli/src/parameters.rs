//! Parameters by name in JSON, as scenarios and migration manifests replace them.

use flashback_core::params::{ParamRow, Params, TABLE};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

/// The refund curve's name among the parameters.
pub const CURVE: &str = "refund_curve";

/// The default parameters with those that are named replaced, each within its hard bounds.
pub fn parameters<'de, D: Deserializer<'de>>(json: D) -> Result<Params, D::Error> {
    let mut params = Params::default();
    Replacements::deserialize(json)?.replace(&mut params);
    Ok(params)
}

/// Parameters by name with their new values, each within its hard bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replacements {
    values: Vec<(&'static ParamRow, u64)>,
    knots: Knots,
}

impl Replacements {
    /// What is replaced; the refund curve is one.
    pub fn names(&self) -> Vec<&'static str> {
        let curve = (self.knots != Knots::default()).then_some(CURVE);
        self.values.iter().map(|(row, _)| row.name).chain(curve).collect()
    }

    /// Puts the new values in. Whether they agree with one another is for [`Params::check`].
    pub fn replace(&self, params: &mut Params) {
        for (row, value) in &self.values {
            // Within its bounds since it was read.
            let set = params.set(row.name, *value);
            debug_assert!(set.is_ok(), "{} was read within its bounds", row.name);
        }
        self.knots.replace(params);
    }
}

impl<'de> Deserialize<'de> for Replacements {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_map(Named)
    }
}

struct Named;

impl<'de> Visitor<'de> for Named {
    type Value = Replacements;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object of parameters by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Replacements, A::Error> {
        let mut replacements = Replacements::default();
        while let Some(name) = map.next_key::<String>()? {
            if name == CURVE {
                replacements.knots = map.next_value()?;
                continue;
            }
            let row = TABLE.iter().find(|row| row.name == name).ok_or_else(|| unknown(&name))?;
            if replacements.values.iter().any(|(known, _)| known.name == name) {
                return Err(A::Error::duplicate_field(row.name));
            }
            let value = map.next_value_seed(Value(row))?;
            replacements.values.push((row, value));
        }
        Ok(replacements)
    }
}

fn unknown<E: Error>(name: &str) -> E {
    let known: Vec<&str> = TABLE.iter().map(|row| row.name).chain([CURVE]).collect();
    E::custom(format!("`{name}` is no parameter: name some of {}", known.join(", ")))
}

/// The value of one parameter.
struct Value(&'static ParamRow);

impl<'de> DeserializeSeed<'de> for Value {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<u64, D::Error> {
        let value = u64::deserialize(json)?;
        let ParamRow { name, unit, min, max, .. } = self.0;
        Params::default().set(name, value).map_err(|_| {
            D::Error::custom(format!("{value} is out of bounds: {min} to {max} ({unit})"))
        })?;
        Ok(value)
    }
}

/// Of the refund curve's knots, those that are replaced, in bps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Knots {
    x1_bps: Option<u16>,
    y1_bps: Option<u16>,
    x2_bps: Option<u16>,
    y2_bps: Option<u16>,
}

impl Knots {
    fn replace(&self, params: &mut Params) {
        let curve = &mut params.refund_curve;
        curve.x1_bps = self.x1_bps.unwrap_or(curve.x1_bps);
        curve.y1_bps = self.y1_bps.unwrap_or(curve.y1_bps);
        curve.x2_bps = self.x2_bps.unwrap_or(curve.x2_bps);
        curve.y2_bps = self.y2_bps.unwrap_or(curve.y2_bps);
    }
}
