//! Documents become an immutable compiled configuration: routes, effective policies, keys.
