//! Opening a connection: name, address, TCP, a proxy's tunnel, TLS.

use std::{fmt, io, net::IpAddr, sync::Arc, time::Duration};

use rustls_pki_types::ServerName;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};
use tokio_rustls::TlsConnector;

use crate::{address::AddressPolicy, pool::Place, resolve::Resolver, stream::Stream, tls::TlsConfigs, wire::chain};

/// Why no connection came about. The text names the place, so that an operator needs no packet trace.
#[derive(Debug)]
pub(crate) struct ConnectError(pub(crate) String);

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What opening needs.
pub(crate) struct Connector {
    pub(crate) resolver: Resolver,
    pub(crate) tls: TlsConfigs,
    pub(crate) addresses: Arc<dyn AddressPolicy>,
}

impl Connector {
    pub(crate) async fn connect(&self, place: &Place<'_>, now: Duration) -> Result<Stream, ConnectError> {
        let tcp = match place.proxy {
            None => self.reach(place.host, place.port, now).await?,
            Some((proxy, login)) => {
                let (host, port) = split_authority(proxy)
                    .ok_or_else(|| ConnectError(format!("the proxy address `{proxy}` is not host:port")))?;
                let mut tcp = self.reach(host, port, now).await?;
                if place.tunnels {
                    tunnel(&mut tcp, place, login)
                        .await
                        .map_err(|error| ConnectError(format!("the proxy {proxy} opens no tunnel: {error}")))?;
                }
                tcp
            }
        };
        let Some(profile) = place.tls else { return Ok(Stream::Plain(tcp)) };
        let failed = |why: String| ConnectError(format!("TLS with {}:{} failed: {why}", place.host, place.port));
        let config = self.tls.config(profile).map_err(|error| failed(chain(&error)))?;
        let bare = place.host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(bare).map_err(|error| failed(chain(&error)))?;
        let stream = TlsConnector::from(config).connect(name, tcp).await.map_err(|error| failed(chain(&error)))?;
        Ok(Stream::Tls(Box::new(stream.into())))
    }

    /// TCP to the first address that answers.
    async fn reach(&self, host: &str, port: u16, now: Duration) -> Result<TcpStream, ConnectError> {
        let addresses = self
            .resolver
            .resolve(host, now)
            .await
            .map_err(|error| ConnectError(format!("the name {host} cannot be resolved: {error}")))?;
        let mut last = None;
        for address in addresses.iter() {
            if !self.addresses.permits(host, *address) {
                last = Some(ConnectError(format!("{host} leads to {address}, which must not be reached from here")));
                continue;
            }
            match open(*address, port).await {
                Ok(stream) => return Ok(stream),
                Err(error) => {
                    last = Some(ConnectError(format!("{host}:{port} ({address}) cannot be reached: {error}")));
                }
            }
        }
        self.resolver.forget(host);
        Err(last.unwrap_or_else(|| ConnectError(format!("{host} has no address"))))
    }
}

async fn open(address: IpAddr, port: u16) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_nodelay(true)?;
    socket.connect((address, port).into()).await
}

/// The longest answer of a proxy to CONNECT.
const LONGEST_ANSWER: usize = 16 * 1024;

async fn tunnel(tcp: &mut TcpStream, place: &Place<'_>, login: Option<&str>) -> io::Result<()> {
    let (host, port) = (place.host, place.port);
    let login = login.map(|login| format!("Proxy-Authorization: {login}\r\n")).unwrap_or_default();
    let request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{login}\r\n");
    tcp.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    // Byte by byte: what follows the head belongs to the tunnel.
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() == LONGEST_ANSWER {
            return Err(io::Error::other("its answer is too long"));
        }
        answer.push(tcp.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&answer);
    let status = text.lines().next().unwrap_or_default();
    match status.split(' ').nth(1) {
        Some(code) if code.starts_with('2') => Ok(()),
        _ => Err(io::Error::other(format!("it answered `{status}`"))),
    }
}

/// `host:port`; an IPv6 host stands in brackets.
fn split_authority(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    Some((host, port.parse().ok()?))
}
