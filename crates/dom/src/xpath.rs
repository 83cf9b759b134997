//! XPath 1.0.
