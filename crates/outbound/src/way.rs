//! The way a request takes: a connection that is kept, a place on a shared one, or a new connection, within what the process may have.

use std::{rc::Rc, time::Duration};

use policy::{OutboundError, outbound::HttpVersion, outbound::OutboundErrorKind};

use crate::{
    backends::Permit,
    connect::Connector,
    deadline::Deadlines,
    http1::Http1,
    http2::{Shared, Ticket},
    pool::{Lease, Origin, Pool},
    request::failed,
    wire::chain,
};

/// The way a request takes.
pub(crate) enum Way {
    /// A connection of its own.
    Http1(Lease),
    /// One that others use as well.
    Http2(Ticket),
}

/// What ways are made of.
pub(crate) struct Ways {
    pub(crate) pool: Pool,
    pub(crate) connector: Connector,
    pub(crate) deadlines: Rc<Deadlines>,
}

impl Ways {
    /// A connection to send on: kept, shared or new.
    pub(crate) async fn find(
        &self,
        origin: &Rc<Origin>,
        version: HttpVersion,
        limit: Duration,
    ) -> Result<Way, OutboundError> {
        if let Some(lease) = origin.idle().await {
            return Ok(Way::Http1(lease));
        }
        // Opening one is rare, and its future is large: it has a place of its own, so that the others stay small.
        if version == HttpVersion::One || origin.declined_http2.get() {
            return Box::pin(self.open(origin, limit)).await;
        }
        if let Some(ticket) = origin.shared() {
            return Ok(Way::Http2(ticket));
        }
        Box::pin(self.first(origin, limit)).await
    }

    /// A connection that may turn out to be HTTP/2, which one request makes for all that come at the same time.
    async fn first(&self, origin: &Rc<Origin>, limit: Duration) -> Result<Way, OutboundError> {
        let Ok(first) = self.deadlines.within(limit, origin.making.lock()).await else {
            return Err(unreachable(origin, &format!("another request has been connecting for longer than {limit:?}")));
        };
        // Whoever held the lock before may have made one.
        if let Some(ticket) = origin.shared() {
            return Ok(Way::Http2(ticket));
        }
        if origin.declined_http2.get() {
            drop(first);
            return self.open(origin, limit).await;
        }
        match origin.cap.enter() {
            Some(permit) => self.connect(origin, permit, limit).await,
            // No more connections may be: requests wait on those that are there.
            None => match origin.crowded() {
                Some(ticket) => Ok(Way::Http2(ticket)),
                None => self.wait(origin, limit).await,
            },
        }
    }

    /// A new connection, as soon as there may be one.
    pub(crate) async fn open(&self, origin: &Rc<Origin>, limit: Duration) -> Result<Way, OutboundError> {
        match origin.cap.enter() {
            Some(permit) => self.connect(origin, permit, limit).await,
            None => self.wait(origin, limit).await,
        }
    }

    /// Stands in line until a connection is free, or a new one may be opened.
    async fn wait(&self, origin: &Rc<Origin>, limit: Duration) -> Result<Way, OutboundError> {
        let place = origin.cap.line_up()?;
        self.pool.spare(&origin.cap);
        let mut freed = origin.next();
        let turn = async {
            tokio::select! {
                biased;
                Ok(lease) = &mut freed => Turn::Free(lease),
                permit = place.permit() => Turn::New(permit),
            }
        };
        let turn = self.deadlines.within(limit, turn).await;
        drop(place);
        let Ok(turn) = turn else { return Err(origin.cap.full(&format!("and none became free within {limit:?}"))) };
        match (turn, freed.try_recv()) {
            (Turn::Free(lease), _) | (Turn::New(_), Ok(lease)) => Ok(Way::Http1(lease)),
            (Turn::New(Some(permit)), Err(_)) => self.connect(origin, permit, limit).await,
            (Turn::New(None), Err(_)) => Err(origin.cap.full("and nobody gives them out any more")),
        }
    }

    async fn connect(&self, origin: &Rc<Origin>, permit: Permit, limit: Duration) -> Result<Way, OutboundError> {
        let place = origin.place();
        let work = async {
            let now = self.deadlines.now();
            let stream = self.connector.connect(&place, now).await.map_err(|error| error.to_string())?;
            if place.cleartext_http2 || stream.is_http2() {
                let shared = Shared::open(stream, permit, origin.usual_streams(), &self.deadlines).await;
                return Ok(Way::Http2(origin.share(shared.map_err(|error| chain(&error))?)));
            }
            origin.declined_http2.set(true);
            Ok(Way::Http1(origin.lease(Box::new(Http1::new(stream, permit, now)))))
        };
        match self.deadlines.within(limit, work).await {
            Ok(outcome) => outcome.map_err(|why: String| unreachable(origin, &why)),
            Err(_) => Err(unreachable(origin, &format!("it took longer than {limit:?}"))),
        }
    }
}

fn unreachable(origin: &Origin, why: &str) -> OutboundError {
    let place = origin.place();
    let message = format!("Unable to connect to the backend {}:{}: {why}.", place.host, place.port);
    failed(OutboundErrorKind::Connection, message)
}

/// What came first.
enum Turn {
    /// A connection that is not used any more.
    Free(Lease),
    /// The right to open one.
    New(Option<Permit>),
}
