//! HTTP/1.1 as bytes: heads, framing and bodies, for both ends of a connection. No sockets.
//!
//! `gateway` reads requests and writes responses with it, `outbound` the other way round. Heads come out as our own types, whose names
//! and values are parts of the buffer they were read into: nothing is copied, and one allocation holds a whole head.

mod chunked;
mod decode;
mod encode;
mod head;
mod lines;
mod outbox;

pub use decode::{Decoder, Piece};
pub use encode::{Encoder, Framed, header, request_line, status_line};
pub use head::{Framing, HeadError, HeadLimits, RequestHead, ResponseHead, Scan};
pub use outbox::Outbox;
