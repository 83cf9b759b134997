//! Documents with ETags, declared indexes and a change feed: the trait and its conformance suite.
