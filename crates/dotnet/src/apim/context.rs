//! `context` itself.

use csharp::{
    Args, Cx, Result, Value,
    host::{Ask, Flag, Instant, Part},
    surface::{Kind, TypeDef, acts, pure, reads},
};

use super::{
    api, backend, deployment, flag, handle, instant, last_error, operation, part, product, request, response,
    subscription, user, variables, workspace,
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.IContext",
    kind: Kind::Interface,
    members: &[
        pure(
            "IRequest Request { get; }",
            |_, _| Ok(handle(&request::DEF, 0)),
            "The request, as policies have changed it so far.",
        ),
        reads(
            "IResponse Response { get; }",
            |cx, _| part(cx, Part::Response, &response::DEF),
            "The response; null before there is one.",
        )
        .asks(|_| Ask::Part(Part::Response)),
        reads("IApi Api { get; }", |cx, _| part(cx, Part::Api, &api::DEF), "The API.").asks(|_| Ask::Part(Part::Api)),
        reads("IOperation Operation { get; }", |cx, _| part(cx, Part::Operation, &operation::DEF), "The operation.")
            .asks(|_| Ask::Part(Part::Operation)),
        reads(
            "IProduct Product { get; }",
            |cx, _| part(cx, Part::Product, &product::DEF),
            "The product of the subscription, or null.",
        )
        .asks(|_| Ask::Part(Part::Product)),
        reads(
            "ISubscription Subscription { get; }",
            |cx, _| part(cx, Part::Subscription, &subscription::DEF),
            "The subscription of the key, or null.",
        )
        .asks(|_| Ask::Part(Part::Subscription)),
        reads(
            "IUser User { get; }",
            |cx, _| part(cx, Part::User, &user::DEF),
            "The owner of the subscription, or null.",
        )
        .asks(|_| Ask::Part(Part::User)),
        reads(
            "IBackend Backend { get; }",
            |cx, _| part(cx, Part::Backend, &backend::DEF),
            "The backend entity, or null.",
        )
        .asks(|_| Ask::Part(Part::Backend)),
        reads(
            "IWorkspace Workspace { get; }",
            |cx, _| part(cx, Part::Workspace, &workspace::DEF),
            "The workspace, or null.",
        )
        .asks(|_| Ask::Part(Part::Workspace)),
        reads(
            "ILastError LastError { get; }",
            |cx, _| part(cx, Part::LastError, &last_error::DEF),
            "The error being handled, or null.",
        )
        .asks(|_| Ask::Part(Part::LastError)),
        pure("IGraphQL GraphQL { get; }", |_, _| Ok(Value::Null), "What a resolver is asked for; null outside of one."),
        pure("IDeployment Deployment { get; }", |_, _| Ok(handle(&deployment::DEF, 0)), "The gateway and the service."),
        reads("Guid RequestId { get; }", |cx, _| Ok(crate::system::guid(cx.host.request_id())), "The request's id."),
        reads(
            "DateTime Timestamp { get; }",
            |cx, _| instant(cx, Instant::Timestamp),
            "When the request came in (UTC).",
        ),
        reads("TimeSpan Elapsed { get; }", elapsed, "How long it has been handled."),
        reads("bool Tracing { get; }", |cx, _| flag(cx, Flag::Tracing), "Whether the request is traced."),
        reads(
            "IReadOnlyDictionary<string, object> Variables { get; }",
            |_, _| Ok(variables::value()),
            "The variables of the request.",
        )
        .asks(|_| Ask::Variables),
        acts("void Trace(string message)", trace, "Adds a line to the trace."),
    ],
    doc: "The request being handled.",
    ..TypeDef::CLASS
};

fn elapsed(cx: &mut Cx<'_>, _args: Args<'_>) -> Result<Value> {
    let ticks = i64::try_from(cx.host.elapsed().as_nanos() / 100).unwrap_or(i64::MAX);
    Ok(crate::system::time_span(dotformat::TimeSpan::from_ticks(ticks)))
}

fn trace(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    cx.trace(args.opt_str(1).cloned().unwrap_or_default());
    Ok(Value::Null)
}
