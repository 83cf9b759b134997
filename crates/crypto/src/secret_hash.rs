//! Secrets of sign-in, kept as Argon2id hashes in PHC strings (`$argon2id$v=19$m=…$salt$hash`).

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{CustomizedPasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use base::Entropy;

use crate::{Error, Result, random};

/// 7 MiB and five passes on one lane: the least memory that OWASP's table holds equal to its others. Secrets of service
/// principals are random, so that the cost guards what people chose themselves, and sign-in must not exhaust a small machine.
const MEMORY_KIB: u32 = 7 * 1024;
const PASSES: u32 = 5;

/// The hash of `secret` under a new salt.
pub fn hash(entropy: &dyn Entropy, secret: &str) -> Result<String> {
    let failed = |error: &dyn std::fmt::Display| Error::Unsupported(error.to_string());
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|error| failed(&error))?;
    let salt = random::bytes(entropy, 16);
    let hash = Argon2::default().hash_password_customized(
        secret.as_bytes(),
        &salt,
        Some(Algorithm::Argon2id.as_str()),
        Some(Version::V0x13 as u32),
        params,
    );
    hash.map(|hash| hash.to_string()).map_err(|error| failed(&error))
}

/// Whether `secret` is the one that was hashed; it costs as much as hashing. A hash that cannot be read matches nothing.
pub fn verify(secret: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(secret.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn only_the_secret_itself_matches_its_hash() {
        let hashed = hash(&Zeros, "correct horse").unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=7168,t=5,p=1$AAAAAAAAAAAAAAAAAAAAAA$"), "{hashed}");
        assert!(verify("correct horse", &hashed));
        assert!(!verify("correct horses", &hashed));
        assert!(!verify("", &hashed));
        assert!(!verify("correct horse", "not a hash"));
    }
}
