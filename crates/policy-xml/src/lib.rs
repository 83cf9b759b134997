//! A tolerant reader and writer of policy documents, with spans.
