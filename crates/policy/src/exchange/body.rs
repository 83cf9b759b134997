//! Message bodies: bytes, or a stream of them, behind a chain of stages.
//!
//! A stage may observe chunks or transform them; who needs the whole body collects it up to a limit. Nothing is
//! buffered for a body that only passes through.

use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};

use super::Headers;

/// A piece of a body.
#[derive(Debug)]
pub enum Frame {
    /// Some of its bytes.
    Data(Bytes),
    /// Headers that follow the body.
    Trailers(Headers),
}

/// Why a body could not be read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// It is longer than whoever collects it allows.
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The other side went away in the middle.
    Aborted(String),
    /// Nothing came for too long.
    TimedOut,
    /// A stage could not change it.
    Transform(String),
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => write!(f, "the body is longer than {limit} bytes"),
            Self::Aborted(why) => write!(f, "the body ended early: {why}"),
            Self::TimedOut => f.write_str("the body stopped coming"),
            Self::Transform(why) => write!(f, "the body could not be transformed: {why}"),
        }
    }
}

impl std::error::Error for BodyError {}

/// Where a streamed body comes from. Lives on one worker.
pub trait Source {
    /// The next piece, or `None` at the end.
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, BodyError>>>;

    /// The exact number of bytes still to come, if that is known.
    fn exact_len(&self) -> Option<u64> {
        None
    }
}

/// A stage that sees bytes pass and changes nothing.
pub trait Observe {
    /// Some bytes pass.
    fn chunk(&mut self, bytes: &Bytes);

    /// The last bytes have passed. Not called for a body that breaks off.
    fn end(&mut self) {}
}

/// A stage that replaces bytes by others.
pub trait Transform {
    /// Takes some bytes; gives what can go on already.
    fn chunk(&mut self, bytes: Bytes) -> Result<Bytes, BodyError>;

    /// The last bytes were taken; gives what was held back.
    fn end(&mut self) -> Result<Bytes, BodyError> {
        Ok(Bytes::new())
    }
}

enum Stage {
    Observe(Box<dyn Observe>),
    Transform(Box<dyn Transform>),
    Gather { at_least: usize, held: BytesMut },
}

#[derive(Default)]
enum Content {
    #[default]
    Empty,
    Full(Bytes),
    Stream(Box<dyn Source>),
}

/// The body of a message.
#[derive(Default)]
pub struct Body {
    content: Content,
    /// What few bodies have.
    more: Option<Box<More>>,
    ended: bool,
}

#[derive(Default)]
struct More {
    stages: Vec<Stage>,
    /// What stages gave at the end, and trailers behind it.
    tail: VecDeque<Frame>,
}

impl Body {
    /// No body.
    pub fn empty() -> Self {
        Self::default()
    }

    /// A body that is there already.
    pub fn full(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let content = if bytes.is_empty() { Content::Empty } else { Content::Full(bytes) };
        Self { content, ..Self::default() }
    }

    /// A body that arrives in pieces.
    pub fn stream(source: impl Source + 'static) -> Self {
        Self { content: Content::Stream(Box::new(source)), ..Self::default() }
    }

    /// Whether there is certainly nothing in it.
    pub fn is_empty(&self) -> bool {
        let nothing = |more: &More| more.stages.is_empty() && more.tail.is_empty();
        matches!(self.content, Content::Empty) && self.more.as_deref().is_none_or(nothing)
    }

    /// The whole body, if it is in memory and no stage is still to see it.
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.content {
            _ if !self.stages().is_empty() => None,
            Content::Empty => Some(&[]),
            Content::Full(bytes) => Some(bytes),
            Content::Stream(_) => None,
        }
    }

    /// The same, to be kept.
    pub(crate) fn whole(&self) -> Option<Bytes> {
        match &self.content {
            _ if !self.stages().is_empty() => None,
            Content::Empty => Some(Bytes::new()),
            Content::Full(bytes) => Some(bytes.clone()),
            Content::Stream(_) => None,
        }
    }

    /// The bytes that will come, if their number is known.
    pub fn exact_len(&self) -> Option<u64> {
        if self.stages().iter().any(|stage| matches!(stage, Stage::Transform(_))) {
            return None;
        }
        match &self.content {
            Content::Empty => Some(0),
            Content::Full(bytes) => Some(bytes.len() as u64),
            Content::Stream(source) => source.exact_len(),
        }
    }

    /// Adds a stage that sees every byte after the stages before it.
    pub fn observe(&mut self, stage: impl Observe + 'static) {
        self.more().stages.push(Stage::Observe(Box::new(stage)));
    }

    /// Adds a stage that changes every byte after the stages before it.
    pub fn transform(&mut self, stage: impl Transform + 'static) {
        self.more().stages.push(Stage::Transform(Box::new(stage)));
    }

    /// Adds a stage that lets pieces go on together, once there are so many bytes, or no more come. What is in memory
    /// goes on as it is.
    pub fn gather(&mut self, at_least: usize) {
        if matches!(self.content, Content::Stream(_)) {
            self.more().stages.push(Stage::Gather { at_least, held: BytesMut::new() });
        }
    }

    /// Takes the body out, leaving none.
    pub fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    /// Reads everything that is left, through all stages, and keeps it. A second call costs nothing.
    ///
    /// Past `limit` bytes it stops with [`BodyError::TooLarge`]; the body is then no longer usable.
    pub async fn collect(&mut self, limit: u64) -> Result<Bytes, BodyError> {
        if self.stages().is_empty() {
            match &self.content {
                Content::Empty => return Ok(Bytes::new()),
                Content::Full(bytes) => return Ok(bytes.clone()),
                Content::Stream(_) => {}
            }
        }
        if self.exact_len().is_some_and(|length| length > limit) {
            return Err(BodyError::TooLarge { limit });
        }
        let mut whole = BytesMut::new();
        let mut only = None;
        let mut trailers = None;
        while let Some(frame) = poll_fn(|cx| self.poll_frame(cx)).await {
            match frame? {
                Frame::Trailers(headers) => trailers = Some(headers),
                Frame::Data(chunk) => {
                    if (whole.len() + only.as_ref().map_or(0, Bytes::len) + chunk.len()) as u64 > limit {
                        return Err(BodyError::TooLarge { limit });
                    }
                    // One chunk, the common case, is kept as it is.
                    if whole.is_empty() && only.is_none() {
                        only = Some(chunk);
                    } else {
                        whole.extend_from_slice(&only.take().unwrap_or_default());
                        whole.extend_from_slice(&chunk);
                    }
                }
            }
        }
        let bytes = only.unwrap_or_else(|| whole.freeze());
        *self = Self::full(bytes.clone());
        if let Some(trailers) = trailers {
            self.more().tail.push_back(Frame::Trailers(trailers));
        }
        Ok(bytes)
    }

    /// The next piece, through all stages.
    pub fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, BodyError>>> {
        loop {
            if self.ended {
                return Poll::Ready(self.more.as_mut().and_then(|more| more.tail.pop_front()).map(Ok));
            }
            let chunk = match &mut self.content {
                Content::Empty => None,
                Content::Full(_) => match std::mem::take(&mut self.content) {
                    Content::Full(bytes) => Some(bytes),
                    _ => None,
                },
                Content::Stream(source) => match source.poll_frame(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(None) => None,
                    Poll::Ready(Some(Ok(Frame::Data(bytes)))) => Some(bytes),
                    Poll::Ready(Some(Ok(Frame::Trailers(headers)))) => {
                        self.more().tail.push_back(Frame::Trailers(headers));
                        None
                    }
                    Poll::Ready(Some(Err(error))) => {
                        *self = Self { ended: true, ..Self::default() };
                        return Poll::Ready(Some(Err(error)));
                    }
                },
            };
            let passed = match chunk {
                Some(chunk) => match &mut self.more {
                    Some(more) => pass(&mut more.stages, chunk),
                    None => Ok(chunk),
                },
                None => self.finish(),
            };
            match passed {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => return Poll::Ready(Some(Ok(Frame::Data(bytes)))),
                Err(error) => {
                    *self = Self { ended: true, ..Self::default() };
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }

    fn stages(&self) -> &[Stage] {
        self.more.as_deref().map_or(&[], |more| &more.stages)
    }

    fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    /// Ends the stages in order: what one held back still passes those behind it.
    fn finish(&mut self) -> Result<Bytes, BodyError> {
        self.ended = true;
        self.content = Content::Empty;
        let Some(more) = &mut self.more else { return Ok(Bytes::new()) };
        let mut stages = std::mem::take(&mut more.stages);
        let mut held = BytesMut::new();
        for at in 0..stages.len() {
            let (before, behind) = stages.split_at_mut(at + 1);
            match before.last_mut() {
                Some(Stage::Observe(stage)) => stage.end(),
                Some(Stage::Transform(stage)) => held.extend_from_slice(&pass(behind, stage.end()?)?),
                Some(Stage::Gather { held: rest, .. }) => {
                    held.extend_from_slice(&pass(behind, rest.split().freeze())?);
                }
                None => {}
            }
        }
        Ok(held.freeze())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match &self.content {
            Content::Empty => "empty",
            Content::Full(_) => "full",
            Content::Stream(_) => "stream",
        };
        f.debug_struct("Body").field("content", &what).field("stages", &self.stages().len()).finish_non_exhaustive()
    }
}

fn pass(stages: &mut [Stage], mut chunk: Bytes) -> Result<Bytes, BodyError> {
    for stage in stages {
        if chunk.is_empty() {
            break;
        }
        match stage {
            Stage::Observe(stage) => stage.chunk(&chunk),
            Stage::Transform(stage) => chunk = stage.chunk(chunk)?,
            // A piece that is large enough is not copied.
            Stage::Gather { at_least, held } if held.is_empty() && chunk.len() >= *at_least => {}
            Stage::Gather { at_least, held } => {
                held.extend_from_slice(&chunk);
                chunk = if held.len() >= *at_least { held.split().freeze() } else { Bytes::new() };
            }
        }
    }
    Ok(chunk)
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, rc::Rc};

    use super::*;
    use crate::test::block_on;

    struct Pieces(VecDeque<Frame>);

    impl Source for Pieces {
        fn poll_frame(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Frame, BodyError>>> {
            Poll::Ready(self.0.pop_front().map(Ok))
        }
    }

    struct Seen(Rc<RefCell<String>>);

    impl Observe for Seen {
        fn chunk(&mut self, bytes: &Bytes) {
            self.0.borrow_mut().push_str(std::str::from_utf8(bytes).unwrap());
        }
        fn end(&mut self) {
            self.0.borrow_mut().push('.');
        }
    }

    /// Holds the last byte back until the end.
    struct Lagging(Bytes);

    impl Transform for Lagging {
        fn chunk(&mut self, bytes: Bytes) -> Result<Bytes, BodyError> {
            let mut all = BytesMut::from(&self.0[..]);
            all.extend_from_slice(&bytes.to_ascii_uppercase());
            self.0 = all.split_off(all.len() - 1).freeze();
            Ok(all.freeze())
        }
        fn end(&mut self) -> Result<Bytes, BodyError> {
            Ok(std::mem::take(&mut self.0))
        }
    }

    fn pieces() -> Body {
        let trailers = [("x", "1")].into_iter().collect();
        let frames = [Frame::Data("ab".into()), Frame::Data("cd".into()), Frame::Trailers(trailers)];
        Body::stream(Pieces(frames.into()))
    }

    #[test]
    fn stages_see_the_body_in_their_order() {
        let (before, after) = (Rc::new(RefCell::default()), Rc::new(RefCell::default()));
        let mut body = pieces();
        body.observe(Seen(Rc::clone(&before)));
        body.transform(Lagging(Bytes::new()));
        body.observe(Seen(Rc::clone(&after)));
        assert_eq!(block_on(body.collect(4)).unwrap(), "ABCD");
        assert_eq!((before.borrow().as_str(), after.borrow().as_str()), ("abcd.", "ABCD."));
        assert_eq!(body.bytes(), Some(&b"ABCD"[..]));
    }

    #[test]
    fn small_pieces_are_gathered_and_large_ones_pass() {
        let gathered = |pieces: &[&'static str], at_least| {
            let frames: VecDeque<_> = pieces.iter().map(|piece| Frame::Data((*piece).into())).collect();
            let mut body = Body::stream(Pieces(frames));
            body.gather(at_least);
            let frames = std::iter::from_fn(|| block_on(poll_fn(|cx| body.poll_frame(cx))));
            let texts = frames.map(|frame| match frame.unwrap() {
                Frame::Data(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
                Frame::Trailers(_) => "trailers".to_owned(),
            });
            texts.collect::<Vec<_>>().join("|")
        };
        assert_eq!(gathered(&["ab", "c", "de", "f"], 4), "abcde|f");
        assert_eq!(gathered(&["a", "bcdef", "ghijkl", "m"], 4), "abcdef|ghijkl|m");
        assert_eq!(gathered(&[], 4), "");
    }

    #[test]
    fn trailers_survive_collection() {
        let mut body = pieces();
        block_on(body.collect(10)).unwrap();
        let frames: Vec<_> = std::iter::from_fn(|| block_on(poll_fn(|cx| body.poll_frame(cx)))).collect();
        assert!(matches!(&frames[..], [Ok(Frame::Data(_)), Ok(Frame::Trailers(_))]));
    }

    #[test]
    fn a_body_past_the_limit_is_not_collected() {
        assert_eq!(block_on(pieces().collect(3)), Err(BodyError::TooLarge { limit: 3 }));
        assert_eq!(block_on(Body::full("abcd").collect(3)).unwrap(), "abcd");
    }
}
