use flashback_core::units::Timestamp;
use proptest::prelude::*;
use solana_sdk::pubkey::Pubkey;

use super::*;
use crate::key::SlaLife;
use crate::text;

const SECRETS: [&str; 4] =
    ["AKIA-VERY-SECRET", "wJalr-secret-key", "canaries/hidden", "tok-secret"];

fn life() -> SlaLife {
    SlaLife { sla: Pubkey::new_from_array([7; 32]), start: Timestamp(1_700_000_000) }
}

fn oracle() -> Pubkey {
    Pubkey::new_from_array([9; 32])
}

fn access() -> Access {
    Access {
        sla: life().sla,
        sla_start: life().start.0,
        protocol: Protocol::S3,
        bucket: "bucket".into(),
        prefix: Some("backups/2026".into()),
        region: None,
        access: Keys::S3 {
            access_key_id: SECRETS[0].into(),
            secret_access_key: SECRETS[1].into(),
            session_token: Some(SECRETS[3].into()),
        },
        canaries: vec![Canary {
            key: format!("{}/photo.jpg", SECRETS[2]),
            sha256: "ab".repeat(32),
            bytes: 1_000,
        }],
    }
}

fn json(access: &Access) -> String {
    serde_json::to_string(access).unwrap()
}

fn sealed(key: &OracleKey) -> SealedFile {
    seal(&access(), life(), oracle(), key.public()).unwrap()
}

fn assert_nothing_secret(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn what_is_sealed_opens_for_its_oracle_and_sla_only() {
    let key = OracleKey::generate();
    let file = SealedFile::parse(sealed(&key).to_json().unwrap().as_bytes()).unwrap();
    let opened = open(&file, &key, life(), &oracle()).unwrap();
    assert_eq!(json(&opened), json(&access()));

    let stranger = Pubkey::new_from_array([1; 32]);
    assert!(matches!(
        open(&file, &key, life(), &stranger),
        Err(Error::AnotherOracle { named, own }) if named == oracle() && own == stranger
    ));
    let reborn = SlaLife { start: Timestamp(1_700_000_001), ..life() };
    assert!(matches!(open(&file, &key, reborn, &oracle()), Err(Error::AnotherLife { .. })));
    assert!(matches!(
        open(&file, &OracleKey::generate(), life(), &oracle()),
        Err(Error::CannotOpen)
    ));
}

#[test]
fn a_box_moved_into_the_envelope_of_another_life_stays_shut() {
    let key = OracleKey::generate();
    let reborn = SlaLife { start: Timestamp(1_800_000_000), ..life() };
    let moved = SealedFile { sla_start: reborn.start.0, ..sealed(&key) };
    assert!(matches!(open(&moved, &key, reborn, &oracle()), Err(Error::AnotherLife { .. })));
}

#[test]
fn nothing_secret_is_in_any_text() {
    let key = OracleKey::generate();
    assert_nothing_secret(&format!("{:?}", access()));
    assert_nothing_secret(&format!("{:?}", access().access));
    assert_nothing_secret(&format!("{:?}", access().canaries));
    assert!(!format!("{key:?}").contains(&text::encode_hex(&key.derive(""))[..8]));

    // Sealed by hand, since `seal` makes no such thing: values where others are expected.
    for (from, to) in [
        ("\"sla_start\":1700000000", "\"sla_start\":\"AKIA-VERY-SECRET\""),
        ("\"bytes\":1000", "\"bytes\":\"wJalr-secret-key\""),
        ("\"bucket\":", "\"tok-secret\":1,\"bucket\":"),
        ("\"access_key_id\"", "\"wJalr-secret-key\""),
        ("\"protocol\":\"s3\"", "\"protocol\":\"tok-secret\""),
    ] {
        let plaintext = json(&access()).replacen(from, to, 1);
        assert_ne!(plaintext, json(&access()));
        let bytes = key::seal_to(key.public(), plaintext.as_bytes()).unwrap();
        let base64 = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, bytes);
        let file = SealedFile { sealed: base64, ..sealed(&key) };
        let error = open(&file, &key, life(), &oracle()).unwrap_err();
        assert!(matches!(error, Error::Malformed(_)), "{error:?}");
        assert_nothing_secret(&format!("{error} {error:?}"));
    }
}

#[test]
fn access_that_cannot_be_used_is_told() {
    type Change = fn(&mut Access);
    let unusable: [(&str, Change); 17] = [
        ("bucket", |access| access.bucket.clear()),
        ("bucket", |access| access.bucket = "a/b".into()),
        ("bucket", |access| access.bucket = "b".repeat(256)),
        ("prefix", |access| access.prefix = Some(String::new())),
        ("prefix", |access| access.prefix = Some("/a".into())),
        ("prefix", |access| access.prefix = Some("a/".into())),
        ("prefix", |access| access.prefix = Some("a//b".into())),
        ("prefix", |access| access.prefix = Some("a/../b".into())),
        ("prefix", |access| access.prefix = Some("p".repeat(PREFIX_BYTES_MAX + 1))),
        ("region", |access| access.region = Some(String::new())),
        ("another protocol", |access| access.protocol = Protocol::Gcs),
        ("secret_access_key", |access| {
            access.access = Keys::S3 {
                access_key_id: "id".into(),
                secret_access_key: "".into(),
                session_token: None,
            }
        }),
        ("sha256", |access| access.canaries[0].sha256 = "ab".repeat(31)),
        ("sha256", |access| access.canaries[0].sha256 = "xy".repeat(32)),
        ("canary", |access| access.canaries[0].bytes = CANARY_BYTES_MAX + 1),
        ("canaries", |access| access.canaries.push(access.canaries[0].clone())),
        ("canary", |access| access.canaries[0].key = "a\nb".into()),
    ];
    for (field, change) in unusable {
        let mut access = access();
        change(&mut access);
        let error = access.check().unwrap_err();
        assert!(matches!(error, Error::Unusable(_)));
        assert!(error.to_string().contains(field), "{field}: {error}");
        assert_nothing_secret(&format!("{error} {error:?}"));
        let key = OracleKey::generate();
        assert!(seal(&access, life(), oracle(), key.public()).is_err());
    }
}

#[test]
fn keys_of_every_protocol_are_told_apart() {
    for (keys, protocol) in [
        (r#"{"access_key_id":"a","secret_access_key":"b"}"#, Protocol::S3),
        (r#"{"service_account_key":"{}"}"#, Protocol::Gcs),
        (r#"{"account":"a","access_key":"b"}"#, Protocol::Azure),
        (r#"{"account":"a","sas":"sig=b"}"#, Protocol::Azure),
    ] {
        let keys: Keys = serde_json::from_str(keys).unwrap();
        Access { protocol, access: keys, ..access() }.check().unwrap();
    }
    let both = r#"{"account":"a","access_key":"b","sas":"c"}"#;
    assert!(serde_json::from_str::<Keys>(both).is_err());
}

#[cfg(unix)]
#[test]
fn a_key_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oracle.key");
    let key = OracleKey::generate();
    key.save(&path).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert_eq!(OracleKey::load(&path).unwrap().public(), key.public());
    assert!(matches!(OracleKey::generate().save(&path), Err(Error::KeyFile { .. })));

    for mode in [0o640, 0o604, 0o620, 0o601] {
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        assert!(
            matches!(OracleKey::load(&path), Err(Error::KeyExposed { mode: told, .. }) if told == mode)
        );
    }
    let other = folder.path().join("other.key");
    std::fs::write(&other, "ab".repeat(31)).unwrap();
    std::fs::set_permissions(&other, PermissionsExt::from_mode(0o600)).unwrap();
    assert!(matches!(OracleKey::load(&other), Err(Error::KeyMalformed { .. })));
    assert!(matches!(OracleKey::load(&folder.path().join("none")), Err(Error::KeyFile { .. })));
}

#[test]
fn derived_secrets_differ_by_purpose_and_key() {
    let (one, other) = (OracleKey::generate(), OracleKey::generate());
    assert_eq!(one.derive("a"), one.derive("a"));
    assert_ne!(one.derive("a"), one.derive("b"));
    assert_ne!(one.derive("a"), other.derive("a"));
}

proptest! {
    #[test]
    fn any_flipped_byte_is_noticed(at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let key = OracleKey::generate();
        let mut bytes = sealed(&key).to_json().unwrap().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        let outcome = SealedFile::parse(&bytes).and_then(|file| open(&file, &key, life(), &oracle()));
        let error = outcome.expect_err("opened");
        assert_nothing_secret(&format!("{error} {error:?}"));
    }

    #[test]
    fn what_is_sealed_is_what_is_opened(
        bucket in "[a-z0-9.-]{1,60}",
        prefix in prop::option::of("[a-z0-9]{1,9}(/[a-z0-9]{1,9}){0,3}"),
        secret in "\\PC{1,80}",
        keys in prop::collection::btree_set("[a-z0-9 %~äö]{1,20}(/[a-z0-9]{1,9}){0,3}", 0..8),
        digest in any::<[u8; 32]>(),
    ) {
        let key = OracleKey::generate();
        let canaries = keys
            .into_iter()
            .map(|key| Canary { key, sha256: text::encode_hex(&digest), bytes: 1 })
            .collect();
        let keys = Keys::S3 {
            access_key_id: "id".into(),
            secret_access_key: secret.into(),
            session_token: None,
        };
        let access = Access { bucket, prefix, access: keys, canaries, ..access() };
        let file = seal(&access, life(), oracle(), key.public()).unwrap();
        let file = SealedFile::parse(file.to_json().unwrap().as_bytes()).unwrap();
        let opened = open(&file, &key, life(), &oracle()).unwrap();
        prop_assert_eq!(json(&opened), json(&access));
        for canary in &opened.canaries {
            prop_assert_eq!(canary.digest().unwrap(), digest);
        }
    }
}

#[test]
fn the_keyed_hash_is_hmac_sha_256() {
    // Of 32 times 0x0b over "Hi There"; by Python's hmac.
    let mut hmac = keyed(&[0x0b; 32]);
    hmac::Mac::update(&mut hmac, b"Hi There");
    let digest: [u8; 32] = hmac::Mac::finalize(hmac).into_bytes().into();
    assert_eq!(
        text::encode_hex(&digest),
        "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7"
    );
}
