//! Numbers, dates and identifiers as .NET prints and reads them, invariant culture.
