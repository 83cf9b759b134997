//! A stage where other services answer from a script and time passes only while everybody waits.

use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    rc::Rc,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
    time::Duration,
};

use base::{Clock, Entropy, Sleep, Timestamp};
use engine::{EffectivePolicy, compile, run};
use policy::{
    Body, Documents, Environment, Exchange, FragmentText, Headers, LocalFuture, Lookup, Method, NamedValue, Outbound,
    OutboundError, OutboundRequest, OutboundResponse, Scope, Status, Url,
    entity::{Api, Backend, ClientCertificate, Directory, Service},
    exchange::{Arrival, Client, Entities, HostParts, Tasks, Version},
    kv::Stores,
    metrics::{Emitted, Metrics},
    outbound::OutboundErrorKind,
    policy_xml::Format,
    tokens::TokenEndpoint,
};

use super::catalogue;

/// What another service does.
pub(crate) enum Act {
    /// It answers with this status and body.
    Answers(u16, &'static str),
    /// It cannot be reached.
    Fails,
    /// It answers after so many seconds.
    AnswersAfter(u64, u16, &'static str),
}

/// What a policy chose for a call: a certificate, a proxy, how long to wait for 100 Continue.
pub(crate) type Way = (Option<Arc<ClientCertificate>>, Option<Arc<policy::entity::Proxy>>, Option<Duration>);

/// What a server does with the calls of an address, by their number.
type Play = Rc<dyn Fn(&str, usize) -> Act>;

/// Everything that a test may look at afterwards.
#[derive(Debug, Default)]
pub(crate) struct Played {
    /// What the client got: status and body.
    pub(crate) answer: String,
    /// `context.LastError`: source, reason and path.
    pub(crate) error: Option<String>,
    /// When the exchange was over, in seconds.
    pub(crate) over: u64,
    /// Calls of other services: the second, method and URL, with some of their headers and the body.
    pub(crate) calls: Vec<String>,
    /// What was emitted.
    pub(crate) emitted: Vec<Emitted>,
    /// The last call's client certificate and proxy.
    pub(crate) last: Option<Way>,
}

/// The stage, before the play.
pub(crate) struct Stage {
    documents: Vec<(Scope, String)>,
    script: Play,
    given: (&'static str, &'static str),
    certificates: Vec<ClientCertificate>,
    endpoint: Option<TokenEndpoint>,
    repeat: usize,
}

impl Stage {
    /// Plays an API's document; `script` says what the service at a URL does when it is called for the nth time in all,
    /// counted from 1.
    pub(crate) fn new(document: impl Into<String>, script: impl Fn(&str, usize) -> Act + 'static) -> Self {
        Self {
            documents: vec![(Scope::Api, document.into())],
            script: Rc::new(script),
            given: ("GET", ""),
            certificates: Vec::new(),
            endpoint: None,
            repeat: 1,
        }
    }

    /// A broader scope's document.
    pub(crate) fn global(mut self, document: impl Into<String>) -> Self {
        self.documents.push((Scope::Global, document.into()));
        self
    }

    /// What the client sends instead of an empty GET.
    pub(crate) fn given(mut self, method: &'static str, body: &'static str) -> Self {
        self.given = (method, body);
        self
    }

    /// A certificate of the service.
    pub(crate) fn certificate(mut self, certificate: ClientCertificate) -> Self {
        self.certificates.push(certificate);
        self
    }

    /// Where tokens come from.
    pub(crate) fn tokens_from(mut self, endpoint: TokenEndpoint) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// The client sends it so many times; calls add up.
    pub(crate) fn times(mut self, repeat: usize) -> Self {
        self.repeat = repeat;
        self
    }

    /// Plays it.
    pub(crate) fn play(self) -> Played {
        let catalogue = catalogue();
        let compiled = |(scope, text): &(Scope, String)| {
            let env = Environment {
                catalogue: &catalogue,
                lookup: &Certificates(&self.certificates),
                scope: *scope,
                document: "/service/contoso/apis/echo",
                strict_surface: false,
                fail_unsupported: false,
                lenient: false,
                observe: false,
            };
            let compiled = compile(text, Format::RawXml, Documents::POLICIES, &env);
            let wrong = compiled.diagnostics;
            compiled.document.unwrap_or_else(|| panic!("{text}\nis refused: {wrong:?}"))
        };
        let policy = EffectivePolicy::join(&self.documents.iter().map(compiled).collect::<Vec<_>>());
        let time = Time::default();
        let (played, tasks) = (Rc::new(RefCell::new(Played::default())), Behind::default());
        let host = Rc::new(HostParts {
            clock: Arc::new(time.clone()),
            entropy: Arc::new(Middle),
            outbound: Box::new(Services {
                script: Rc::clone(&self.script),
                time: time.clone(),
                played: Rc::clone(&played),
            }),
            stores: Stores::in_memory(Arc::new(time.clone()), 1 << 20),
            shared: Arc::default(),
            tasks: Box::new(tasks.clone()),
            metrics: Box::new(Emissions(Rc::clone(&played))),
            token_endpoint: self.endpoint.clone(),
            offload: None,
        });
        for _ in 0..self.repeat {
            let mut exchange = self.exchange(Rc::clone(&host));
            time.drive(&tasks, async {
                run(&mut exchange, &policy).await;
                exchange.response.body.collect(u64::MAX).await.unwrap();
            });
            let body = String::from_utf8_lossy(exchange.response.body.bytes().unwrap()).into_owned();
            let mut played = played.borrow_mut();
            format!("{} {body}", exchange.response.status.code()).trim().clone_into(&mut played.answer);
            played.error = exchange
                .last_error
                .map(|fault| format!("{} {} {}", fault.source(), fault.reason(), fault.path().unwrap_or_default()));
            played.over = time.passed().as_secs();
        }
        time.drive(&tasks, tasks.clone());
        drop(host);
        played.take()
    }

    fn exchange(&self, host: Rc<HostParts>) -> Exchange {
        let (method, body) = self.given;
        let mut exchange = Exchange::new(
            host,
            Arrival {
                method: Method::parse(method).unwrap(),
                url: Url::parse("https://contoso.example/echo/orders?page=2").unwrap(),
                headers: [("X-Client", "ann")].into_iter().collect::<Headers>(),
                body: Body::full(body),
                client: Client::default(),
            },
        );
        let certificates = self.certificates.iter().map(|one| (one.id.to_lowercase().into(), Arc::new(one.clone())));
        let directory = Directory { certificates: certificates.collect(), ..Directory::default() };
        exchange.entities = Entities {
            service: Arc::new(Service { name: "contoso".into(), directory, ..Service::default() }),
            api: Some(Arc::new(Api { id: "echo".into(), ..Api::default() })),
            ..Entities::default()
        };
        exchange.aim(Url::parse("http://backend.example"), "/orders");
        exchange
    }
}

/// The certificates that documents find.
struct Certificates<'a>(&'a [ClientCertificate]);

impl Lookup for Certificates<'_> {
    fn named_value(&self, _: &str) -> Option<NamedValue> {
        None
    }

    fn fragment(&self, _: &str) -> Option<FragmentText> {
        None
    }

    fn backend(&self, _: &str) -> Option<Arc<Backend>> {
        None
    }

    fn certificate(&self, id: &str) -> Option<Arc<ClientCertificate>> {
        self.0.iter().find(|one| one.id.eq_ignore_ascii_case(id)).cloned().map(Arc::new)
    }
}

/// Other services.
struct Services {
    script: Play,
    time: Time,
    played: Rc<RefCell<Played>>,
}

impl Outbound for Services {
    fn send(&self, mut request: OutboundRequest) -> LocalFuture<'_, Result<OutboundResponse, OutboundError>> {
        Box::pin(async move {
            let body = request.body.collect(u64::MAX).await.unwrap();
            let named = ["X-Client", "X-Own", "Authorization", "Metadata", "X-IDENTITY-HEADER"];
            let headers = named.iter().filter_map(|name| Some(format!(" {name}={}", request.headers.joined(name)?)));
            let headers: String = headers.collect();
            let at = self.time.passed().as_secs();
            let body = String::from_utf8_lossy(&body);
            let line = format!("{at} {} {}{headers} {body}", request.method, request.url).trim_end().to_owned();
            let number = {
                let mut played = self.played.borrow_mut();
                played.calls.push(line);
                played.last = Some((request.client_certificate, request.proxy, request.continue_timeout));
                played.calls.len()
            };
            let (status, body) = match (self.script)(&request.url.to_string(), number) {
                Act::Answers(status, body) => (status, body),
                Act::AnswersAfter(seconds, status, body) => {
                    let limit = request.response_timeout;
                    let wait = self.time.sleep(Duration::from_secs(seconds));
                    if base::within(&self.time, limit, wait).await.is_err() {
                        let kind = OutboundErrorKind::Timeout;
                        return Err(OutboundError { kind, message: "it took too long".into() });
                    }
                    (status, body)
                }
                Act::Fails => {
                    let kind = OutboundErrorKind::Connection;
                    return Err(OutboundError { kind, message: "nobody is there".into() });
                }
            };
            Ok(OutboundResponse {
                version: Version::Http11,
                status: Status::new(status).unwrap(),
                reason: None,
                headers: [("X-Answer", "yes"), ("x-answer", "twice")].into_iter().collect(),
                body: Body::full(body),
                tunnel: None,
            })
        })
    }
}

struct Emissions(Rc<RefCell<Played>>);

impl Metrics for Emissions {
    fn emit(&self, metric: Emitted) {
        self.0.borrow_mut().emitted.push(metric);
    }
}

/// What exchanges leave behind; as a future, all of it.
#[derive(Clone, Default)]
struct Behind(Rc<RefCell<Vec<LocalFuture<'static, ()>>>>);

impl Tasks for Behind {
    fn spawn(&self, task: LocalFuture<'static, ()>) -> bool {
        self.0.borrow_mut().push(task);
        true
    }
}

impl Future for Behind {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut tasks = self.0.take();
        tasks.retain_mut(|task| task.as_mut().poll(cx).is_pending());
        let is_done = tasks.is_empty();
        self.0.borrow_mut().extend(tasks);
        if is_done { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Time that passes only when nothing else is left to do.
#[derive(Clone, Default)]
struct Time(Arc<Mutex<Passed>>);

#[derive(Default)]
struct Passed {
    now: Duration,
    /// Ends of the sleeps under way.
    due: Vec<Duration>,
}

struct Asleep(Time, Duration);

impl Time {
    fn passed(&self) -> Duration {
        self.0.lock().unwrap().now
    }

    fn drive(&self, tasks: &Behind, future: impl Future<Output = ()>) {
        let (mut future, mut cx) = (Box::pin(future), Context::from_waker(Waker::noop()));
        // Wakers are not asked: whatever has become possible at one moment happens before time goes on.
        for _ in 0..10_000 {
            for _ in 0..10 {
                if future.as_mut().poll(&mut cx).is_ready() {
                    return;
                }
                let _ = Pin::new(&mut tasks.clone()).poll(&mut cx);
            }
            let mut passed = self.0.lock().unwrap();
            passed.now = passed.due.iter().copied().min().expect("somebody waits for time");
        }
        panic!("it does not end");
    }
}

impl Clock for Time {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_700_000_000).plus(self.passed())
    }

    fn monotonic(&self) -> Duration {
        self.passed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let mut passed = self.0.lock().unwrap();
        let due = passed.now + duration;
        passed.due.push(due);
        Box::pin(Asleep(self.clone(), due))
    }
}

impl Future for Asleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0.passed() >= self.1 { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Asleep {
    fn drop(&mut self) {
        let due = &mut self.0.0.lock().unwrap().due;
        if let Some(at) = due.iter().position(|due| *due == self.1) {
            due.swap_remove(at);
        }
    }
}

/// Numbers in the middle of all numbers.
struct Middle;

impl Entropy for Middle {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
        if let Some(last) = bytes.last_mut() {
            *last = 0x80;
        }
    }
}
