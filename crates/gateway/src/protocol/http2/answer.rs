//! A response on its way out, and the end of its exchange.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Response, StatusCode};
use hyper::body::{Body as HyperBody, Frame, SizeHint};
use outbound::wire::{WireBody, headers_into};
use policy::{exchange::BodyError, record::Ending};

use crate::completion::{Completion, Finished};

/// The response in hyper's types.
pub(super) fn write(finished: Finished, is_head: bool) -> Response<AnswerBody> {
    let Finished { response: ours, mut completion, closes: _ } = finished;
    // A policy may set any number; one that is no final status cannot be sent.
    let status = StatusCode::from_u16(ours.status.code()).ok().filter(|status| !status.is_informational());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let is_bodiless = is_head || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED;
    let body = WireBody(ours.body);
    completion.expect(if is_bodiless { Some(0) } else { body.size_hint().exact() });
    let mut response = Response::new(AnswerBody { body, completion: Some(completion) });
    *response.status_mut() = status;
    headers_into(&ours.headers, response.headers_mut(), is_head || status == StatusCode::NOT_MODIFIED);
    response
}

/// The head that opens a stream for another protocol. The exchange goes on.
pub(super) fn opened(ours: &policy::Response) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody { body: WireBody::default(), completion: None });
    headers_into(&ours.headers, response.headers_mut(), false);
    response
}

/// A body that knows when its exchange is over.
pub(super) struct AnswerBody {
    body: WireBody,
    completion: Option<Completion>,
}

impl HyperBody for AnswerBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        let Some(completion) = &mut self.completion else { return frame };
        match &frame {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(bytes) = frame.data_ref() {
                    completion.sent(bytes.len());
                }
            }
            Poll::Ready(None) => completion.finish(Ending::Complete),
            Poll::Ready(Some(Err(_))) => completion.finish(Ending::Broken),
            Poll::Pending => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
