use super::*;

pub const KEY: &str = "FL5RnrYJEGYAypPCG7KgwhgDbHWC48jmSi6w3QjunreE";

pub fn manifest(number: u32, steps: &str) -> Manifest {
    let text = format!(r#"{{"number": {number}, "title": "a test", "steps": [{steps}]}}"#);
    Manifest::parse(text.as_bytes()).unwrap()
}

fn wrong(step: &str) -> String {
    let text = format!(r#"{{"number": 1, "title": "x", "steps": [{step}]}}"#);
    Manifest::parse(text.as_bytes()).unwrap_err()
}

#[test]
fn every_kind_of_step_is_read() {
    let steps = format!(
        r#"{{"params": {{"min_stake": 2000000000, "refund_curve": {{"x1_bps": 150}}}}}},
           {{"certifiers": {{"appoint": [{{"address": "{KEY}", "level": 4, "until": "2027-01-01T00:00:00Z"}}]}}}},
           {{"certifiers": {{"remove": ["{KEY}"]}}}},
           {{"guardian": "{KEY}"}}, {{"arbiter": "{KEY}"}}, {{"offer_authority": "{KEY}"}},
           {{"treasury": {{"sweep": ["{KEY}"]}}}},
           {{"treasury": {{"expect": {{"solvent": true, "at_least": 5}}}}}}"#
    );
    let manifest = manifest(3, &steps);
    assert_eq!((manifest.name().as_str(), manifest.steps.len()), ("0003", 8));
    let Step::Params(replaced) = &manifest.steps[0] else { panic!("{:?}", manifest.steps[0]) };
    assert_eq!(replaced.names(), ["min_stake", "refund_curve"]);
    let Step::Certifiers(certifiers) = &manifest.steps[1] else { panic!() };
    assert_eq!(certifiers.appoint[0].until, Timestamp(1_798_761_600));
    let memo = manifest.memo(2);
    assert_eq!(memo, format!("flashback migration 0003 sha256:{} step 2/8", manifest.sha256));
    assert_eq!(manifest.sha256.len(), 64);
}

#[test]
fn the_manifests_of_this_repository_are_well_formed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let manifests = read_all(&root.join("migrations")).unwrap();
    let Step::Params(launch) = &manifests[0].steps[0] else { panic!("{:?}", manifests[0]) };
    let known = flashback_core::params::TABLE.iter().map(|row| row.name);
    assert!(known.chain(["refund_curve"]).eq(launch.names()));
    let guide = std::fs::read_to_string(root.join("migrations/README.md")).unwrap();
    let example = guide.split("```json\n").nth(1).and_then(|rest| rest.split("```").next());
    let other = Pubkey::new_unique().to_string();
    let example = example.unwrap().replacen("ADDRESS", KEY, 1).replace("ADDRESS", &other);
    assert_eq!(Manifest::parse(example.as_bytes()).unwrap().number, 2);
}

#[test]
fn what_is_wrong_is_said_with_its_path() {
    let appoint = |rest: &str| {
        format!(r#"{{"certifiers": {{"appoint": [{{"address": "{KEY}", {rest}}}]}}}}"#)
    };
    let cases = [
        (r#"{"params": {"min_steak": 1}}"#.to_owned(), "steps[0].params", "is no parameter"),
        (
            r#"{"params": {"min_stake": 1}}"#.to_owned(),
            "steps[0].params.min_stake",
            "out of bounds",
        ),
        (r#"{"params": {"z_milli": 1, "z_milli": 2}}"#.to_owned(), "steps[0].params", "duplicate"),
        (r#"{"params": {}}"#.to_owned(), "steps[0].params", "changes nothing"),
        (r#"{"guardian": "nobody"}"#.to_owned(), "steps[0].guardian", "is no address"),
        (r#"{"spend": 1}"#.to_owned(), "steps[0]", "unknown variant"),
        (
            r#"{"treasury": {"expect": {}}}"#.to_owned(),
            "steps[0].treasury.expect",
            "expects nothing",
        ),
        (r#"{"treasury": {"sweep": []}}"#.to_owned(), "steps[0].treasury.sweep", "changes nothing"),
        (appoint(r#""level": 5, "until": "2027-01-01T00:00:00Z""#), "appoint[0].level", "level"),
        (appoint(r#""level": 1, "until": "+1h""#), "appoint[0].until", "every day"),
        (
            appoint(r#""level": 1, "until": "2027-01-01T00:00:00Z", "why": 1"#),
            "appoint[0].why",
            "unknown field",
        ),
        (
            format!(r#"{{"certifiers": {{"remove": ["{KEY}", "{KEY}"]}}}}"#),
            "steps[0].certifiers",
            "twice",
        ),
    ];
    for (step, path, message) in cases {
        let error = wrong(&step);
        assert!(error.contains(path) && error.contains(message), "{step}: {error}");
    }
    let parse = |text: &str| Manifest::parse(text.as_bytes()).unwrap_err();
    assert!(parse(r#"{"number": 1, "title": "x", "steps": []}"#).starts_with("steps:"));
    let guardian = format!(r#"{{"guardian": "{KEY}"}}"#);
    let blank = format!(r#"{{"number": 1, "title": " ", "steps": [{guardian}]}}"#);
    assert!(parse(&blank).starts_with("title:"));
    let more = format!(r#"{{"number": 1, "title": "x", "steps": [{guardian}], "auther": 1}}"#);
    assert!(parse(&more).contains("auther"), "{}", parse(&more));
    assert!(parse(&format!("{} x", more.replace(r#", "auther": 1"#, ""))).contains("trailing"));
}

#[test]
fn more_than_a_transaction_takes_is_refused() {
    let keys: Vec<_> = (0..=STEP_MAX).map(|_| format!("\"{}\"", Pubkey::new_unique())).collect();
    let error = wrong(&format!(r#"{{"treasury": {{"sweep": [{}]}}}}"#, keys.join(",")));
    assert!(error.contains("make several steps"), "{error}");
    let fits = format!(r#"{{"treasury": {{"sweep": [{}]}}}}"#, keys[..STEP_MAX].join(","));
    manifest(1, &fits);
}

#[test]
fn numbers_have_neither_gaps_nor_doubles_and_names_begin_with_them() {
    let folder = std::env::temp_dir().join(format!("flashback-manifests-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("applied")).unwrap();
    let write = |file: &str, number: u32| {
        let step = format!(r#"{{"guardian": "{KEY}"}}"#);
        let text = format!(r#"{{"number": {number}, "title": "x", "steps": [{step}]}}"#);
        std::fs::write(folder.join(file), text).unwrap();
    };
    let error = || read_all(&folder).unwrap_err();
    let remove = |file: &str| std::fs::remove_file(folder.join(file)).unwrap();
    std::fs::write(folder.join("README.md"), "").unwrap();
    std::fs::write(folder.join("applied/x.json"), "").unwrap();
    assert!(read_all(&folder).unwrap().is_empty());
    write("0001-launch.json", 1);
    write("0002-more.json", 2);
    assert_eq!(read_all(&folder).unwrap().len(), 2);
    write("0004-gap.json", 4);
    assert!(error().to_string().contains("0004-gap.json: number: is 4, and the next one is 3"));
    assert!(crate::exit::is_usage(&error()));
    remove("0004-gap.json");
    write("0002-other.json", 2);
    assert!(error().to_string().contains("each is used once"));
    remove("0002-other.json");
    write("0003-wrong.json", 4);
    assert!(error().to_string().contains("has to begin with 0004-"));
    std::fs::remove_dir_all(&folder).unwrap();
}
