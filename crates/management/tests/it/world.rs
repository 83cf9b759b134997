//! A management plane with everything around it fixed: clock, entropy, store, policies.

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::ArcSwap;
use axum::{Router, body::Body, http::Request};
use base::{Diagnostic, Span, Timestamp};
use control::{
    Checked, Connections, Control, Debugging, Fetch, Known, Later, OWNER, Parts, PolicyCheck, PolicyDescription,
    PolicyText, Publication, Settings,
};
use crypto::Keyring;
use management::{Limits, router};
use serde_json::{Value, json};
use store::{Memory, Position, Store};
use testkit::{FixedEntropy, ManualClock};
use tower::ServiceExt;

pub(crate) const TENANT: &str = "11111111-1111-1111-1111-111111111111";
pub(crate) const SUBSCRIPTION: &str = "22222222-2222-2222-2222-222222222222";
pub(crate) const ORIGIN: &str = "https://localhost:9443";

/// A server under test, signed in as its owner.
pub(crate) struct World {
    pub(crate) control: Arc<Control>,
    pub(crate) reconnects: Arc<Reconnects>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) counters: Arc<kv::MemoryCounters>,
    pub(crate) store: Arc<Memory>,
    pub(crate) keyring: Arc<ArcSwap<Keyring>>,
    pub(crate) entropy: Arc<FixedEntropy>,
    pub(crate) app: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    router: Router,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

impl Reply {
    /// The code of an ARM error.
    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// Message and details of an ARM error, joined.
    pub(crate) fn why(&self) -> String {
        let details = self.body["error"]["details"].as_array().into_iter().flatten();
        let details = details
            .map(|detail| format!("{}: {}", detail["target"].as_str().unwrap(), detail["message"].as_str().unwrap()));
        [self.body["error"]["message"].as_str().unwrap_or_default().to_owned()]
            .into_iter()
            .chain(details)
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:#}", self.body);
        self
    }
}

impl World {
    /// An empty server with one subscription and its owner.
    pub(crate) async fn empty() -> Self {
        Self::behind(Arc::new(AtOnce)).await
    }

    /// The same with a gateway of the test's own.
    pub(crate) async fn behind(publication: Arc<dyn Publication>) -> Self {
        Self::on(publication, |store| store).await
    }

    /// The same on what `wrap` makes of its store.
    pub(crate) async fn on(
        publication: Arc<dyn Publication>,
        wrap: impl FnOnce(Arc<Memory>) -> Arc<dyn Store>,
    ) -> Self {
        let entropy = Arc::new(FixedEntropy::new(7));
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_790_000_000)));
        let store = Arc::new(Memory::new());
        let keyring = Arc::new(ArcSwap::from_pointee(Keyring::generate(&*entropy)));
        let counters = Arc::new(kv::MemoryCounters::new(clock.clone()));
        let reconnects = Arc::new(Reconnects::default());
        let control = Arc::new(Control::new(Parts {
            store: wrap(store.clone()),
            keyring: keyring.clone(),
            publication,
            policies: Arc::new(Mentions),
            debugging: Arc::new(OneTrace),
            counters: counters.clone(),
            connections: reconnects.clone(),
            fetch: Arc::new(Files),
            clock: clock.clone(),
            entropy: entropy.clone(),
            settings: Settings::new(ORIGIN, TENANT, "http://{name}.localhost:8080"),
        }));
        let scope = control.ensure_subscription(SUBSCRIPTION, "Local").await.unwrap();
        let owner = control.create_principal("owner", OWNER, &scope).await.unwrap();
        let router = router(control.clone(), Limits { body: 400_000 });
        let (app, secret) = (owner.app, owner.secret.into_exposed());
        let mut world = Self {
            control,
            clock,
            reconnects,
            counters,
            store,
            keyring,
            entropy,
            app,
            secret,
            token: String::new(),
            router,
        };
        world.token = world.sign_in(&world.app.clone(), &world.secret.clone()).await;
        world
    }

    /// With the resource group `g` and the service `s` in it.
    pub(crate) async fn with_service() -> Self {
        Self::filled(Self::empty().await).await
    }

    /// An empty server, filled with the resource group `g` and the service `s` in it.
    pub(crate) async fn filled(world: Self) -> Self {
        world
            .send("PUT /subscriptions/{sub}/resourcegroups/g?api-version=2024-11-01", json!({ "location": "westus" }))
            .await
            .expect(201);
        world.put("", service()).await.expect(201);
        world
    }

    pub(crate) async fn sign_in(&self, app: &str, secret: &str) -> String {
        let form = format!(
            "grant_type=client_credentials&client_id={app}&client_secret={secret}&scope={ORIGIN}%2F%2F.default"
        );
        let reply = self.raw(&format!("POST /{TENANT}/oauth2/v2.0/token"), &form).await.expect(200);
        reply.body["access_token"].as_str().unwrap().to_owned()
    }

    /// Sends a request: `PUT /path` with headers on further lines; `{sub}` and `{svc}` stand for the ids.
    pub(crate) async fn send(&self, head: &str, body: Value) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.raw(&format!("{head}\nAuthorization: Bearer {}", self.token), &body).await
    }

    /// A request to a path below the service, in 2024-05-01 unless it names another version.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Reply {
        let (path, headers) = path.split_once('\n').unwrap_or((path, ""));
        let version = match path {
            path if path.contains("api-version=") => "",
            path if path.contains('?') => "&api-version=2024-05-01",
            _ => "?api-version=2024-05-01",
        };
        self.send(&format!("{method} {{svc}}{path}{version}\n{headers}"), body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.call("GET", path, Value::Null).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        self.call("PUT", path, body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.call("DELETE", path, Value::Null).await
    }

    /// Sends a request as it stands.
    pub(crate) async fn raw(&self, head: &str, body: &str) -> Reply {
        let service =
            format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.ApiManagement/service/s");
        let head =
            head.replace("{sub}", SUBSCRIPTION).replace("{svc}", &service).replace(' ', "%20").replacen("%20", " ", 1);
        let mut lines = head.lines();
        let (method, target) = lines.next().unwrap().split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(target);
        for line in lines.filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').unwrap();
            request = request.header(name, value.replace("%20", " ").trim());
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
            (name.to_string(), value.to_str().unwrap().to_owned())
        };
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers.iter().map(text).collect(),
            body: if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() },
        }
    }

    /// Changes the keys that seal.
    pub(crate) fn change_keys(&self, change: impl FnOnce(&mut Keyring, &FixedEntropy)) {
        let mut keyring = Keyring::clone(&self.keyring.load());
        change(&mut keyring, &self.entropy);
        self.keyring.store(Arc::new(keyring));
    }

    /// Everything in the store, as text.
    pub(crate) async fn dump(&self) -> String {
        let all = self.store.list(&store::Query::default()).await.unwrap();
        all.iter().map(|document| format!("{} {} {:?}\n", document.key, document.body, document.indexes)).collect()
    }
}

/// What `az apim create` sends.
pub(crate) fn service() -> Value {
    json!({ "sku": { "name": "Developer", "capacity": 1 }, "location": "westus", "properties": {
        "notificationSenderEmail": "a@b.c", "virtualNetworkType": "None", "restore": false,
        "publisherEmail": "a@b.c", "publisherName": "pub" } })
}

/// A gateway that serves everything at once.
pub(crate) struct AtOnce;

impl Publication for AtOnce {
    fn published(&self, _: Position) -> Later<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Judges a policy by what it mentions: unknown named values, fragments and the element `bad` are wrong.
struct Mentions;

impl PolicyCheck for Mentions {
    fn check(&self, policy: &PolicyText<'_>, known: &Known) -> Checked {
        let mut diagnostics = Vec::new();
        let mut wrong = |at: usize, message: String| {
            diagnostics.push(Diagnostic::error("PX0001", message, Span::new(at as u32, at as u32 + 1)));
        };
        for (at, _) in policy.text.match_indices("{{") {
            let name = policy.text[at + 2..].split("}}").next().unwrap();
            match known.named_values.get(&name.to_lowercase()) {
                None => wrong(at, format!("Cannot find a property '{name}'.")),
                Some(value) if value == "broken" => wrong(at, "The value is broken.".to_owned()),
                Some(_) => {}
            }
        }
        for (at, _) in policy.text.match_indices("fragment-id=\"") {
            let name = policy.text[at + 13..].split('"').next().unwrap();
            if !known.fragments.contains_key(&name.to_lowercase()) {
                wrong(at, format!("Policy fragment with id '{name}' could not be found."));
            }
        }
        if let (Some(at), Some(template)) = (policy.text.find("<rewrite"), &known.url_template) {
            wrong(at, format!("The operation is {template}."));
        }
        if let Some(at) = policy.text.find("<bad") {
            wrong(at, "Unknown policy 'bad'.".to_owned());
        }
        Checked { diagnostics }
    }

    fn descriptions(&self) -> Vec<PolicyDescription> {
        vec![
            PolicyDescription { name: "cross-domain", summary: "Lets Flash call.", scopes: 1 },
            PolicyDescription { name: "cors", summary: "Lets pages call.", scopes: 15 },
        ]
    }
}

/// A gateway that traced one call.
struct OneTrace;

/// Notes which backends are to be reconnected, and when.
#[derive(Default)]
pub(crate) struct Reconnects(pub(crate) std::sync::Mutex<Vec<(String, std::time::Duration)>>);

impl Connections for Reconnects {
    fn reconnect(&self, backend: &str, after: std::time::Duration) {
        self.0.lock().unwrap().push((backend.to_owned(), after));
    }
}

impl Debugging for OneTrace {
    fn issue(&self, service: &str, workspace: Option<&str>, api: &str, lifetime: std::time::Duration) -> String {
        format!("{service}/{}/{api}/{}", workspace.unwrap_or("-"), lifetime.as_secs())
    }

    fn revoke(&self, _: &str) {}

    fn trace(&self, service: &str, id: &str) -> Option<Value> {
        (id == "t1").then(|| json!({ "serviceName": service, "traceId": "the request", "traceEntries": {} }))
    }
}

/// Three documents of the web.
struct Files;

impl Fetch for Files {
    fn fetch<'a>(&'a self, url: &'a str, limit: usize) -> Later<'a, Result<Vec<u8>, String>> {
        let answer = match url {
            "https://files.example/petstore.json" => Ok(crate::apis::PETSTORE.as_bytes().to_vec()),
            "https://files.example/policy.xml" => Ok(b"<policies><inbound><base /></inbound></policies>".to_vec()),
            "https://files.example/big" => Err(format!("the answer is larger than {limit} bytes")),
            _ => Err("the server answered 404".to_owned()),
        };
        Box::pin(std::future::ready(answer))
    }
}
