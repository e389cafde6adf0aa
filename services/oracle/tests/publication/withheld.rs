//! What is not shown counts as withheld, and says why.

use flashback_core::hash::SoftwareSha256 as H;
use flashback_oracle::audit::{Verdict, judge};
use flashback_oracle::publication::client::FetchError;
use flashback_oracle::publication::{DOCUMENT_BYTES_MAX, Document, DocumentError};
use solana_sdk::pubkey::Pubkey;

use crate::forging::{Case, judged};
use crate::support::numbers::Numbers;

#[track_caller]
fn withheld(verdict: Verdict) -> (String, Vec<u32>) {
    match verdict {
        Verdict::Withheld(withheld) => (withheld.why, withheld.doubtful),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_shown_is_withheld() {
    let case = Case::new(60, 3_600);
    let closed = case.closed(&mut Numbers(1));
    let honest = case.document(&closed.tree, &closed.leaves);
    let told = |document: &Document, why: &str, doubtful: &[u32]| {
        let (found, leaves) = withheld(judged(&closed.tree, document, &[]));
        assert!(found.contains(why), "{found}");
        assert_eq!(leaves, doubtful);
    };
    told(&Document { oracle: Pubkey::default(), ..honest.clone() }, "another oracle", &[]);
    told(&Document { window: 4, ..honest.clone() }, "another oracle", &[]);
    told(&Document { leaves: vec![vec![]; 59], ..honest.clone() }, "59 of 60 leaves", &[]);
    let mut other = honest.clone();
    other.leaves[30].clear();
    told(&other, "another root", &[]);
    other.leaves[30] = vec![0xff];
    told(&other, "no nodes", &[]);
    // With the nodes, the leaf that was kept back is known.
    let open = case.laid_open(&closed.tree, &closed.leaves);
    let mut kept_back = open.clone();
    kept_back.leaves[7] = vec![];
    kept_back.leaves[31] = vec![];
    told(&kept_back, "2 leaves are not those", &[7, 31]);
    kept_back.nodes.as_mut().unwrap().pop();
    told(&kept_back, "neither", &[]);
}

#[test]
fn what_is_no_document_is_withheld_and_a_server_that_may_be_back_is_not() {
    let case = Case::new(60, 3_600);
    let closed = case.closed(&mut Numbers(1));
    let committed = closed.commitment();
    assert_eq!(committed, closed.tree.commitment::<H>());
    let judge = |published| judge(&published, &committed, &case.series, &[]);
    let bytes = case.document(&closed.tree, &closed.leaves).to_bytes().unwrap();
    assert_eq!(judge(Ok(bytes.clone())), Verdict::Agrees);
    assert!(withheld(judge(Ok(bytes[..bytes.len() / 2].to_vec()))).0.contains("not a document"));
    assert!(withheld(judge(Ok(vec![]))).0.contains("not a document"));
    for gone in [
        FetchError::Refused(404),
        FetchError::Refused(302),
        FetchError::TooLarge(9),
        FetchError::DigestWrong,
        FetchError::UrlInvalid("nowhere".into()),
    ] {
        withheld(judge(Err(gone)));
    }
    for later in [
        FetchError::Unanswered("timeout".into()),
        FetchError::Refused(503),
        FetchError::Refused(429),
    ] {
        assert!(matches!(judge(Err(later)), Verdict::Unreachable(_)));
    }
}

#[test]
fn documents_are_bounded() {
    let text = |document: &Document| document.to_bytes().unwrap();
    let case = Case::new(1, 60);
    let closed = case.closed(&mut Numbers(1));
    let honest = case.document(&closed.tree, &closed.leaves);
    let many = Document { leaves: vec![vec![]; 6_145], ..honest.clone() };
    assert_eq!(Document::parse(&text(&many)), Err(DocumentError::TooMany("leaves")));
    let many = Document { nodes: Some(vec![vec![]; 6_145]), ..honest.clone() };
    assert_eq!(Document::parse(&text(&many)), Err(DocumentError::TooMany("nodes")));
    let other = Document { format: "flashback-records/2".into(), ..honest.clone() };
    let unknown = DocumentError::FormatUnknown("flashback-records/2".into());
    assert_eq!(Document::parse(&text(&other)), Err(unknown));
    let large = vec![b' '; DOCUMENT_BYTES_MAX + 1];
    assert_eq!(Document::parse(&large), Err(DocumentError::TooLarge(large.len())));
    // However deep a field is that is skipped, it costs no stack; one that is read has the depth that it should have.
    let line = String::from_utf8(text(&honest)).unwrap();
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let skipped = format!("{{\"x\":{deep},{}", &line[1..]);
    assert_eq!(Document::parse(skipped.as_bytes()), Ok(honest));
    let read = format!("{{\"nodes\":{deep},{}", &line[1..]);
    assert!(matches!(Document::parse(read.as_bytes()), Err(DocumentError::Malformed(_))));
}
