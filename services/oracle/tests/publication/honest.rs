//! Whoever is honest is never accused.

use flashback_core::hash::SoftwareSha256 as H;
use flashback_core::records::ROUNDS_MAX;
use flashback_oracle::audit::Verdict;
use flashback_oracle::publication::{DOCUMENT_BYTES_MAX, Document, FORMAT, Figures};
use flashback_oracle::window::Closed;
use proptest::prelude::*;

use crate::forging::{Case, judged};
use crate::support::numbers::Numbers;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// Its document agrees with its report; whatever else is said in its name, by whoever, proves nothing.
    #[test]
    fn an_honest_report_is_never_accused(seed: u64, rounds in 1u32..70, window_secs in 70u32..9_000) {
        let mut numbers = Numbers(seed);
        let case = Case::new(rounds, window_secs);
        let closed = case.closed(&mut numbers);
        let tree = &closed.tree;
        let document = case.document(tree, &closed.leaves);
        prop_assert_eq!(Document::parse(&document.to_bytes().unwrap()), Ok(document.clone()));
        prop_assert_eq!(document.commitment, document.recomputed_commitment());
        prop_assert_eq!(document.key(), case.key);
        prop_assert_eq!(judged(tree, &document, &[case.series]), Verdict::Agrees);
        let open = case.laid_open(tree, &closed.leaves);
        prop_assert_eq!(judged(tree, &open, &[]), Verdict::Agrees);

        let other = case.closed(&mut numbers);
        let mut bent = vec![
            case.document(&other.tree, &other.leaves),
            case.laid_open(&other.tree, &other.leaves),
            case.laid_open(tree, &other.leaves),
            case.laid_open(&other.tree, &closed.leaves),
        ];
        let mut lie = open.clone();
        lie.aggregate = (*other.tree.aggregate()).into();
        bent.push(lie);
        let mut lie = open.clone();
        lie.nodes.as_mut().unwrap()[0][0].sums = Figures { attempts: 1, ..(*other.aggregate()).into() };
        bent.push(lie);
        let mut lie = open.clone();
        lie.leaves[0].push(numbers.next().to_le_bytes()[0]);
        bent.push(lie);
        let mut lie = open;
        lie.leaves.rotate_left(1);
        bent.push(lie);
        for document in bent {
            let verdict = judged(tree, &document, &[case.series]);
            prop_assert!(matches!(verdict, Verdict::Agrees | Verdict::Withheld(_)), "{:?}", verdict);
        }
    }

    #[test]
    fn arbitrary_bytes_are_no_document(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Document::parse(&bytes).is_err());
    }
}

#[test]
fn the_json_is_as_described() {
    let case = Case::new(2, 120);
    let closed = Closed::of(&case.series, &[]).unwrap();
    let empty = closed.tree;
    let mut document = case.document(&empty, &[vec![0, 1, 254], vec![]]);
    document.notes.push("a note".into());
    document.root = [0xab; 32];
    document.commitment = [0xcd; 20];
    let zeros = r#"{"attempts":0,"probes_total":0,"probes_ok":0,"ops_total":0,"ops_ok":0,"latency_count":0,"upload_count":0,"download_count":0,"latency_sum_us":0,"upload_sum_kib_s":0,"download_sum_kib_s":0}"#;
    let expected = format!(
        "{{\"format\":\"flashback-records/1\",\"oracle\":\"{}\",\"sla\":\"{}\",\"sla_start\":1700000000,\"window\":3,\
         \"window_secs\":120,\"rounds\":2,\"aggregate\":{zeros},\"root\":\"{}\",\"commitment\":\"{}\",\
         \"leaves\":[\"AAH+\",\"\"],\"notes\":[\"a note\"]}}\n",
        case.opening.oracle,
        case.key.life.sla,
        "ab".repeat(32),
        "cd".repeat(20),
    );
    assert_eq!(String::from_utf8(document.to_bytes().unwrap()).unwrap(), expected);
    let nodes = case.laid_open(&empty, &[vec![], vec![]]).to_bytes().unwrap();
    let node = "\"nodes\":[[{\"digest\":\"";
    assert!(String::from_utf8(nodes).unwrap().contains(node));
}

#[test]
fn the_largest_document_is_within_bounds() {
    let case = Case::new(ROUNDS_MAX, 604_800);
    let closed = case.closed(&mut Numbers(1));
    let document = case.laid_open(&closed.tree, &closed.leaves);
    let bytes = document.to_bytes().unwrap();
    assert!(bytes.len() * 4 < DOCUMENT_BYTES_MAX * 3, "{}", bytes.len());
    assert_eq!(Document::parse(&bytes), Ok(document.clone()));
    assert_eq!(document.commitment, closed.tree.commitment::<H>());
    assert_eq!(document.format, FORMAT);
    assert_eq!(judged(&closed.tree, &document, &[]), Verdict::Agrees);
}
