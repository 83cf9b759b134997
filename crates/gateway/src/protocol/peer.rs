//! The other end of a connection, and what its requests have in common.

use std::{cell::RefCell, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use policy::{
    HeaderName, HeaderValue, Headers, Url,
    exchange::{Client, Scheme, Version},
};

use crate::{authority, respond::Refusal};

/// The other end of a connection.
#[derive(Debug)]
pub(crate) struct Peer {
    address: SocketAddr,
    /// The TLS version; none for plain text.
    tls: Option<&'static str>,
    /// The client's certificate in DER, whether or not anybody trusts it.
    certificate: Option<Bytes>,
    /// The address as `X-Forwarded-For` takes it.
    forwarded: HeaderValue,
    /// The host that the last request named: mostly the next one names it as well.
    host: RefCell<(Bytes, Arc<str>, u16)>,
}

impl Peer {
    pub(crate) fn new(address: SocketAddr, tls: Option<&'static str>, certificate: Option<Bytes>) -> Self {
        let forwarded = HeaderValue::parse(&address.ip().to_canonical().to_string()).unwrap_or_default();
        Self { address, tls, certificate, forwarded, host: RefCell::default() }
    }

    /// What policies see of it.
    pub(super) fn client(&self, version: Version) -> Client {
        Client {
            address: Some(self.address.ip().to_canonical()),
            version,
            tls: self.tls,
            certificate: self.certificate.clone(),
        }
    }

    /// The URL of a request: a target, and the host that was named (RFC 9112 §3.3).
    pub(super) fn url(&self, host: &[u8], path: &str, query: Option<&str>) -> Result<Url, Refusal> {
        let mut last = self.host.borrow_mut();
        if last.0 != host || last.2 == 0 {
            let default = if self.tls.is_some() { 443 } else { 80 };
            let text = std::str::from_utf8(host).map_err(|_| Refusal::Host)?;
            let (name, port) = authority::split(text, default).ok_or(Refusal::Host)?;
            *last = (Bytes::copy_from_slice(host), name.to_ascii_lowercase().into(), port);
        }
        Ok(Url {
            scheme: if self.tls.is_some() { Scheme::Https } else { Scheme::Http },
            host: Arc::clone(&last.1),
            port: last.2,
            path: path.into(),
            query: query.map(Into::into),
        })
    }

    /// Adds the client to those that the request came through.
    pub(super) fn forward(&self, headers: &mut Headers) {
        const NAME: HeaderName = HeaderName::from_static("X-Forwarded-For");
        match headers.joined(NAME.as_str()) {
            None => headers.push(NAME, self.forwarded.clone()),
            Some(before) => {
                let chain = format!("{before}, {}", self.forwarded.text());
                headers.set(NAME, HeaderValue::parse(&chain).unwrap_or_default());
            }
        }
    }
}
