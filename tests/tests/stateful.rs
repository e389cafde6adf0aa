//! Random actors drive everything that the program can do, on LiteSVM; after every step every invariant is checked, and
//! in the end everything is withdrawn and closed: no atom and no lamport of rent is left behind.
//!
//! A sequence follows from its seed. `FLASHBACK_SEED=n` runs that one alone, with what it did; `FLASHBACK_SEEDS_FROM=n`
//! begins there instead of at 1; `FLASHBACK_REASONS=1` adds to the table why instructions were refused.
//!
//! After the fuzz target of OpenBook v2: instructions are built by the SDK's own builders, each has a list of errors that
//! are to be expected, and a sequence ends with a drain.

mod stateful {
    mod acts;
    mod bend;
    mod books;
    mod cast;
    mod checks;
    mod director;
    mod drain;
    mod economy;
    mod expected;
    mod idl;
    mod random;
    mod records;
    mod sequences;
    mod sights;
    mod tally;
    mod time;

    #[test]
    fn random_actors_break_no_invariant_and_everything_drains() {
        sequences::run();
    }
}
