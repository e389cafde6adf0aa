//! An S3 server in the process, with faults that can be set: storage to measure in tests and demos.
//!
//! [`TestStorage`] listens on a free port of the loopback interface, keeps its objects in a temporary folder and checks
//! signatures. [`Faults`] say what it does wrong, and can be changed at any time; its [`log`](TestStorage::log) has one
//! [`Entry`] for each HTTP request, which says what was answered and what of it was a fault. So what somebody measured
//! here can be compared with what there was to measure.
//!
//! Of several faults that are set at once, the first that applies decides the answer: an outage, the throttle, a refusal,
//! a missing bucket, the quota, a drawn failure, an object that is not served. Delay and pace come on top of whichever
//! it is: a request's body is read whole, then the delay is waited for, then it is answered, or its connection reset.
//!
//! Delays, failures and corruption are drawn from the seed and the request's serial number alone: the same requests in
//! the same order meet the same ones, whatever else is set. Only the throttle goes by the time.
//!
//! Bodies are kept in memory while they are on their way; one of more than 1 GiB is refused.

mod backend;
mod connection;
mod exchange;
mod faults;
mod log;
mod pace;
mod request;
mod server;
mod throttle;

pub use faults::{Delay, Failure, FailureRate, Faults, Outage, ServeOnly, Throttle};
pub use log::{Entry, Fault, Injected};
pub use request::{Operation, Request};
pub use server::{Error, Result, StorageConfig, TestStorage};
