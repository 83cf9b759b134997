//! `context.User`, groups and identities.

use csharp::{
    Args, Cx, Result, Value,
    host::{Ask, Instant, Listing, Text},
    surface::{Kind, TypeDef, reads},
};

use super::{handles, index, instant, text};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.IUser",
    kind: Kind::Interface,
    members: &[
        reads("string Id { get; }", |cx, _| text(cx, Text::UserId), "Its id.").asks(|_| Text::UserId.into()),
        reads("string Email { get; }", |cx, _| text(cx, Text::UserEmail), "The e-mail address.")
            .asks(|_| Text::UserEmail.into()),
        reads("string FirstName { get; }", |cx, _| text(cx, Text::UserFirstName), "The first name.")
            .asks(|_| Text::UserFirstName.into()),
        reads("string LastName { get; }", |cx, _| text(cx, Text::UserLastName), "The last name.")
            .asks(|_| Text::UserLastName.into()),
        reads("string Note { get; }", |cx, _| text(cx, Text::UserNote), "The administrator's note.")
            .asks(|_| Text::UserNote.into()),
        reads(
            "DateTime RegistrationDate { get; }",
            |cx, _| instant(cx, Instant::UserRegistration),
            "When it was made.",
        ),
        reads("IEnumerable<IGroup> Groups { get; }", |cx, _| handles(cx, &GROUPS), "Its groups.")
            .asks(|_| Ask::List(&GROUPS)),
        reads("IEnumerable<IUserIdentity> Identities { get; }", |cx, _| handles(cx, &IDENTITIES), "Its identities.")
            .asks(|_| Ask::List(&IDENTITIES)),
    ],
    doc: "The owner of the subscription.",
    ..TypeDef::CLASS
};

static GROUPS: Listing = Listing { def: &GROUP, text: Text::UserGroupId, kind: 0 };

static IDENTITIES: Listing = Listing { def: &IDENTITY, text: Text::UserIdentityId, kind: 0 };

/// The upper half of the word says whose group it is: 0 the user's, 1 the product's.
pub(crate) static GROUP: TypeDef = TypeDef {
    name: "PolicyExpressions.IGroup",
    kind: Kind::Interface,
    members: &[
        reads("string Id { get; }", |cx, args| group(cx, &args, Text::UserGroupId, Text::ProductGroupId), "Its id."),
        reads(
            "string Name { get; }",
            |cx, args| group(cx, &args, Text::UserGroupName, Text::ProductGroupName),
            "Its display name.",
        ),
    ],
    doc: "A group of users.",
    ..TypeDef::CLASS
};

pub(crate) static IDENTITY: TypeDef = TypeDef {
    name: "PolicyExpressions.IUserIdentity",
    kind: Kind::Interface,
    members: &[
        reads(
            "string Id { get; }",
            |cx, args| text(cx, Text::UserIdentityId(index(args.word(0)))),
            "The id at the provider.",
        ),
        reads(
            "string Provider { get; }",
            |cx, args| text(cx, Text::UserIdentityProvider(index(args.word(0)))),
            "The provider.",
        ),
    ],
    doc: "An identity of a user.",
    ..TypeDef::CLASS
};

fn group(cx: &Cx<'_>, args: &Args<'_>, of_user: fn(usize) -> Text, of_product: fn(usize) -> Text) -> Result<Value> {
    let word = args.word(0);
    text(cx, if word >> 32 == 0 { of_user(index(word)) } else { of_product(index(word)) })
}
