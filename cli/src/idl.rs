//! Flashback's own instructions and events, decoded by the program's IDL.

use std::sync::LazyLock;

use flashback_sdk::address;
use flashback_sdk::core::text::padded_text;
use serde_json::{Value, json};
use solana_sdk::pubkey::Pubkey;

/// The program's interface, as this version of it was built.
static IDL: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../idls/flashback.json")).unwrap_or_default()
});

/// What an instruction does, by the names that its program uses.
pub struct Decoded {
    /// The program's name.
    pub program: &'static str,
    /// The instruction's name.
    pub name: String,
    /// Its arguments by their paths: `args.capacity_gib`.
    pub arguments: Vec<(String, Value)>,
    /// The names of its first accounts.
    pub accounts: Vec<AccountName>,
}

/// What an instruction calls one of its accounts.
pub struct AccountName {
    pub name: String,
    /// The program's own address stands for there being none.
    pub optional: bool,
}

/// Decodes an instruction of the program; `None` if it is none, or its arguments do not fit it.
pub fn instruction(program: &Pubkey, data: &[u8]) -> Option<Decoded> {
    if *program != address::PROGRAM {
        return None;
    }
    let (instruction, body) = found(&IDL, "instructions", data)?;
    let mut reader = Reader::new(&IDL, body)?;
    for argument in instruction.get("args")?.as_array()? {
        reader.read(text(argument, "name")?, argument.get("type")?)?;
    }
    let accounts = instruction.get("accounts")?.as_array()?.iter().map(|account| {
        let optional = account.get("optional").and_then(Value::as_bool).unwrap_or(false);
        Some(AccountName { name: text(account, "name")?.to_owned(), optional })
    });
    Some(Decoded {
        program: "Flashback",
        name: text(instruction, "name")?.to_owned(),
        arguments: reader.finish()?,
        accounts: accounts.collect::<Option<_>>()?,
    })
}

/// The fields of an event, discriminator first, by their paths; `None` if it is none of that name.
pub fn event(name: &str, data: &[u8]) -> Option<Vec<(String, Value)>> {
    let (event, body) = found(&IDL, "events", data)?;
    if text(event, "name")? != name {
        return None;
    }
    let mut reader = Reader::new(&IDL, body)?;
    reader.defined("", name)?;
    reader.finish()
}

/// What in that list begins like these bytes, and the bytes behind that.
fn found<'a, 'b>(idl: &'a Value, list: &str, data: &'b [u8]) -> Option<(&'a Value, &'b [u8])> {
    idl.get(list)?.as_array()?.iter().find_map(|item| {
        let discriminator = bytes_of(item.get("discriminator")?)?;
        Some((item, data.strip_prefix(discriminator.as_slice())?))
    })
}

fn bytes_of(array: &Value) -> Option<Vec<u8>> {
    array.as_array()?.iter().map(|byte| u8::try_from(byte.as_u64()?).ok()).collect()
}

fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str()
}

/// Reads Borsh by the IDL's types, and lists what it finds by its path.
struct Reader<'a> {
    types: &'a [Value],
    rest: &'a [u8],
    arguments: Vec<(String, Value)>,
}

impl<'a> Reader<'a> {
    fn new(idl: &'a Value, rest: &'a [u8]) -> Option<Self> {
        Some(Self { types: idl.get("types")?.as_array()?, rest, arguments: vec![] })
    }

    /// What was found, if nothing is left.
    fn finish(self) -> Option<Vec<(String, Value)>> {
        self.rest.is_empty().then_some(self.arguments)
    }

    fn read(&mut self, path: &str, kind: &Value) -> Option<()> {
        if let Some(inner) = kind.get("option") {
            return match self.byte()? {
                0 => self.found(path, Value::Null),
                1 => self.read(path, inner),
                _ => None,
            };
        }
        if let Some(inner) = kind.get("vec") {
            for index in 0..self.length()? {
                self.read(&format!("{path}[{index}]"), inner)?;
            }
            return Some(());
        }
        if let Some([inner, count]) = kind.get("array").and_then(Value::as_array).map(Vec::as_slice)
        {
            let count = usize::try_from(count.as_u64()?).ok()?;
            if inner == "u8" {
                let bytes = self.take(count)?;
                return self.found(path, bytes_as_text(bytes));
            }
            for index in 0..count {
                self.read(&format!("{path}[{index}]"), inner)?;
            }
            return Some(());
        }
        if let Some(defined) = kind.get("defined") {
            return self.defined(path, text(defined, "name")?);
        }
        let value = self.plain(kind.as_str()?)?;
        self.found(path, value)
    }

    fn defined(&mut self, path: &str, name: &str) -> Option<()> {
        let types = self.types;
        let found = types.iter().find(|kind| text(kind, "name") == Some(name))?;
        let kind = found.get("type")?;
        if let Some(variants) = kind.get("variants") {
            let variant = variants.get(usize::from(self.byte()?))?;
            let name = text(variant, "name")?;
            return variant.get("fields").is_none().then(|| self.found(path, name.into()))?;
        }
        for field in kind.get("fields")?.as_array()? {
            let name = text(field, "name")?;
            let below = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            self.read(&below, field.get("type")?)?;
        }
        Some(())
    }

    fn plain(&mut self, kind: &str) -> Option<Value> {
        Some(match kind {
            "bool" => match self.byte()? {
                0 => false.into(),
                1 => true.into(),
                _ => return None,
            },
            "u8" => self.byte()?.into(),
            "u16" => u16::from_le_bytes(self.array()?).into(),
            "u32" => u32::from_le_bytes(self.array()?).into(),
            "u64" => u64::from_le_bytes(self.array()?).into(),
            "i8" => i8::from_le_bytes(self.array()?).into(),
            "i16" => i16::from_le_bytes(self.array()?).into(),
            "i32" => i32::from_le_bytes(self.array()?).into(),
            "i64" => i64::from_le_bytes(self.array()?).into(),
            "pubkey" => Pubkey::from(self.array::<32>()?).to_string().into(),
            "string" => {
                let length = self.length()?;
                std::str::from_utf8(self.take(length)?).ok()?.into()
            }
            "bytes" => {
                let length = self.length()?;
                hex(self.take(length)?).into()
            }
            _ => return None,
        })
    }

    fn found(&mut self, path: &str, value: Value) -> Option<()> {
        self.arguments.push((path.to_owned(), value));
        Some(())
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.array()?)).ok()
    }
}

/// Short padded text such as a region's name, else hexadecimal digits.
fn bytes_as_text(bytes: &[u8]) -> Value {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (name, padding) = bytes.split_at(end);
    let printable = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    if printable && padding.iter().all(|byte| *byte == 0) {
        return padded_text(bytes).into();
    }
    json!(hex(bytes))
}

/// Hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flashback_sdk::core::quality::Thresholds;
    use flashback_sdk::core::sla::Offer;
    use flashback_sdk::core::text::region;
    use flashback_sdk::core::units::Atoms;
    use flashback_sdk::instruction::{self as build, CreateUnitArgs, StakeOwner};

    #[test]
    fn an_instruction_is_read_as_it_was_built() {
        let key = Pubkey::new_unique();
        let args = CreateUnitArgs {
            id: 7,
            capacity_gib: 1_024,
            offer: Offer {
                price_per_gib_month: 20_000,
                version: 1,
                min_duration_secs: 3_600,
                max_duration_secs: 86_400,
                probe_interval_secs: 60,
                thresholds: Thresholds {
                    uptime_failures_ppm: 1,
                    errors_ppm: 2,
                    latency_us: 3,
                    upload_kib_s: 4,
                    download_kib_s: 5,
                },
            },
            protocols: 1,
            consumer_level: 0,
            auto_accept: true,
            region: region("eu-central-1").unwrap(),
            endpoint_uri: "https://s3.example".to_owned(),
        };
        let built = build::create_unit(key, key, args);
        let decoded = instruction(&built.program_id, &built.data).unwrap();
        assert_eq!(decoded.name, "create_unit");
        let argument = |path: &str| {
            let found = decoded.arguments.iter().find(|(name, _)| name == path);
            found.unwrap_or_else(|| panic!("{path} in {:?}", decoded.arguments)).1.clone()
        };
        assert_eq!(argument("args.capacity_gib"), 1_024);
        assert_eq!(argument("args.offer.price_per_gib_month"), 20_000);
        assert_eq!(argument("args.offer.thresholds.download_kib_s"), 5);
        assert_eq!(argument("args.auto_accept"), true);
        assert_eq!(argument("args.region"), "eu-central-1");
        assert_eq!(argument("args.endpoint_uri"), "https://s3.example");
    }

    #[test]
    fn what_is_missing_or_too_much_is_not_guessed() {
        let key = Pubkey::new_unique();
        let built = build::stake(key, key, StakeOwner::Provider(key), Atoms(1_500_000));
        let decoded = instruction(&built.program_id, &built.data).unwrap();
        assert_eq!((decoded.name.as_str(), decoded.arguments.len()), ("stake", 1));
        assert_eq!(decoded.arguments[0].1, 1_500_000);
        let names: Vec<&str> = decoded.accounts.iter().map(|account| &*account.name).collect();
        assert_eq!(names[..3], ["authority", "funder", "funder_token"]);
        assert!(decoded.accounts[5].optional, "the registry");
        let longer = [built.data.clone(), vec![0]].concat();
        let shorter = &built.data[..built.data.len() - 1];
        for wrong in [&longer[..], shorter, &built.data[..7], &[]] {
            assert!(instruction(&built.program_id, wrong).is_none());
        }
        assert!(instruction(&key, &built.data).is_none(), "another program's");
    }

    #[test]
    fn every_event_can_be_read() {
        for item in IDL["events"].as_array().unwrap() {
            let mut data = bytes_of(&item["discriminator"]).unwrap();
            let name = item["name"].as_str().unwrap();
            let found = (0..2_048).find_map(|_| {
                let fields = event(name, &data);
                data.push(0);
                fields
            });
            assert!(found.is_some(), "{name}");
        }
    }

    #[test]
    fn every_instruction_has_types_that_can_be_read() {
        for item in IDL["instructions"].as_array().unwrap() {
            // Zeros are a value of every type.
            let mut data = bytes_of(&item["discriminator"]).unwrap();
            let found = (0..2_048).find_map(|_| {
                let decoded = instruction(&address::PROGRAM, &data);
                data.push(0);
                decoded
            });
            assert_eq!(found.unwrap().name, item["name"].as_str().unwrap());
        }
    }
}
