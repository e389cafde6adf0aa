//! The registry says of every oracle what its account and its certificate say.

use flashback_sdk::account::{Certificate, SubjectKind};
use solana_sdk::pubkey::Pubkey;

use crate::stateful::books::Books;

pub fn check(books: &Books) {
    let entries = &books.registry().entries;
    let joined = books.oracles.values().filter(|oracle| oracle.joined != 0);
    assert_eq!(joined.count(), entries.len(), "registered oracles");
    for entry in entries {
        let mut oracles = books.oracles.values().filter(|one| one.authority == entry.oracle);
        let oracle = oracles.next().expect("a registered oracle exists");
        assert!(oracle.joined != 0, "a registered oracle knows it");
        assert!(oracle.serves() || entry.out_slot != 0, "who has left is out");
        assert_eq!(entry.free_stake, oracle.stake.free().0, "its free stake");
        // One that is out is drawn no more, whatever its certificate, until it joins again.
        if entry.out_slot == 0 {
            let given = certificate(books, &entry.oracle).map(|one| one.expires_at);
            assert_eq!(given, Some(entry.certified_until), "its certificate's expiry");
        }
    }
}

fn certificate<'a>(books: &'a Books, oracle: &Pubkey) -> Option<&'a Certificate> {
    let mut all = books.certificates.values();
    all.find(|one| one.kind == SubjectKind::Oracle && one.subject == *oracle)
}
