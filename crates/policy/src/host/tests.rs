//! What expressions see of an exchange.

use csharp::host::Url as Which;

use super::*;
use crate::{
    Body as MessageBody, Fault, Status,
    entity::{Api, Product, Subscription},
    exchange::Frame,
    test::{block_on, exchange},
};

#[test]
fn headers_and_queries_are_found_whatever_their_case() {
    let mut exchange =
        exchange("http://gw.example/echo/x?A=1&b=%20c&a=2", &[("X-One", "1"), ("x-one", "2"), ("X-Two", "z")]);
    let context = Context::new(&mut exchange);
    let (headers, query) = (Pairs::Headers(Side::Request), Pairs::Query(Which::Request));
    assert_eq!(context.pair(headers, "X-ONE").as_deref(), Some("1,2"));
    assert_eq!(context.pair(headers, "x-two").as_deref(), Some("z"));
    assert_eq!(context.pair(headers, "x-three"), None);
    assert_eq!(context.pair(headers, "host").as_deref(), Some("gw.example"));
    assert_eq!(context.pair_values(query, "a").map(|values| values.len()), Some(2));
    assert_eq!(context.pair(query, "B").as_deref(), Some(" c"));
    let names = |pairs| context.pair_names(pairs).iter().map(|name| name.to_text().into_owned()).collect::<Vec<_>>();
    assert_eq!(
        (names(headers), names(query)),
        (vec!["Host".into(), "X-One".into(), "X-Two".into()], vec!["A".into(), "b".into()])
    );
}

#[test]
fn a_body_is_gone_after_an_evaluation_that_read_it_without_keeping_it() {
    let mut exchange = exchange("http://gw.example/", &[]);
    exchange.request.body = MessageBody::full("hello");
    let mut context = Context::new(&mut exchange);
    assert!(matches!(context.body(Side::Request, false), Body::Bytes(bytes) if &*bytes == b"hello"));
    // The evaluation is given up: nothing has happened.
    let mut context = Context::new(&mut exchange);
    assert!(matches!(context.body(Side::Request, true), Body::Bytes(_)));
    context.settle();
    let mut context = Context::new(&mut exchange);
    context.body(Side::Request, false);
    context.settle();
    let mut context = Context::new(&mut exchange);
    assert!(matches!(context.body(Side::Request, false), Body::Consumed));
    assert!(context.has(Part::RequestBody));
    assert_eq!(exchange.request.body.exact_len(), Some(0));
}

#[test]
fn a_stream_is_there_and_must_be_buffered_first() {
    struct Endless;
    impl crate::exchange::Source for Endless {
        fn poll_frame(
            &mut self,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<Frame, crate::exchange::BodyError>>> {
            std::task::Poll::Ready(Some(Ok(Frame::Data("x".into()))))
        }
    }
    let mut exchange = exchange("http://gw.example/", &[]);
    exchange.request.body = MessageBody::stream(Endless);
    let mut context = Context::new(&mut exchange);
    assert!(context.has(Part::RequestBody));
    assert!(matches!(context.body(Side::Request, false), Body::NotBuffered));
    context.settle();
    exchange.entities.service = std::sync::Arc::new(crate::entity::Service { body_limit: 10, ..Default::default() });
    let fault = block_on(exchange.buffer(Some(Side::Request))).unwrap_err();
    assert_eq!((fault.status(), fault.reason()), (Status::PAYLOAD_TOO_LARGE, "BodyTooLarge"));
}

#[test]
fn parts_that_are_not_there_are_null() {
    let mut exchange = exchange("http://gw.example/", &[]);
    let context = Context::new(&mut exchange);
    for part in [Part::Api, Part::Product, Part::Subscription, Part::Response, Part::LastError, Part::RequestBody] {
        assert!(!context.has(part), "{part:?}");
    }
    assert_eq!(context.text(Text::ApiId), None);
    assert_eq!(context.text(Text::UrlHost(Which::Service)), None);
}

#[test]
fn entities_and_errors_show_what_the_configuration_says() {
    let mut exchange = exchange("http://gw.example/", &[]);
    exchange.entities.api =
        Some(Api { id: "echo".into(), protocols: ["https".into()].into(), ..Api::default() }.into());
    exchange.entities.product =
        Some(Product { published: true, subscriptions_limit: Some(3), ..Product::default() }.into());
    let (primary_key, secondary_key) = (base::Secret::new("one".into()), base::Secret::new("two".into()));
    exchange.entities.subscription =
        Some(Subscription { primary_key, secondary_key, ..Subscription::default() }.into());
    exchange.entities.secondary_key = true;
    exchange.last_error = Some(Fault::new("rate-limit", "RateLimitExceeded", "Rate limit is exceeded"));
    let context = Context::new(&mut exchange);
    let text = |text| context.text(text).map(Cow::into_owned);
    assert_eq!(text(Text::ApiProtocol(0)).as_deref(), Some("https"));
    assert_eq!(text(Text::ApiProtocol(1)), None);
    assert_eq!(text(Text::ProductState).as_deref(), Some("Published"));
    assert_eq!(text(Text::SubscriptionKey).as_deref(), Some("two"));
    assert_eq!(text(Text::ErrorReason).as_deref(), Some("RateLimitExceeded"));
    assert_eq!(text(Text::ErrorPath), None);
    assert_eq!(text(Text::RequestIpAddress), None);
    assert_eq!(context.number(Number::ProductSubscriptionsLimit), Some(3));
}
