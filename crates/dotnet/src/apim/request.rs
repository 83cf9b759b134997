//! `context.Request`.

use csharp::{
    host::{Ask, Certificate, Pairs, Part, Side, Text, Url},
    surface::{Kind, TypeDef, pure, reads},
};

use super::{body, pairs, part, text, url};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.IRequest",
    kind: Kind::Interface,
    members: &[
        reads("string Method { get; }", |cx, _| text(cx, Text::RequestMethod), "The HTTP method.")
            .asks(|_| Text::RequestMethod.into()),
        pure("IUrl Url { get; }", |_, _| Ok(url::of(Url::Request)), "The URL, as policies have changed it."),
        pure("IUrl OriginalUrl { get; }", |_, _| Ok(url::of(Url::Original)), "The URL as the client sent it."),
        reads(
            "IReadOnlyDictionary<string, string[]> Headers { get; }",
            |_, _| Ok(pairs::value(Pairs::Headers(Side::Request))),
            "The headers.",
        )
        .asks(|_| Ask::Pairs(Pairs::Headers(Side::Request))),
        reads("IMessageBody Body { get; }", |cx, _| Ok(body::of(cx, Side::Request)), "The body, or null."),
        reads(
            "X509Certificate2 Certificate { get; }",
            |cx, _| crate::security::host_certificate(cx, Certificate::Client),
            "The client's certificate, or null.",
        ),
        reads("string IpAddress { get; }", |cx, _| text(cx, Text::RequestIpAddress), "The client's address.")
            .asks(|_| Text::RequestIpAddress.into()),
        reads(
            "IReadOnlyDictionary<string, string> MatchedParameters { get; }",
            |_, _| Ok(pairs::value(Pairs::MatchedParameters)),
            "Parameters of the URL template.",
        )
        .asks(|_| Ask::Pairs(Pairs::MatchedParameters)),
        reads(
            "IPrivateEndpointConnection PrivateEndpointConnection { get; }",
            |cx, _| part(cx, Part::PrivateEndpoint, &PRIVATE_ENDPOINT),
            "The private endpoint, or null.",
        ),
    ],
    doc: "What the client sent.",
    ..TypeDef::CLASS
};

pub(crate) static PRIVATE_ENDPOINT: TypeDef = TypeDef {
    name: "PolicyExpressions.IPrivateEndpointConnection",
    kind: Kind::Interface,
    members: &[
        reads("string Name { get; }", |cx, _| text(cx, Text::PrivateEndpointName), "Its name."),
        reads("string GroupId { get; }", |cx, _| text(cx, Text::PrivateEndpointGroupId), "Its group."),
        reads("string MemberName { get; }", |cx, _| text(cx, Text::PrivateEndpointMemberName), "Its member."),
    ],
    doc: "The private endpoint that a request came through.",
    ..TypeDef::CLASS
};
