//! The storage behind the faults: s3s with its file backend, in a temporary folder.

use std::fs;
use std::panic::AssertUnwindSafe;
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use futures::FutureExt;
use http::request::Parts;
use http_body_util::BodyExt;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::path::check_bucket_name;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3Result, s3_error};
use tempfile::TempDir;

use crate::server::{Error, Result, StorageConfig};

/// An S3 storage that does everything right.
pub(crate) struct Backend {
    service: S3Service,
    /// Holds a folder per bucket, and s3s's own hidden files. Removed when this is dropped.
    folder: TempDir,
}

impl Backend {
    pub(crate) fn new(config: &StorageConfig) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("flashback-test-storage-").tempdir()?;
        for bucket in &config.buckets {
            if !check_bucket_name(bucket) {
                return Err(Error::Bucket(bucket.clone()));
            }
            fs::create_dir(folder.path().join(bucket))?;
        }
        let files = s3s_fs::FileSystem::new(folder.path())
            .map_err(|error| Error::Backend(format!("{error:?}")))?;
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(Keys {
            id: config.access_key_id.clone(),
            secret: config.secret_access_key.clone().into(),
        });
        builder.set_access(Access { folder: folder.path().to_path_buf() });
        Ok(Self { service: builder.build(), folder })
    }

    /// The answer to a request; none if the backend broke on it.
    pub(crate) async fn answer(
        &self,
        head: Parts,
        body: Bytes,
    ) -> Option<(http::response::Parts, Bytes)> {
        let request = http::Request::from_parts(head, s3s::Body::from(body));
        let answering = async {
            let (head, body) = self.service.call(request).await.ok()?.into_parts();
            Some((head, body.collect().await.ok()?.to_bytes()))
        };
        AssertUnwindSafe(answering).catch_unwind().await.ok().flatten()
    }

    /// Writes an object.
    pub(crate) fn put(&self, bucket: &str, key: &str, bytes: &[u8]) -> Result<()> {
        let named = !key.is_empty()
            && !key.ends_with('/')
            && Path::new(key).components().all(|part| matches!(part, Component::Normal(_)));
        if !named {
            return Err(Error::Key(key.to_owned()));
        }
        let path = self.folder.path().join(bucket).join(key);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        Ok(fs::write(path, bytes)?)
    }

    /// The keys in a bucket, sorted.
    pub(crate) fn keys(&self, bucket: &str) -> Vec<String> {
        let root = self.folder.path().join(bucket);
        let mut keys = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for path in
                fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
            {
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(key) = path.strip_prefix(&root) {
                    let parts: Vec<_> =
                        key.components().map(|part| part.as_os_str().to_string_lossy()).collect();
                    keys.push(parts.join("/"));
                }
            }
        }
        keys.sort();
        keys
    }

    #[cfg(test)]
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// The one pair of keys there is. s3s's own answers an unknown one with a code that S3 has not for it.
struct Keys {
    id: String,
    secret: SecretKey,
}

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.id {
            Ok(self.secret.clone())
        } else {
            Err(s3_error!(InvalidAccessKeyId))
        }
    }
}

/// Turns away who has not signed, and who names a bucket that is not there: the file backend would make one on PUT and
/// take a GET in it for one of an object that is not there.
struct Access {
    folder: PathBuf,
}

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        if context.credentials().is_none() {
            return Err(s3_error!(AccessDenied, "Signature is required"));
        }
        let path = context.s3_path();
        let bucket = path.get_bucket_name().or_else(|| path.as_object().map(|(bucket, _)| bucket));
        match bucket {
            Some(bucket)
                if context.s3_op().name() != "CreateBucket"
                    && !self.folder.join(bucket).is_dir() =>
            {
                Err(s3_error!(NoSuchBucket))
            }
            _ => Ok(()),
        }
    }
}
