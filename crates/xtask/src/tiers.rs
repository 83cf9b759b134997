//! Which room lies on which floor, and who may name which library. `ARCHITECTURE.md` gives the reasons.

/// Rooms by tier. A crate depends only on crates of lower tiers.
pub(crate) const TIERS: &[&[&str]] = &[
    &["base"],
    &["crypto", "json", "dom", "dotregex", "dotformat", "json-schema", "policy-xml", "arm", "handover"],
    &["csharp", "liquid", "resources", "store", "kv"],
    &["dotnet", "store-sqlite", "replication", "import-openapi"],
    &["policy"],
    &[
        "policies-message",
        "policies-flow",
        "policies-traffic",
        "policies-identity",
        "policies-integration",
        "policies-content",
        "policies-ai",
        "engine",
        "http1",
    ],
    &["catalogue", "snapshot", "outbound", "telemetry"],
    &["control", "gateway", "workbench"],
    &["management"],
    &["cli"],
    &["tollgate", "testkit", "xtask"],
];

/// Pairs that may never meet, whatever their tiers.
pub(crate) const STRANGERS: &[(&str, &str)] =
    &[("gateway", "management"), ("gateway", "control"), ("gateway", "store"), ("engine", "outbound")];

/// Libraries that only the named rooms may depend on, with the reason printed when another does.
/// Tests (dev-dependencies) are free to use the real thing.
pub(crate) const KEEPERS: &[(&str, &[&str], &str)] = &[
    ("hyper", &["gateway", "outbound", "management"], "heads and bodies elsewhere are our own types"),
    ("hyper-util", &["gateway", "outbound", "management"], "heads and bodies elsewhere are our own types"),
    ("axum", &["management"], "only the ARM wire speaks HTTP through a framework"),
    ("rusqlite", &["store-sqlite"], "only store drivers know SQL"),
    ("aws-lc-rs", &["crypto"], "one crypto back end behind one door"),
    ("argon2", &["crypto"], "one crypto back end behind one door"),
    ("md-5", &["crypto"], "one crypto back end behind one door"),
    ("des", &["crypto"], "one crypto back end behind one door"),
    ("rcgen", &["crypto"], "one crypto back end behind one door"),
    ("x509-parser", &["crypto"], "one crypto back end behind one door"),
    ("p12-keystore", &["crypto"], "one crypto back end behind one door"),
    ("jsonschema", &["json-schema"], "one door to a library that changes often"),
    ("prometheus-client", &["telemetry"], "metrics are a reader of the exchange record"),
    ("rustix", &["handover", "cli"], "what the system does for processes is asked for at their edge"),
    ("clap", &["cli", "tollgate", "xtask"], "only the command line reads arguments"),
    ("toml", &["cli"], "only the command line reads configuration"),
    ("ring", &[], "a second crypto stack"),
    ("openssl", &[], "a second TLS stack"),
    ("native-tls", &[], "a second TLS stack"),
    ("reqwest", &[], "we have an HTTP client"),
];

/// Source words that only the named rooms may use, with the reason.
pub(crate) const WORDS: &[(&str, &[&str], &str)] = &[
    ("SystemTime::now", &["cli", "testkit", "xtask"], "the wall clock comes from the host (base::Clock)"),
    ("Instant::now", &["cli", "testkit", "xtask"], "time comes from the host (base::Clock)"),
    ("std::env::", &["cli", "tollgate", "xtask", "testkit"], "only the composition root reads the environment"),
    (
        "std::fs",
        &["cli", "tollgate", "xtask", "testkit", "store-sqlite", "replication", "policy", "handover"],
        "only the composition root reads files",
    ),
];
