//! JSON values with Newtonsoft's semantics, and its JSONPath.
