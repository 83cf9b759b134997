//! `publish-to-dapr`: publishes a message to a topic through the Dapr sidecar.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "publish-to-dapr",
    summary: "Publishes a message to a topic of a Dapr pub/sub component.",
    sections: Sections::INBOUND,
    scopes: Scopes::NO_WORKSPACE,
    attrs: &[
        Attr::optional("pubsub-name", Kind::Name, "The pub/sub component; without it the topic holds its name.").expr(),
        Attr::required("topic", Kind::Name, "The topic.").expr(),
        Attr::or("ignore-error", Kind::Bool, "false", "Whether a failure does not matter."),
        Attr::optional("response-variable-name", Kind::Name, "The variable that gets the answer."),
        Attr::or("timeout", Kind::Int(1, 240), "5", "How many seconds to wait.").expr(),
        Attr::optional("template", Kind::OneOf(&["Liquid"]), "How the text is to be read."),
        Attr::optional("content-type", Kind::Name, "The content type of the message."),
    ],
    content: Content::Text(Kind::Text, true),
    examples: &[Example {
        title: "The body to a topic",
        policy: "<publish-to-dapr pubsub-name=\"orders\" topic=\"new\">\
                 @(context.Request.Body.As<string>())</publish-to-dapr>",
        ..Example::BASE
    }],
    ..PolicyDef::NOT_YET
};
