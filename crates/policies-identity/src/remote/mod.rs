//! Asking another server for a document, within limits.

mod kept;

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use policy::{
    Body, Bytes, HeaderName, HeaderValue, Headers, Method, OutboundRequest, Status, Url, base::Clock,
    exchange::HostParts,
};

pub(crate) use kept::{Kept, Lease};

/// Bytes that an answer may have: key sets and tokens have a few thousand.
const LARGEST: u64 = 1 << 20;
/// Time for all of it; requests wait for it.
const LONGEST: Duration = Duration::from_secs(10);

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: Status,
    pub(crate) body: Bytes,
}

/// Reads a document. Any status but success is an error.
pub(crate) async fn read(host: &HostParts, url: Url) -> Result<Bytes, String> {
    let place = place(&url);
    let answer = send(host, Method::GET, url, Headers::new(), Body::empty()).await?;
    match answer.status.code() {
        200..=299 => Ok(answer.body),
        other => Err(format!("{place} answered {other}")),
    }
}

/// Sends a request and reads the whole answer. The error names the server and holds no secret.
pub(crate) async fn send(
    host: &HostParts,
    method: Method,
    url: Url,
    mut headers: Headers,
    body: Body,
) -> Result<Answer, String> {
    let place = place(&url);
    // Some servers refuse clients without a name.
    headers.push(HeaderName::from_static("User-Agent"), HeaderValue::from_static("Tollgate"));
    headers.push(HeaderName::from_static("Accept"), HeaderValue::from_static("application/json"));
    let request =
        OutboundRequest { headers, body, follow_redirects: true, ..OutboundRequest::new(method, url, LONGEST) };
    let work = async {
        let mut response = host.outbound.send(request).await.map_err(|error| error.message)?;
        let body = response.body.collect(LARGEST).await.map_err(|error| format!("{place}: {error}"))?;
        // What is in memory already is not measured by the body.
        if body.len() as u64 > LARGEST {
            return Err(format!("{place} sends more than {LARGEST} bytes"));
        }
        Ok(Answer { status: response.status, body })
    };
    let outcome = within(&*host.clock, work).await;
    outcome.unwrap_or_else(|| Err(format!("{place} did not answer within {LONGEST:?}")))
}

/// Host and path: a query may hold secrets.
fn place(url: &Url) -> String {
    format!("{}{}", url.authority(), url.path)
}

async fn within<T>(clock: &dyn Clock, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut sleep) = (pin!(work), clock.sleep(LONGEST));
    poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => sleep.as_mut().poll(cx).map(|()| None),
    })
    .await
}
