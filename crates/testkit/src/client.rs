//! A client that sends the bytes it is given and shows the bytes that came: HTTP/1 as text.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    time::Duration,
};

/// How long a read may hang before the test fails. No test asserts on it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends `request` on a connection of its own and reads one response.
///
/// Lines of `request` may end in `\n`; they are sent as `\r\n` up to the end of the head. The response comes back with `\n` only,
/// which makes goldens readable.
pub fn exchange(address: SocketAddr, request: &str) -> String {
    let mut connection = Connection::open(address);
    connection.send(request);
    connection.response()
}

/// One connection to a server.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
    head_only: bool,
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        stream.set_nodelay(true).expect("delays can be turned off");
        Self { stream, read: Vec::new(), head_only: false }
    }

    /// Sends a request as text, see [`exchange`].
    pub fn send(&mut self, request: &str) {
        self.head_only = request.starts_with("HEAD ");
        let (head, body) = request.split_once("\n\n").unwrap_or((request.trim_end_matches('\n'), ""));
        self.send_bytes(format!("{}\r\n\r\n{body}", head.replace('\n', "\r\n")).as_bytes());
    }

    /// Sends exactly these bytes. A server that has hung up already is not an error here; the next read shows it.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Reads one response, head and body (chunks are joined), without its `date` line.
    /// Empty if the server closed the connection instead.
    pub fn response(&mut self) -> String {
        let Some(head) = self.head() else { return String::new() };
        let body = self.body(&head);
        let lines = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("date:"));
        format!("{}\n\n{}", lines.collect::<Vec<_>>().join("\n"), String::from_utf8_lossy(&body))
    }

    /// Reads the next head, lines separated by `\n`, header names in lower case; `None` if the server closed the connection.
    pub fn head(&mut self) -> Option<String> {
        let end = loop {
            if let Some(at) = self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                break at;
            }
            if !self.fill() {
                return None;
            }
        };
        let head = String::from_utf8_lossy(&self.read[..end]).replace("\r\n", "\n");
        self.read.drain(..end + 4);
        Some(head.split('\n').map(lower_name).collect::<Vec<_>>().join("\n"))
    }

    /// Reads exactly `count` bytes, fewer if the server closes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        while self.read.len() < count && self.fill() {}
        self.read.drain(..count.min(self.read.len())).collect()
    }

    /// Reads one chunk of a chunked body; empty at its end.
    pub fn chunk(&mut self) -> Vec<u8> {
        let size = usize::from_str_radix(self.line().trim(), 16).unwrap_or(0);
        let chunk = self.bytes(size);
        if size > 0 {
            self.line();
        }
        chunk
    }

    /// Whether the server has closed the connection. Waits until it has or sends something.
    pub fn closed(&mut self) -> bool {
        self.read.is_empty() && !self.fill()
    }

    /// Says that nothing more will be sent.
    pub fn finish(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    fn body(&mut self, head: &str) -> Vec<u8> {
        let status: u16 = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        if self.head_only || status < 200 || status == 204 || status == 304 {
            return Vec::new();
        }
        let lower = head.to_ascii_lowercase();
        let value = |name: &str| {
            lower
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
                .map(|value| value.trim().to_owned())
        };
        if value("transfer-encoding").is_some() {
            let mut body = Vec::new();
            loop {
                let chunk = self.chunk();
                if chunk.is_empty() {
                    break;
                }
                body.extend(chunk);
            }
            // Trailers, then the empty line.
            loop {
                let line = self.line();
                if line.trim().is_empty() {
                    return body;
                }
                body.extend_from_slice(format!("\n[trailer] {}", lower_name(line.trim())).as_bytes());
            }
        }
        match value("content-length") {
            Some(length) => self.bytes(length.parse().unwrap_or(0)),
            None => {
                while self.fill() {}
                std::mem::take(&mut self.read)
            }
        }
    }

    fn line(&mut self) -> String {
        loop {
            if let Some(at) = self.read.iter().position(|byte| *byte == b'\n') {
                return String::from_utf8_lossy(&self.read.drain(..=at).collect::<Vec<_>>()).into_owned();
            }
            if !self.fill() {
                return String::new();
            }
        }
    }

    /// Reads some more; false at the end of the connection.
    fn fill(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        let count = match self.stream.read(&mut buffer) {
            Ok(count) => count,
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                panic!("nothing came for {PATIENCE:?}; read so far: {:?}", String::from_utf8_lossy(&self.read))
            }
            // A reset is a way to close.
            Err(_) => 0,
        };
        self.read.extend_from_slice(&buffer[..count]);
        count > 0
    }
}

/// A header line with its name in lower case: on the wire the case of names means nothing.
fn lower_name(line: &str) -> String {
    match line.split_once(':') {
        Some((name, value)) if !name.contains(' ') => format!("{}:{value}", name.to_ascii_lowercase()),
        _ => line.to_owned(),
    }
}
