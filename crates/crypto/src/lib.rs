//! The one room that names a cryptography library.
