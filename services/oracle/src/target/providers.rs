//! The clients of the three protocols.

use std::sync::Arc;

use object_store::aws::AmazonS3Builder;
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use reqwest::Url;

use super::connector::Connector;
use super::{Limits, PlainHttp, TargetError};
use crate::credentials::{Access, Keys};

/// The endpoint as requests are made to it.
pub fn endpoint(text: &str, plain_http: PlainHttp) -> Result<String, TargetError> {
    let refused = |reason| TargetError::Endpoint { endpoint: text.to_owned(), reason };
    let url = Url::parse(text).map_err(|_| refused("not a URL; https://HOST is expected"))?;
    let host = url.host_str().ok_or_else(|| refused("it names no host"))?;
    let loopback = host == "localhost"
        || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    let plain = match plain_http {
        PlainHttp::Never => false,
        PlainHttp::Loopback => loopback,
        PlainHttp::Anywhere => true,
    };
    match url.scheme() {
        "https" => {}
        "http" if plain => {}
        "http" => return Err(refused("plain HTTP is not allowed there; https is expected")),
        _ => return Err(refused("neither https nor http")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("it must not hold a user or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("it must have neither query nor fragment"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// A client that asks once.
pub fn store(
    endpoint: &str,
    access: &Access,
    limits: &Limits,
) -> Result<Arc<dyn ObjectStore>, TargetError> {
    let connector = Connector::new(limits.timeout)?;
    let retry = RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: 0,
        retry_timeout: limits.timeout,
    };
    // Where plain HTTP goes was decided with the endpoint.
    let options = ClientOptions::new().with_allow_http(true);
    match &access.access {
        Keys::S3 { access_key_id, secret_access_key, session_token } => {
            let mut builder = AmazonS3Builder::new()
                .with_endpoint(endpoint)
                .with_bucket_name(&access.bucket)
                .with_access_key_id(access_key_id.expose())
                .with_secret_access_key(secret_access_key.expose())
                .with_virtual_hosted_style_request(false)
                .with_disable_bulk_delete(true)
                .with_client_options(options)
                .with_retry(retry)
                .with_http_connector(connector);
            if let Some(region) = &access.region {
                builder = builder.with_region(region);
            }
            if let Some(token) = session_token {
                builder = builder.with_token(token.expose());
            }
            arc(builder.build(), "S3's client refuses the keys")
        }
        Keys::Gcs { service_account_key } => arc(
            GoogleCloudStorageBuilder::new()
                .with_base_url(endpoint)
                .with_bucket_name(&access.bucket)
                .with_service_account_key(service_account_key.expose())
                .with_client_options(options)
                .with_retry(retry)
                .with_http_connector(connector)
                .build(),
            "service_account_key is not the JSON of a service account's key file",
        ),
        Keys::AzureKey { account, access_key } => arc(
            azure(endpoint, access, account)
                .with_credential_type("access_key")
                .with_access_key(access_key.expose())
                .with_client_options(options)
                .with_retry(retry)
                .with_http_connector(connector)
                .build(),
            "access_key is not the base64 of an account's key",
        ),
        Keys::AzureSas { account, sas } => arc(
            azure(endpoint, access, account)
                .with_credential_type("sas_token")
                .with_config(AzureConfigKey::SasKey, sas.expose())
                .with_client_options(options)
                .with_retry(retry)
                .with_http_connector(connector)
                .build(),
            "sas is not the query of a shared access signature",
        ),
    }
}

fn azure(endpoint: &str, access: &Access, account: &str) -> MicrosoftAzureBuilder {
    MicrosoftAzureBuilder::new()
        .with_endpoint(endpoint.to_owned())
        .with_account(account)
        .with_container_name(&access.bucket)
}

/// What the client says is left out: it may quote what it was given.
fn arc<S: ObjectStore>(
    built: object_store::Result<S>,
    reason: &'static str,
) -> Result<Arc<dyn ObjectStore>, TargetError> {
    built.map(|store| Arc::new(store) as _).map_err(|_| TargetError::Credentials(reason))
}
