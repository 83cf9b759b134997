//! A backend over real sockets, a thread per connection, that can also misbehave.
//!
//! | path | answer |
//! |---|---|
//! | `/status/503` | that status |
//! | `/delay/200/...` | the rest of the path, after as many milliseconds |
//! | `/hold/...` | the rest of the path, once the test calls [`FakeBackend::release`] |
//! | `/close` | none: the connection is closed |
//! | `/cut` | a head that promises more bytes than come |
//! | `/chunked` | chunks, and a trailer |
//! | `/bytes/1000` | that many bytes `x` |
//! | `/stream` | one chunk, and one more for each [`FakeBackend::release`]; two in all |
//! | `/once` | echo, and the connection closes after it without notice |
//! | `/websocket` | to the handshake of a WebSocket: 101, the bytes `hello`, then every byte that comes; `bye` ends it, and so does the
//! |  | client, who still reads `over`. To anything else: 426 |
//! | `/unasked` | 101, whatever was asked |
//! | anything else | an echo: method, path, headers and body as JSON |

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::{Map, Value, json};

/// A request as the backend saw it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `GET`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Lines in order, names as they came.
    pub headers: Vec<(String, String)>,
    /// The whole body, chunks joined.
    pub body: Vec<u8>,
}

impl Seen {
    /// The first value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What a custom handler answers.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Lines besides `content-length`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// `status` with a body of plain bytes.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// Adds a header line.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

type Handler = Box<dyn Fn(&Seen) -> Option<Reply> + Send + Sync>;

struct State {
    handler: Option<Handler>,
    requests: AtomicUsize,
    connections: AtomicUsize,
    seen: Mutex<Vec<Seen>>,
    released: Mutex<usize>,
    release: Condvar,
    stopped: AtomicBool,
}

/// A running backend. Dropping it stops it.
pub struct FakeBackend {
    address: SocketAddr,
    state: Arc<State>,
}

impl FakeBackend {
    /// Listens on a free port of loopback.
    pub fn start() -> Self {
        Self::launch(None)
    }

    /// The same, but `handler` is asked first.
    pub fn with(handler: impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static) -> Self {
        Self::launch(Some(Box::new(handler)))
    }

    /// Serves what this socket accepts.
    pub fn on(listener: TcpListener) -> Self {
        Self::serve_on(listener, None)
    }

    fn launch(handler: Option<Handler>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        Self::serve_on(listener, handler)
    }

    fn serve_on(listener: TcpListener, handler: Option<Handler>) -> Self {
        let address = listener.local_addr().expect("a bound socket has an address");
        let state = Arc::new(State {
            handler,
            requests: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            seen: Mutex::default(),
            released: Mutex::default(),
            release: Condvar::new(),
            stopped: AtomicBool::new(false),
        });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.stopped.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(&shared, stream));
            }
        });
        Self { address, state }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests whose head came.
    pub fn requests(&self) -> usize {
        self.state.requests.load(Ordering::SeqCst)
    }

    /// Connections that were accepted.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Every request that came whole, in order.
    pub fn seen(&self) -> Vec<Seen> {
        self.state.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The last request that came whole.
    pub fn last(&self) -> Option<Seen> {
        self.seen().pop()
    }

    /// Lets one held request, or one more chunk of `/stream`, go on.
    pub fn release(&self) {
        *self.state.released.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.state.release.notify_all();
    }
}

impl Drop for FakeBackend {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::SeqCst);
        for _ in 0..64 {
            self.release();
        }
        // Wakes the accept loop, which then sees the flag.
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    fn hold(&self) {
        let mut released = self.released.lock().unwrap_or_else(PoisonError::into_inner);
        while *released == 0 {
            released = self.release.wait(released).unwrap_or_else(PoisonError::into_inner);
        }
        *released -= 1;
    }
}

fn serve(state: &State, stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let Ok(reading) = stream.try_clone() else { return };
    let mut reader = BufReader::new(reading);
    let mut writer = stream;
    while let Some(seen) = read_request(state, &mut reader, &mut writer) {
        if state.stopped.load(Ordering::SeqCst) || answer(state, &seen, &mut writer).is_none() {
            return;
        }
    }
}

/// Writes the answer; `None` if the connection is to be closed.
fn answer(state: &State, seen: &Seen, out: &mut TcpStream) -> Option<()> {
    state.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen.clone());
    if let Some(reply) = state.handler.as_ref().and_then(|handler| handler(seen)) {
        return write_reply(out, seen, &reply);
    }
    let mut path = seen.target.split('?').next().unwrap_or_default();
    loop {
        let (word, rest) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
        let number = rest.split('/').next().unwrap_or_default();
        match word {
            "status" => return write_reply(out, seen, &Reply::new(number.parse().unwrap_or(500), "")),
            "delay" => {
                thread::sleep(Duration::from_millis(number.parse().unwrap_or(0)));
                path = rest.get(number.len()..).unwrap_or_default();
            }
            "hold" => {
                state.hold();
                path = rest;
            }
            "close" => return None,
            "cut" => {
                out.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this").ok()?;
                return None;
            }
            "chunked" => {
                let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n";
                out.write_all(format!("{head}3\r\none\r\n4\r\n two\r\n0\r\nX-Sum: 7\r\n\r\n").as_bytes()).ok()?;
                return Some(());
            }
            "bytes" => {
                return write_reply(out, seen, &Reply::new(200, vec![b'x'; number.parse().unwrap_or(0)]));
            }
            "stream" => {
                out.write_all(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
                )
                .ok()?;
                out.write_all(b"7\r\nfirst\n\n\r\n").ok()?;
                state.hold();
                out.write_all(b"8\r\nsecond\n\n\r\n0\r\n\r\n").ok()?;
                return Some(());
            }
            "websocket" => return websocket(seen, out),
            "unasked" => {
                out.write_all(SWITCHING.as_bytes()).ok()?;
                return None;
            }
            "once" => {
                write_reply(out, seen, &echo(seen));
                return None;
            }
            _ => return write_reply(out, seen, &echo(seen)),
        }
    }
}

const SWITCHING: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ours\r\n\r\n";

/// Echoes bytes; what they mean as frames is nothing to whoever is in between.
fn websocket(seen: &Seen, out: &mut TcpStream) -> Option<()> {
    let names = |name: &str, word: &str| seen.header(name).is_some_and(|value| value.eq_ignore_ascii_case(word));
    if !names("Connection", "upgrade") || !names("Upgrade", "websocket") {
        return write_reply(out, seen, &Reply::new(426, "a WebSocket is here"));
    }
    out.write_all(SWITCHING.as_bytes()).ok()?;
    out.write_all(b"hello").ok()?;
    let mut buffer = [0; 16 * 1024];
    loop {
        let count = out.read(&mut buffer).ok()?;
        out.write_all(if count == 0 { b"over" } else { &buffer[..count] }).ok()?;
        if count == 0 || &buffer[..count] == b"bye" {
            return None;
        }
    }
}

fn echo(seen: &Seen) -> Reply {
    let mut headers = Map::new();
    for (name, value) in &seen.headers {
        let name = name.to_ascii_lowercase();
        let joined = match headers.get(&name).and_then(Value::as_str) {
            Some(before) => format!("{before}, {value}"),
            None => value.clone(),
        };
        headers.insert(name, joined.into());
    }
    let body = json!({
        "method": seen.method,
        "path": seen.target,
        "headers": headers,
        "body": String::from_utf8_lossy(&seen.body),
    });
    Reply::new(200, body.to_string()).header("Content-Type", "application/json").header("X-Powered-By", "fake")
}

fn write_reply(out: &mut TcpStream, seen: &Seen, reply: &Reply) -> Option<()> {
    let reason = match reply.status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        304 => "Not Modified",
        _ => "As Asked",
    };
    let mut text = format!("HTTP/1.1 {} {reason}\r\n", reply.status);
    for (name, value) in &reply.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let bodiless = reply.status == 204 || reply.status == 304;
    if !bodiless {
        text.push_str(&format!("Content-Length: {}\r\n", reply.body.len()));
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    if !bodiless && seen.method != "HEAD" {
        bytes.extend_from_slice(&reply.body);
    }
    out.write_all(&bytes).ok()
}

fn read_request(state: &State, reader: &mut BufReader<TcpStream>, writer: &mut TcpStream) -> Option<Seen> {
    let first = read_line(reader)?;
    state.requests.fetch_add(1, Ordering::SeqCst);
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = read_line(reader)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut seen = Seen { method, target, headers, body: Vec::new() };
    if seen.header("expect").is_some() {
        writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    if seen.header("transfer-encoding").is_some() {
        loop {
            let size = usize::from_str_radix(read_line(reader)?.trim(), 16).ok()?;
            if size == 0 {
                while let Some((name, value)) = read_line(reader)?.split_once(':') {
                    seen.headers.push((format!("[trailer] {name}"), value.trim().to_owned()));
                }
                break;
            }
            let from = seen.body.len();
            seen.body.resize(from + size, 0);
            reader.read_exact(&mut seen.body[from..]).ok()?;
            read_line(reader)?;
        }
    } else if let Some(length) = seen.header("content-length").and_then(|text| text.parse().ok()) {
        let length: usize = length;
        seen.body.resize(length, 0);
        reader.read_exact(&mut seen.body).ok()?;
    }
    Some(seen)
}

/// A line without its end; `None` when the connection is over.
fn read_line(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let count = reader.read_line(&mut line).ok()?;
    (count > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}
