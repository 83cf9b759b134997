//! Why a cryptographic call failed. The messages say nothing about keys or plain text.

/// Shorthand.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a cryptographic call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A key that is not one, or not of the kind that is needed.
    #[error("the key is not valid: {0}")]
    Key(String),
    /// A sealed or encrypted value that was changed, cut, or made with another key.
    #[error("the value cannot be decrypted: it was changed, or made with another key")]
    Decrypt,
    /// A value sealed with a key that the keyring does not hold.
    #[error("the value is sealed with the key `{0}`, which the key file does not hold")]
    UnknownKey(String),
    /// A signature that does not belong to the data and the key.
    #[error("the signature does not match")]
    Signature,
    /// Something the algorithm cannot do: too long a text, a digest it does not know.
    #[error("not possible: {0}")]
    Unsupported(String),
    /// Bytes that are not what they should be.
    #[error("not {0}")]
    Malformed(String),
    /// A PFX file with another password.
    #[error("the password does not open the file")]
    Password,
}
