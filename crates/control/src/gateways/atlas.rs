//! What is known of every document that could concern a gateway: its version, and what it refers to. Kept up to date from the feed, so
//! that nobody reads the whole store to find out what one change means for one gateway.

use std::{collections::BTreeMap, ops::Bound};

use replication::Version;
use resources::USES;
use serde_json::Value;
use store::{Document, Key, Position, Since};

/// All documents of services, without those of workspaces: no self-hosted gateway serves these.
#[derive(Default)]
pub(super) struct Atlas {
    position: Position,
    entries: BTreeMap<Key, Entry>,
}

/// A document, as far as references go.
pub(super) struct Entry {
    pub(super) kind: &'static str,
    pub(super) version: Version,
    about: Option<Box<About>>,
}

/// What a document refers to, or is referred to by. Names are lower-case.
#[derive(Default, PartialEq)]
pub(super) struct About {
    /// What it mentions by name: `backend:b`.
    pub(super) uses: Vec<String>,
    /// Resources that it refers to by id: a version set, an owner.
    pub(super) references: Vec<Key>,
    /// What an active subscription opens.
    pub(super) opens: Option<Key>,
    /// What else finds it by: a named value's display name, a certificate's thumbprint.
    pub(super) alias: Option<String>,
    /// Hosts that stand in its URLs.
    pub(super) hosts: Vec<String>,
    /// Thumbprints of certificates.
    pub(super) thumbprints: Vec<String>,
    /// Whether it finds certificates, or backends, by names that only a request tells.
    pub(super) any_certificate: bool,
    pub(super) any_backend: bool,
}

impl Entry {
    pub(super) fn about(&self) -> &About {
        static NOTHING: About = About {
            uses: Vec::new(),
            references: Vec::new(),
            opens: None,
            alias: None,
            hosts: Vec::new(),
            thumbprints: Vec::new(),
            any_certificate: false,
            any_backend: false,
        };
        self.about.as_deref().unwrap_or(&NOTHING)
    }
}

impl Atlas {
    /// Up to where it has read the feed.
    pub(super) fn position(&self) -> Position {
        self.position
    }

    pub(super) fn apply(&mut self, since: Since) {
        for (key, _) in since.deleted {
            self.entries.remove(&key);
        }
        for document in since.written {
            let kind = resources::kinds().map(|(kind, _)| kind).find(|kind| *kind == document.kind);
            let kind = kind.filter(|kind| !kind.starts_with("service/workspaces"));
            let Some(kind) = kind else { continue };
            let (about, version) = (about(&document), Version::of(&document));
            let about = (about != About::default()).then(|| Box::new(about));
            self.entries.insert(document.key, Entry { kind, version, about });
        }
        self.position = since.position;
    }

    pub(super) fn get(&self, key: &Key) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// Everything whose key begins with `key` and then `with`.
    pub(super) fn below<'a>(
        &'a self,
        key: &Key,
        with: &'a str,
    ) -> impl Iterator<Item = (&'a Key, &'a Entry)> + use<'a> {
        let (from, start) = (key.clone(), key.clone());
        let entries = self.entries.range((Bound::Excluded(from), Bound::Unbounded));
        let in_reach = entries.take_while(move |(key, _)| key.as_str().starts_with(start.as_str()));
        let length = key.as_str().len();
        in_reach.filter(move |(key, _)| key.as_str().get(length..).is_some_and(|rest| rest.starts_with(with)))
    }
}

/// Among the hosts of a backend: it may be any.
pub(super) const ANY_HOST: &str = "*";

fn about(document: &Document) -> About {
    let mut about = About::default();
    let properties = document.properties();
    let text = |name: &str| properties[name].as_str().unwrap_or_default();
    for index in &document.indexes {
        match index.name.as_str() {
            USES => {
                let used = index.value.split_once('|').map(|(_, what)| what.to_lowercase());
                about.uses.extend(used.filter(|used| is_expanded(document, used)));
            }
            "version-set" | "subscription-owner" => about.references.push(Key::new(&index.value)),
            "subscription-scope" if text("state") == "active" => about.opens = Some(Key::new(&index.value)),
            _ => {}
        }
    }
    match document.kind.as_str() {
        "service/namedvalues" => about.alias = Some(text("displayName").to_lowercase()),
        "service/certificates" => about.alias = Some(text("thumbprint").to_lowercase()),
        _ => {}
    }
    match document.kind.as_str() {
        "service/apis" => about.any_backend = hosts(text("serviceUrl"), &mut about.hosts),
        "service/backends" => {
            // A Service Fabric cluster has a certificate of its own to be known by.
            if hosts(text("url"), &mut about.hosts) {
                about.hosts.push(ANY_HOST.to_owned());
            }
            let thumbprints = properties["credentials"]["certificate"].as_array().into_iter().flatten();
            about.thumbprints.extend(thumbprints.filter_map(Value::as_str).map(str::to_lowercase));
            let cluster = &properties["properties"]["serviceFabricCluster"];
            let id = cluster["clientCertificateId"].as_str().filter(|id| !id.is_empty());
            about.uses.extend(id.map(|id| format!("certificate:{}", Key::new(id).name())));
            let spellings = ["clientCertificatethumbprint", "clientCertificateThumbprint"];
            about.thumbprints.extend(spellings.iter().filter_map(|name| Some(cluster[*name].as_str()?.to_lowercase())));
        }
        "service/namedvalues" => drop(hosts(text("value"), &mut about.hosts)),
        kind if kind.ends_with("policies") || kind == "service/policyfragments" => policy(text("value"), &mut about),
        _ => {}
    }
    // A name that is computed may turn out to be any.
    let computed = |what: &str| {
        let mut names = about.uses.iter().filter_map(|used| used.strip_prefix(what));
        names.any(|name| name.contains(['@', '{', '$']))
    };
    (about.any_backend, about.any_certificate) =
        (about.any_backend || computed("backend:"), about.any_certificate || computed("certificate:"));
    about
}

/// What a policy refers to that the index of uses does not tell.
fn policy(text: &str, about: &mut About) {
    about.any_backend = hosts(text, &mut about.hosts);
    let lower = text.to_lowercase();
    // What is computed may be the address of any backend.
    about.any_backend |= lower.contains("base-url=\"@") || lower.contains("<set-url>@");
    about.any_certificate = lower.contains("deployment.certificates");
    for rest in lower.split("thumbprint").skip(1) {
        let value = rest.trim_start().strip_prefix('=').map(str::trim_start);
        let value = value.and_then(|value| value.strip_prefix(['"', '\'']));
        let Some(value) = value.and_then(|value| value.split(['"', '\'']).next()) else { continue };
        if value.contains(['@', '{', '$']) {
            about.any_certificate = true;
        } else {
            about.thumbprints.push(value.to_owned());
        }
    }
}

/// Whether what a document mentions is a named value that the gateway puts in there, or no named value. Elsewhere, in a description say,
/// `{{secret}}` is but text, and must not bring the secret along.
fn is_expanded(document: &Document, used: &str) -> bool {
    let Some(name) = used.strip_prefix("namedvalue:") else { return true };
    match document.kind.as_str() {
        "service/policyfragments" | "service/backends" | "service/loggers" => true,
        "service/apis" => {
            let url = document.properties()["serviceUrl"].as_str().unwrap_or_default().to_lowercase();
            url.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).any(|(inside, _)| inside.trim() == name)
        }
        kind => kind.ends_with("policies"),
    }
}

/// The hosts of all URLs in a text, without their ports. True if one of them is computed, or a named value.
fn hosts(text: &str, found: &mut Vec<String>) -> bool {
    let mut is_open = text.trim_start().starts_with("{{");
    for rest in text.split("://").skip(1) {
        let host: String =
            rest.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '[')).collect();
        let host = host.to_lowercase();
        if !host.is_empty() && !found.contains(&host) {
            found.push(host);
        }
        is_open |= rest.starts_with("{{");
    }
    is_open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_in_any_text() {
        let mut found = Vec::new();
        hosts(r#"<a base-url="https://Api.example:8443/x"/> http://b @("https://" + x) https://b/"#, &mut found);
        assert_eq!(found, ["api.example", "b"]);
        for (text, is_open) in [("https://a/", false), ("https://{{host}}/x", true), (" {{url}}", true)] {
            assert_eq!(hosts(text, &mut found), is_open, "{text}");
        }
    }

    #[test]
    fn certificates_are_found_by_thumbprint_and_by_what_only_a_request_tells() {
        let of = |text: &str| {
            let mut about = About::default();
            policy(text, &mut about);
            (about.thumbprints.join(","), about.any_certificate)
        };
        assert_eq!(of(r#"<authentication-certificate thumbprint="AB01"/>"#), ("ab01".into(), false));
        assert_eq!(of(r"<authentication-certificate thumbprint='{{t}}'/>"), (String::new(), true));
        assert_eq!(of(r#"@(context.Deployment.Certificates["a"].Thumbprint)"#), (String::new(), true));
    }
}
