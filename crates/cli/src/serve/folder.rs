//! The data folder: database, keys, certificates. The key that seals secrets lies beside the database, never in it.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use base::{Entropy, Secret, Timestamp};
use crypto::{Authority, Keyring};

use crate::output::Failed;

/// The folder of one node, opened.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
}

impl DataFolder {
    /// Makes the folder, readable by its owner only, if it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self, Failed> {
        let failed = |error| failed("make the data folder", path, error);
        fs::create_dir_all(path).map_err(failed)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(failed)?;
        let path = path.canonicalize().map_err(failed)?;
        Ok(Self { path })
    }

    /// The folder itself, absolute.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the store keeps its database.
    pub(crate) fn store(&self) -> PathBuf {
        self.path.join("store")
    }

    /// What a self-hosted gateway keeps of its node.
    pub(crate) fn documents(&self) -> PathBuf {
        self.path.join("documents")
    }

    /// The certificate that clients must trust.
    pub(crate) fn ca_certificate(&self) -> PathBuf {
        self.path.join("ca.pem")
    }

    /// The keys that seal secrets; made at the first start.
    pub(crate) fn keyring(&self, entropy: &dyn Entropy) -> Result<Keyring, Failed> {
        let path = self.path.join("keys");
        match read(&path)? {
            Some(text) => {
                Keyring::from_text(&text).map_err(|error| Failed::new(format!("{}: {error}", path.display())))
            }
            None if self.store().exists() => Err(Failed::new(format!(
                "{} is missing, and without it the secrets in the store cannot be read; put it back from your backup",
                path.display()
            ))),
            None => {
                let keyring = Keyring::generate(entropy);
                self.write_keyring(&keyring)?;
                Ok(keyring)
            }
        }
    }

    /// Replaces the keys in one step, so that a crash leaves the old file or the new one.
    pub(crate) fn write_keyring(&self, keyring: &Keyring) -> Result<(), Failed> {
        write(&self.path.join("keys"), keyring.to_text().expose())
    }

    /// The certificate authority of this node; made at the first start.
    pub(crate) fn authority(&self, now: Timestamp) -> Result<Authority, Failed> {
        let (certificate, key) = (self.ca_certificate(), self.path.join("ca-key.pem"));
        match (read(&certificate)?, read(&key)?) {
            (Some(certificate_pem), Some(key_pem)) => Authority::from_pem(&certificate_pem, &key_pem)
                .map_err(|error| Failed::new(format!("{}: {error}", certificate.display()))),
            (None, None) => {
                let authority = Authority::generate("Tollgate local authority", now)
                    .map_err(|error| Failed::new(format!("making a certificate authority: {error}")))?;
                write(&key, authority.key_pem().expose())?;
                write(&certificate, authority.certificate_pem())?;
                fs::set_permissions(&certificate, fs::Permissions::from_mode(0o644))
                    .map_err(|error| failed("open", &certificate, error))?;
                Ok(authority)
            }
            (Some(_), None) | (None, Some(_)) => Err(Failed::new(format!(
                "one of {} and {} is missing; put it back, or remove both to make a new authority that clients must trust anew",
                certificate.display(),
                key.display()
            ))),
        }
    }

    /// What proves to the running node that a command may change it: who can read the folder may.
    pub(crate) fn admin_token(&self, entropy: &dyn Entropy) -> Result<Secret<String>, Failed> {
        let path = self.path.join("admin-token");
        if let Some(token) = read(&path)? {
            return Ok(Secret::new(token.trim().to_owned()));
        }
        let token = crypto::random::secret(entropy);
        write(&path, &token)?;
        Ok(Secret::new(token))
    }
}

/// The admin token in the folder of a node, as a command reads it.
pub(crate) fn read_admin_token(folder: &Path) -> Result<Secret<String>, Failed> {
    let path = folder.join("admin-token");
    let token = read(&path)?.ok_or_else(|| {
        Failed::new(format!("{} is not there; name the folder of the running node with --data", path.display()))
    })?;
    Ok(Secret::new(token.trim().to_owned()))
}

fn read(path: &Path) -> Result<Option<String>, Failed> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path, error)),
    }
}

/// Writes a private file through a neighbour, durably, before it takes the old one's place.
fn write(path: &Path, text: &str) -> Result<(), Failed> {
    let neighbour = path.with_extension("new");
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&neighbour)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&neighbour, path)?;
        path.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
    };
    write().map_err(|error| failed("write", path, error))
}

fn failed(what: &str, path: &Path, error: io::Error) -> Failed {
    Failed::new(format!("cannot {what} {}: {error}", path.display()))
}
