//! [`Call`]: a request in the making, which the children of `send-request` change.

use std::sync::Arc;

use super::{Body, Exchange, Headers, Method, Url};
use crate::{
    Fault,
    entity::{ClientCertificate, Proxy},
    exchange::Side,
};

crate::words! {
    /// What a call begins as.
    pub enum Mode { New = "new", Copy = "copy" }
}

/// A call of another service, before it is sent.
#[derive(Debug, Default)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// Where it goes, once that is known.
    pub url: Option<Url>,
    /// The headers.
    pub headers: Headers,
    /// The body, if a policy has set one; [`Exchange::begin_call`] says what it is otherwise.
    pub body: Option<Body>,
    /// A certificate that a policy chose.
    pub client_certificate: Option<Arc<ClientCertificate>>,
    /// A proxy that a policy chose.
    pub proxy: Option<Arc<Proxy>>,
}

impl Exchange {
    /// Begins a call: an empty GET, or the request as it is now. The request's body is not copied yet, because most
    /// calls bring their own: see [`Exchange::copied_body`].
    pub fn begin_call(&mut self, mode: Mode) {
        let request = &self.request;
        self.call = Some(Box::new(match mode {
            Mode::New => Call::default(),
            Mode::Copy => Call {
                method: request.method.clone(),
                url: Some(request.url.clone()),
                headers: request.headers.clone(),
                client_certificate: self.client_certificate.clone(),
                proxy: self.proxy.clone(),
                ..Call::default()
            },
        }));
    }

    /// The request's body once more, as it came; it stays where it is.
    pub async fn copied_body(&mut self) -> Result<Body, Fault> {
        self.buffer_coded(Side::Request).await?;
        // It is in memory: nothing is read or copied.
        Ok(self.request.body.collect(u64::MAX).await.map(Body::full).unwrap_or_default())
    }

    /// Where policies leave a client certificate: the call in the making, or the request to the backend.
    pub fn client_certificate_mut(&mut self) -> &mut Option<Arc<ClientCertificate>> {
        match &mut self.call {
            Some(call) => &mut call.client_certificate,
            None => &mut self.client_certificate,
        }
    }

    /// Where policies leave a proxy: the call in the making, or the request to the backend.
    pub fn proxy_mut(&mut self) -> &mut Option<Arc<Proxy>> {
        match &mut self.call {
            Some(call) => &mut call.proxy,
            None => &mut self.proxy,
        }
    }
}
