//! One file per kind of ARM resource: properties, rules, secrets, links.
