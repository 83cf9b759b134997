//! Gateway, management, fake backend, clock and builders for tests.
