//! `context.Subscription`.

use csharp::{
    host::{Instant, Text},
    surface::{Kind, TypeDef, reads},
};

use super::{instant, text};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.ISubscription",
    kind: Kind::Interface,
    members: &[
        reads("string Id { get; }", |cx, _| text(cx, Text::SubscriptionId), "Its id.")
            .asks(|_| Text::SubscriptionId.into()),
        reads("string Name { get; }", |cx, _| text(cx, Text::SubscriptionName), "Its display name.")
            .asks(|_| Text::SubscriptionName.into()),
        reads("string Key { get; }", |cx, _| text(cx, Text::SubscriptionKey), "The key that was used.")
            .asks(|_| Text::SubscriptionKey.into()),
        reads("string PrimaryKey { get; }", |cx, _| text(cx, Text::SubscriptionPrimaryKey), "Its primary key.")
            .asks(|_| Text::SubscriptionPrimaryKey.into()),
        reads("string SecondaryKey { get; }", |cx, _| text(cx, Text::SubscriptionSecondaryKey), "Its secondary key.")
            .asks(|_| Text::SubscriptionSecondaryKey.into()),
        reads("DateTime CreatedDate { get; }", |cx, _| instant(cx, Instant::SubscriptionCreated), "When it was made."),
        reads(
            "DateTime? StartDate { get; }",
            |cx, _| instant(cx, Instant::SubscriptionStart),
            "When it starts, or null.",
        ),
        reads("DateTime? EndDate { get; }", |cx, _| instant(cx, Instant::SubscriptionEnd), "When it ends, or null."),
    ],
    doc: "The subscription of the key that was used.",
    ..TypeDef::CLASS
};
