//! The gateway's token, and the secret that seals what it keeps.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
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
            // It gets its name when it is whole: half a secret would be in the way of every later start.
            let half = format!("{path}.new");
            let made = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&half);
            let mut file = made.map_err(failed)?;
            let written = file.write_all(secret.as_bytes()).and_then(|()| file.sync_all());
            written.and_then(|()| fs::hard_link(&half, path)).map_err(failed)?;
            fs::remove_file(&half).map_err(failed)?;
            Ok(Secret::new(secret.into_bytes()))
        }
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::SystemEntropy;

    const ONE: &str = "GatewayKey edge&202612310000&AAAA";
    const OTHER: &str = "edge&202701310000&BBBB";

    fn auth(settings: ConfigService) -> Result<Auth, Failed> {
        Auth::of(&settings)
    }

    fn named(token: &str) -> ConfigService {
        ConfigService { auth: crate::settings::Hidden(Secret::new(token.to_owned())), ..ConfigService::default() }
    }

    #[test]
    fn a_token_is_taken_with_and_without_its_scheme_and_is_the_same() {
        let bare = ONE.trim_start_matches("GatewayKey ");
        let (one, other) = (auth(named(ONE)).unwrap(), auth(named(bare)).unwrap());
        assert_eq!(one.header().expose(), other.header().expose());
        assert_eq!(one.secret().expose(), other.secret().expose());
        for wrong in ["", "GatewayKey", "edge"] {
            assert_eq!(auth(named(wrong)).err().unwrap().code, 2, "{wrong}");
        }
    }

    #[test]
    fn a_token_in_a_file_is_renewed_when_the_file_has_another() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token").display().to_string();
        let settings = ConfigService { auth_file: file.clone(), ..ConfigService::default() };
        assert!(auth(settings.clone()).is_err(), "it is not there");
        fs::write(&file, format!("{ONE}\n")).unwrap();
        let auth = auth(settings).unwrap();
        assert!(auth.renewed().is_none());
        fs::write(&file, "half a tok").unwrap();
        assert!(auth.renewed().is_none(), "what is no token replaces none");
        fs::write(&file, OTHER).unwrap();
        assert_eq!(auth.renewed().unwrap().expose(), OTHER);
        assert_eq!(auth.header().expose(), &format!("GatewayKey {OTHER}"));
        assert_eq!(auth.secret().expose(), OTHER.as_bytes());
    }

    #[test]
    fn a_seal_file_is_made_once_and_must_be_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seal").display().to_string();
        let made = seal_file(&path, &SystemEntropy).unwrap();
        assert_eq!(seal_file(&path, &SystemEntropy).unwrap().expose(), made.expose());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(seal_file(&path, &SystemEntropy).unwrap_err().message.contains("chmod 600"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "short").unwrap();
        assert!(seal_file(&path, &SystemEntropy).unwrap_err().message.contains("32 characters"));
    }
}
