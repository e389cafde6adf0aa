//! The prober against storage with faults: its records compared with the server's own log, request by request.

mod expected;
mod providers;
mod rounds;
mod together;
mod world;
