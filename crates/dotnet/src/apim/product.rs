//! `context.Product`.

use csharp::{
    Cx, Result, Value,
    host::{Ask, Flag, Listing, Number, Text},
    surface::{EnumDef, Kind, TypeDef, reads},
};

use super::{api, flag, handles, text, user};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.IProduct",
    kind: Kind::Interface,
    members: &[
        reads("string Id { get; }", |cx, _| text(cx, Text::ProductId), "Its id.").asks(|_| Text::ProductId.into()),
        reads("string Name { get; }", |cx, _| text(cx, Text::ProductName), "Its display name.")
            .asks(|_| Text::ProductName.into()),
        reads("ProductState State { get; }", |cx, _| state(cx), "Whether it is published."),
        reads(
            "bool ApprovalRequired { get; }",
            |cx, _| flag(cx, Flag::ProductApprovalRequired),
            "Whether subscriptions need approval.",
        ),
        reads(
            "bool SubscriptionRequired { get; }",
            |cx, _| flag(cx, Flag::ProductSubscriptionRequired),
            "Whether calls need a subscription.",
        ),
        reads("int? SubscriptionLimit { get; }", |cx, _| limit(cx), "How many subscriptions a user may have."),
        reads("int? SubscriptionsLimit { get; }", |cx, _| limit(cx), "How many subscriptions a user may have."),
        reads("IEnumerable<IGroup> Groups { get; }", |cx, _| handles(cx, &GROUPS), "The groups that may use it.")
            .asks(|_| Ask::List(&GROUPS)),
        reads("IEnumerable<IApi> Apis { get; }", |cx, _| handles(cx, &APIS), "Its APIs.").asks(|_| Ask::List(&APIS)),
    ],
    doc: "The product of the subscription.",
    ..TypeDef::CLASS
};

static GROUPS: Listing = Listing { def: &user::GROUP, text: Text::ProductGroupId, kind: 1 };

static APIS: Listing = Listing { def: &api::DEF, text: Text::ProductApiId, kind: 1 };

pub(crate) static STATE: TypeDef = TypeDef {
    name: "PolicyExpressions.ProductState",
    kind: EnumDef::of(&[("NotPublished", 0), ("Published", 1)]),
    doc: "Whether a product is published.",
    ..TypeDef::CLASS
};

fn state(cx: &Cx<'_>) -> Result<Value> {
    let published = cx.host.text(Text::ProductState).is_some_and(|text| text.eq_ignore_ascii_case("Published"));
    Ok(Value::enumeration(&STATE, i64::from(published)))
}

fn limit(cx: &Cx<'_>) -> Result<Value> {
    Ok(cx.host.number(Number::ProductSubscriptionsLimit).map_or(Value::Null, |limit| Value::Int(limit as i32)))
}
