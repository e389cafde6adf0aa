//! Whether what a command prints as JSON is what `docs/output.schema.json` says of it. Every build for development looks at
//! all that is printed, so that each test that runs a command tests its description, too.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

const SCHEMA: &str = include_str!("../../../docs/output.schema.json");

/// Set once, before anything is printed.
static COMMAND: OnceLock<String> = OnceLock::new();

/// Says which command runs, such as `sla show`.
pub fn begin(command: &str) {
    // Only `main` says it, once.
    let _ = COMMAND.set(command.to_owned());
}

/// Checks what the command that runs has printed.
///
/// # Panics
/// In builds for development, if it is not as described.
pub fn check(json: &Value) {
    if cfg!(debug_assertions)
        && let Some(command) = COMMAND.get()
    {
        let wrong = wrong(command, json);
        debug_assert!(
            wrong.is_empty(),
            "docs/output.schema.json does not describe what `flashback {command}` has printed: {}",
            wrong.join("; ")
        );
    }
}

/// What is not as described of what a command prints.
fn wrong(command: &str, json: &Value) -> Vec<String> {
    match Schema::new() {
        Ok(schema) => schema.wrong(&name(command), json),
        Err(error) => vec![error.to_string()],
    }
}

/// A command's name among the definitions.
fn name(command: &str) -> String {
    command.replace(' ', "-")
}

/// The part of JSON Schema that is used there: `$ref`, `allOf`, `anyOf`, `type`, `minimum`, `required`, `properties` and
/// `items`.
struct Schema(Value);

impl Schema {
    fn new() -> serde_json::Result<Self> {
        serde_json::from_str(SCHEMA).map(Self)
    }

    fn definition(&self, name: &str) -> Option<&Value> {
        self.0.get("$defs")?.get(name)
    }

    fn wrong(&self, name: &str, json: &Value) -> Vec<String> {
        let mut wrong = vec![];
        match self.definition(name) {
            Some(schema) => self.compare(schema, json, "", &mut wrong),
            None => wrong.push(format!("there is no entry `{name}`")),
        }
        wrong
    }

    /// A schema with all that it refers to.
    fn parts<'a>(&'a self, schema: &'a Value, parts: &mut Vec<&'a Value>) {
        parts.push(schema);
        let reference = schema.get("$ref").and_then(Value::as_str);
        let name = reference.and_then(|reference| reference.strip_prefix("#/$defs/"));
        let all = schema.get("allOf").and_then(Value::as_array);
        let referred = name.and_then(|name| self.definition(name)).into_iter();
        for part in referred.chain(all.into_iter().flatten()) {
            self.parts(part, parts);
        }
    }

    fn compare(&self, schema: &Value, json: &Value, at: &str, wrong: &mut Vec<String>) {
        let mut parts = vec![];
        self.parts(schema, &mut parts);
        for part in &parts {
            self.compare_own(part, json, at, wrong);
        }
        let all = |key| parts.iter().filter_map(move |part| part.get(key));
        if let Value::Object(fields) = json {
            let described: BTreeMap<&String, &Value> =
                all("properties").filter_map(Value::as_object).flatten().collect();
            // One without is free: an event's fields are the IDL's.
            for (key, value) in fields.iter().filter(|_| !described.is_empty()) {
                match described.get(key) {
                    Some(schema) => self.compare(schema, value, &format!("{at}/{key}"), wrong),
                    None => wrong.push(format!("{at}/{key} is not described")),
                }
            }
        }
        for (schema, (index, item)) in all("items").flat_map(|schema| {
            json.as_array().into_iter().flatten().enumerate().map(move |item| (schema, item))
        }) {
            self.compare(schema, item, &format!("{at}/{index}"), wrong);
        }
    }

    /// What a part says itself.
    fn compare_own(&self, part: &Value, json: &Value, at: &str, wrong: &mut Vec<String>) {
        if let Some(name) = part.get("type").and_then(Value::as_str)
            && !is(name, json)
        {
            wrong.push(format!("{at} is no {name}: {json}"));
        }
        if let Some(least) = part.get("minimum").and_then(Value::as_i64)
            && json.as_i64().is_some_and(|number| number < least)
        {
            wrong.push(format!("{at} is less than {least}: {json}"));
        }
        let required = part.get("required").and_then(Value::as_array).into_iter().flatten();
        for key in required.filter_map(Value::as_str).filter(|key| json.get(*key).is_none()) {
            wrong.push(format!("{at}/{key} is missing"));
        }
        if let Some(any) = part.get("anyOf").and_then(Value::as_array) {
            let fits = |schema: &&Value| {
                let mut wrong = vec![];
                self.compare(schema, json, at, &mut wrong);
                wrong.is_empty()
            };
            if !any.iter().any(|schema| fits(&schema)) {
                wrong.push(format!("{at} is none of what it may be: {json}"));
            }
        }
    }
}

fn is(name: &str, json: &Value) -> bool {
    match name {
        "integer" => json.is_i64() || json.is_u64(),
        "string" => json.is_string(),
        "boolean" => json.is_boolean(),
        "array" => json.is_array(),
        "object" => json.is_object(),
        "null" => json.is_null(),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
