//! .NET regular expressions.
