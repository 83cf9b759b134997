//! Bytes in, messages out, whatever pieces the bytes come in; and messages out to bytes and back.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::{Bytes, BytesMut};
use http1::{Decoder, Encoder, Framed, Framing, HeadError, HeadLimits, Outbox, Piece, RequestHead, ResponseHead, Scan};
use policy::{Headers, exchange::Version};
use proptest::prelude::*;

const LIMITS: HeadLimits = HeadLimits { bytes: 4096, lines: 16, target: 256 };

fn request(text: &str) -> Result<Option<RequestHead>, HeadError> {
    RequestHead::take(&mut BytesMut::from(text), &mut Scan::default(), &LIMITS)
}

fn response(text: &str, answers_head: bool) -> Result<ResponseHead, HeadError> {
    let mut buffer = BytesMut::from(text);
    ResponseHead::take(&mut buffer, &mut Scan::default(), &LIMITS, answers_head).map(Option::unwrap)
}

fn lines(headers: &Headers) -> Vec<String> {
    headers.iter().map(|(name, value)| format!("{name}: {}", value.text())).collect()
}

#[test]
fn a_request_shows_what_goes_on_and_what_concerns_its_connection() {
    let text = "POST /a?b=c HTTP/1.1\r\nHost: h:80\r\nX-One:  1 \r\nConnection: close, X-Own\r\nX-Own: 2\r\nTE: trailers\r\n\
                TE: gzip\r\nKeep-Alive: 5\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc";
    let mut buffer = BytesMut::from(text);
    let head = RequestHead::take(&mut buffer, &mut Scan::default(), &LIMITS).unwrap().unwrap();
    assert_eq!((head.method.as_str(), &head.target[..], head.version), ("POST", &b"/a?b=c"[..], Version::Http11));
    assert_eq!(lines(&head.headers), ["X-One: 1", "TE: trailers", "Content-Length: 3"]);
    assert_eq!(head.host.as_deref(), Some(&b"h:80"[..]));
    assert_eq!((head.framing, head.keep_alive, head.expects_continue), (Framing::Length(3), false, true));
    assert_eq!(&buffer[..], b"abc");
}

#[test]
fn a_client_cannot_have_framing_removed() {
    let head = request("POST / HTTP/1.1\r\nHost: h\r\nConnection: content-length, host\r\nContent-Length: 1\r\n\r\n");
    let head = head.unwrap().unwrap();
    assert_eq!(lines(&head.headers), ["Content-Length: 1"]);
    assert_eq!(head.framing, Framing::Length(1));
}

#[test]
fn a_request_whose_end_is_not_certain_is_refused() {
    for framing in [
        "Content-Length: 1\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 1",
        "Content-Length: 1\r\nContent-Length: 2",
        "Content-Length: 1, 2",
        "Content-Length: +1",
        "Content-Length: -1",
        "Content-Length:",
        "Content-Length: 99999999999999999999",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: xchunked",
    ] {
        let refused = request(&format!("POST / HTTP/1.1\r\nHost: h\r\n{framing}\r\n\r\n")).unwrap_err();
        assert!(matches!(refused, HeadError::Framing(_)), "{framing}: {refused:?}");
    }
    let same_twice = "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n";
    assert_eq!(request(same_twice).unwrap().unwrap().framing, Framing::Length(5));
    assert!(request("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
}

#[test]
fn what_is_no_http_is_refused() {
    for text in [
        "GET / HTTP/1.1\r\nBad Name: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nName : 1\r\n\r\n",
        "GET / HTTP/1.1\r\nX: 1\r\n folded: 2\r\n\r\n",
        "GET / HTTP/1.1\r\nX: a\0b\r\n\r\n",
        "GET  / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1 \r\n\r\n",
        "G\u{e9}T / HTTP/1.1\r\n\r\n",
    ] {
        assert!(matches!(request(text), Err(HeadError::Malformed(_))), "{text:?}: {:?}", request(text));
    }
    assert_eq!(request("GET / HTTP/2.0\r\n\r\n").unwrap_err(), HeadError::Version);
}

#[test]
fn heads_beyond_their_limits_are_refused_before_they_end() {
    let long = "x".repeat(300);
    assert_eq!(request(&format!("GET /{long} HTTP/1.1\r\n\r\n")).unwrap_err(), HeadError::TargetTooLong);
    assert_eq!(request(&format!("GET /{}", long.repeat(3))).unwrap_err(), HeadError::TargetTooLong);
    assert_eq!(request(&format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(5000))).unwrap_err(), HeadError::TooLarge);
    let many = "A: b\r\n".repeat(17);
    assert_eq!(request(&format!("GET / HTTP/1.1\r\n{many}\r\n")).unwrap_err(), HeadError::TooManyLines);
}

#[test]
fn the_body_of_a_response_follows_from_status_method_and_lines() {
    let framing = |text: &str, head| response(text, head).unwrap().framing;
    assert_eq!(framing("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false), Framing::Length(5));
    assert_eq!(framing("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true), Framing::Empty);
    assert_eq!(framing("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false), Framing::Empty);
    assert_eq!(framing("HTTP/1.1 204 No Content\r\n\r\n", false), Framing::Empty);
    assert_eq!(framing("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n", false), Framing::Chunked);
    let open = response("HTTP/1.0 200 Fine\r\n\r\n", false).unwrap();
    assert_eq!((open.framing, open.keep_alive, open.reason.as_deref()), (Framing::UntilClose, false, Some("Fine")));
    assert!(response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", false).is_err());
}

/// All of a body: its bytes, and its trailers behind them.
fn decode(framing: Framing, pieces: &[&[u8]]) -> Result<(Vec<u8>, Vec<String>), &'static str> {
    let (mut decoder, mut buffer, mut body) = (Decoder::new(framing), BytesMut::new(), Vec::new());
    for piece in pieces {
        buffer.extend_from_slice(piece);
        while let Some(piece) = decoder.next(&mut buffer)? {
            match piece {
                Piece::Data(bytes) => body.extend_from_slice(&bytes),
                Piece::Trailers(trailers) => return Ok((body, lines(&trailers))),
                Piece::End => return Ok((body, Vec::new())),
            }
        }
    }
    if decoder.close() { Ok((body, Vec::new())) } else { Err("not whole") }
}

#[test]
fn chunks_with_extensions_and_trailers_are_read() {
    let text = b"4;name=value\r\nwiki\r\n05 ; x\r\npedia\r\n0\r\nX-Sum: 9\r\nContent-Length: 7\r\n\r\n";
    assert_eq!(decode(Framing::Chunked, &[text]), Ok((b"wikipedia".to_vec(), vec!["X-Sum: 9".to_owned()])));
}

#[test]
fn chunks_that_lie_are_refused() {
    for text in [
        "x\r\n",
        "-1\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "3\nabc\r\n",
        "1000000000000000\r\n",
        "\r\n",
        "0x3\r\nabc\r\n0\r\n\r\n",
    ] {
        assert!(decode(Framing::Chunked, &[text.as_bytes()]).is_err(), "{text:?}");
    }
    let endless = vec![b'1'; 2000];
    assert!(decode(Framing::Chunked, &[&endless]).is_err());
}

fn written(headers: &Headers, framing: Framing, pieces: &[Bytes], trailers: Option<&Headers>) -> Vec<u8> {
    let mut outbox = Outbox::default();
    let mut encoder = Encoder::begin(outbox.text(), headers, Framed { framing, keeps_length: false });
    outbox.text().extend_from_slice(b"\r\n");
    for piece in pieces {
        encoder.data(&mut outbox, piece.clone()).unwrap();
    }
    encoder.end(&mut outbox, trailers).unwrap();
    let mut bytes = Vec::new();
    while !outbox.is_empty() {
        // The kernel takes what it likes.
        let run: Vec<u8> = outbox.slices().iter().flat_map(|slice| slice.to_vec()).take(1000).collect();
        outbox.wrote(run.len());
        bytes.extend(run);
    }
    bytes
}

#[test]
fn a_body_that_is_not_as_long_as_its_head_says_is_an_error() {
    let mut outbox = Outbox::default();
    let framed = Framed { framing: Framing::Length(3), keeps_length: false };
    let mut encoder = Encoder::begin(outbox.text(), &Headers::new(), framed);
    encoder.data(&mut outbox, Bytes::from_static(b"ab")).unwrap();
    assert!(encoder.end(&mut outbox, None).is_err());
    assert!(encoder.data(&mut outbox, Bytes::from_static(b"cd")).is_err());
}

#[test]
fn lines_that_frame_are_written_by_us_alone() {
    let headers: Headers =
        [("Content-Length", "9"), ("Transfer-Encoding", "gzip"), ("Connection", "close"), ("A", "b")]
            .into_iter()
            .collect();
    let text = String::from_utf8(written(&headers, Framing::Length(2), &["ok".into()], None)).unwrap();
    assert_eq!(text, "A: b\r\nContent-Length: 2\r\n\r\nok");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), start in 0..4_usize) {
        let starts = ["", "GET / HTTP/1.1\r\n", "HTTP/1.1 200 OK\r\n", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"];
        let whole = [starts[start].as_bytes(), &bytes].concat();
        let _ = RequestHead::take(&mut BytesMut::from(&whole[..]), &mut Scan::default(), &LIMITS);
        let _ = ResponseHead::take(&mut BytesMut::from(&whole[..]), &mut Scan::default(), &LIMITS, false);
        let _ = decode(Framing::Chunked, &[&bytes]);
    }

    #[test]
    fn a_head_is_the_same_in_whatever_pieces_it_comes(cuts in prop::collection::vec(0..120_usize, 0..6)) {
        let text = b"PUT /x/y?z HTTP/1.1\r\nHost: h\r\nA: 1\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nB: 2\r\n\r\nbody";
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
        cuts.sort_unstable();
        cuts.push(text.len());
        let (mut buffer, mut scan, mut at, mut found) = (BytesMut::new(), Scan::default(), 0, None);
        for cut in cuts {
            buffer.extend_from_slice(&text[at..cut]);
            at = cut;
            if found.is_none() {
                found = RequestHead::take(&mut buffer, &mut scan, &LIMITS).unwrap();
            }
        }
        let found = found.unwrap();
        prop_assert_eq!(lines(&found.headers), ["A: 1", "Content-Type: text/plain", "Content-Length: 4", "B: 2"]);
        prop_assert_eq!(&buffer[..], b"body");
    }

    #[test]
    fn what_is_written_in_chunks_is_read_back(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..6),
        large in prop::option::of(8000..9000_usize),
        cut in 1..500_usize,
    ) {
        let trailers: Headers = [("X-Sum", "1")].into_iter().collect();
        // Large pieces are not copied together with small ones.
        let pieces = pieces.into_iter().chain(large.map(|size| vec![b'x'; size]));
        let pieces: Vec<Vec<u8>> = pieces.collect();
        let all = pieces.concat();
        let pieces: Vec<Bytes> = pieces.into_iter().map(Bytes::from).collect();
        for (framing, trailers) in [(Framing::Chunked, Some(&trailers)), (Framing::Chunked, None), (Framing::Length(all.len() as u64), None)] {
            let bytes = written(&Headers::new(), framing, &pieces, trailers);
            let start = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
            let body: Vec<&[u8]> = bytes[start..].chunks(cut).collect();
            let expected = trailers.map(lines).unwrap_or_default();
            prop_assert_eq!(decode(framing, &body).unwrap(), (all.clone(), expected));
        }
    }
}
