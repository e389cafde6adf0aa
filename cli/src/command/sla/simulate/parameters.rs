//! A scenario's `parameters`: the defaults, and what replaces them.

use flashback_core::params::{ParamRow, Params, TABLE};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

/// The refund curve's name among the parameters.
const CURVE: &str = "refund_curve";

/// The default parameters with those that are named replaced, each within its hard bounds.
pub fn parameters<'de, D: Deserializer<'de>>(json: D) -> Result<Params, D::Error> {
    json.deserialize_map(Named)
}

struct Named;

impl<'de> Visitor<'de> for Named {
    type Value = Params;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object of parameters by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Params, A::Error> {
        let mut params = Params::default();
        while let Some(name) = map.next_key::<String>()? {
            if name == CURVE {
                let knots: Knots = map.next_value()?;
                knots.replace(&mut params);
                continue;
            }
            let row = TABLE.iter().find(|row| row.name == name).ok_or_else(|| unknown(&name))?;
            map.next_value_seed(Value { row, params: &mut params })?;
        }
        Ok(params)
    }
}

fn unknown<E: Error>(name: &str) -> E {
    let known: Vec<&str> = TABLE.iter().map(|row| row.name).chain([CURVE]).collect();
    E::custom(format!("`{name}` is no parameter: name some of {}", known.join(", ")))
}

/// The value of one parameter.
struct Value<'a> {
    row: &'static ParamRow,
    params: &'a mut Params,
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        let value = u64::deserialize(json)?;
        let ParamRow { name, unit, min, max, .. } = self.row;
        self.params.set(name, value).map_err(|_| {
            D::Error::custom(format!("{value} is out of bounds: {min} to {max} ({unit})"))
        })
    }
}

/// Of the refund curve's knots, those that are replaced, in bps.
#[derive(Deserialize)]
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
