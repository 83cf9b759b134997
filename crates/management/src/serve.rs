//! Accepting connections, with and without TLS.

use std::{future::Future, pin::pin, sync::Arc, time::Duration};

use axum::{Router, http::Request};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, server::TlsStream};
use tower::ServiceExt;

/// How long a client may take for its handshake, and for the head of a request.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a client that has just connected is waited for when we stop.
const SILENCE: Duration = Duration::from_secs(1);

/// Serves `router`, over TLS where there is a configuration for it, until `stop` completes. Then it takes no new connections and lets
/// the requests that are under way finish, for `grace` at most. With TLS the protocols are those of the configuration's ALPN list
/// (`h2`, `http/1.1`).
///
/// The socket's queue is left alone: where the socket is open elsewhere, somebody else serves it.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    router: Router,
    stop: impl Future<Output = ()>,
    grace: Duration,
) {
    let acceptor = tls.map(TlsAcceptor::from);
    let (tell, stopped) = watch::channel(false);
    let mut open = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let stream = tokio::select! {
            () = &mut stop => break,
            Some(_) = open.join_next(), if !open.is_empty() => continue,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file descriptors, most likely: others close in a moment.
                    tracing::warn!(%error, "the management listener cannot accept");
                    sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let (acceptor, router, stopped) = (acceptor.clone(), router.clone(), stopped.clone());
        open.spawn(async move {
            match acceptor {
                None => talk(stream, router, stopped).await,
                Some(acceptor) => {
                    if let Some(stream) = shake(&acceptor, stream).await {
                        talk(stream, router, stopped).await;
                    }
                }
            }
        });
    }
    drop(listener);
    tell.send_replace(true);
    if timeout(grace, async { while open.join_next().await.is_some() {} }).await.is_err() {
        tracing::warn!("management requests were still under way at the end of the grace period");
    }
}

async fn shake(acceptor: &TlsAcceptor, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
    match timeout(PATIENCE, acceptor.accept(stream)).await {
        Ok(shaken) => shaken.inspect_err(|error| tracing::debug!(%error, "a TLS handshake failed")).ok(),
        Err(_) => {
            tracing::debug!("a TLS handshake took too long");
            None
        }
    }
}

/// Serves a connection to its end. When all stops, a client that has just connected still gets its first answer.
async fn talk<S>(stream: S, router: Router, mut stopped: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (begin, mut begun) = watch::channel(false);
    let service = router.map_request(move |request: Request<_>| {
        begin.send_replace(true);
        request
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    builder.http2().timer(TokioTimer::new());
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut connection = pin!(connection);
    let asked = async {
        // An error says that whoever tells is gone.
        let _ = stopped.wait_for(|stopped| *stopped).await;
        let _ = timeout(SILENCE, begun.wait_for(|begun| *begun)).await;
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = asked => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a management connection ended");
    }
}
