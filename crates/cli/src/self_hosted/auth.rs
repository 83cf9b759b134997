//! The gateway's token, and the secret that seals what it keeps.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
    sync::{Mutex, PoisonError},
};

use base::{Entropy, Secret};
use replication::Token;

use crate::{output::Failed, settings::ConfigService};

/// Where the token comes from, and the one that is used.
pub(super) struct Auth {
    file: Option<String>,
    token: Mutex<String>,
}

impl Auth {
    /// The token that the settings name.
    pub(super) fn of(settings: &ConfigService) -> Result<Self, Failed> {
        let file = Some(settings.auth_file.clone()).filter(|file| !file.is_empty());
        let token = match &file {
            Some(file) => read(file)?,
            None => settings.auth.0.expose().trim().to_owned(),
        };
        if token.is_empty() {
            return Err(Failed::usage(
                "the gateway has no token: set config.service.auth (or TOLLGATE_CONFIG_SERVICE_AUTH) to `GatewayKey …`, or name a file with it by --auth-file; `tollgate gateway --help` says where tokens come from",
            ));
        }
        if Token::parse(&token).is_none() {
            return Err(Failed::usage(
                "the gateway's token is none: it must read `GatewayKey <gateway>&<yyyyMMddHHmm>&<signature>`, the value that generateToken gave behind GatewayKey",
            ));
        }
        Ok(Self { file, token: Mutex::new(token) })
    }

    /// As it stands behind `Authorization`.
    pub(super) fn header(&self) -> Secret<String> {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        // `generateToken` gives it without the scheme.
        Secret::new(if token.contains(' ') { token.clone() } else { format!("GatewayKey {token}") })
    }

    /// Reads the file again. The new token, if it is another one.
    pub(super) fn renewed(&self) -> Option<Secret<String>> {
        let file = self.file.as_ref()?;
        let read = read(file).inspect_err(|error| tracing::error!(%error, "the token cannot be read again")).ok()?;
        let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if *token == read || Token::parse(&read).is_none() {
            return None;
        }
        token.clone_from(&read);
        Some(Secret::new(read))
    }

    /// What seals where no file is named for that.
    pub(super) fn secret(&self) -> Secret<Vec<u8>> {
        // With and without its scheme it is the same token.
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        Secret::new(token.rsplit(' ').next().unwrap_or_default().as_bytes().to_vec())
    }
}

fn read(file: &str) -> Result<String, Failed> {
    let text = fs::read_to_string(file);
    text.map(|text| text.trim().to_owned())
        .map_err(|error| Failed::usage(format!("cannot read the token in {file}: {error}")))
}

/// The secret in the seal file, which is made if it is not there. Others must not be able to read it.
pub(super) fn seal_file(path: &str, entropy: &dyn Entropy) -> Result<Secret<Vec<u8>>, Failed> {
    let failed = |error: io::Error| Failed::usage(format!("cannot use the seal file {path}: {error}"));
    match fs::read_to_string(path) {
        Ok(text) => {
            let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(Failed::usage(format!("others may read the seal file {path}: chmod 600 {path}")));
            }
            Some(text.trim().as_bytes().to_vec())
                .filter(|secret| secret.len() >= 32)
                .map(Secret::new)
                .ok_or_else(|| Failed::usage(format!("the seal file {path} must hold 32 characters at least")))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let secret = crypto::random::secret(entropy);
            let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(Path::new(path));
            let mut file = made.map_err(failed)?;
            file.write_all(secret.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
            Ok(Secret::new(secret.into_bytes()))
        }
        Err(error) => Err(failed(error)),
    }
}
