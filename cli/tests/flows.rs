//! Whole flows of the command line on an embedded chain: part of the stage `flows`.

mod flows {
    mod killed;
    mod migrating;
    mod proxy;
}
