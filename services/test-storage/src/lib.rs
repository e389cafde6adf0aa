//! An S3 server in the process, with faults that can be set.
