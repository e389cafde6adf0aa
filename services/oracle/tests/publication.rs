//! What is published, and what it proves.

mod support;

#[path = "publication/forging.rs"]
mod forging;
#[path = "publication/frauds.rs"]
mod frauds;
#[path = "publication/honest.rs"]
mod honest;
#[path = "publication/served.rs"]
mod served;
#[path = "publication/withheld.rs"]
mod withheld;
