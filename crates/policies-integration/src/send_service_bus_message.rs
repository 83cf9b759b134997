//! `send-service-bus-message`: sends a message to a queue or topic of Service Bus.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "send-service-bus-message",
    summary: "Sends a message to a queue or topic of Service Bus.",
    sections: Sections::INBOUND.or(Sections::OUTBOUND).or(Sections::ON_ERROR),
    scopes: Scopes::NO_WORKSPACE,
    attrs: &[
        Attr::optional("queue-name", Kind::Name, "The queue; a queue or a topic must be named.").expr(),
        Attr::optional("topic-name", Kind::Name, "The topic.").expr(),
        Attr::optional("namespace", Kind::Name, "The host name of the Service Bus namespace.").expr(),
        Attr::optional("client-id", Kind::Name, "The client id of a user-assigned identity.").expr(),
    ],
    children: &[
        Child {
            name: "message-properties",
            count: (0, 1),
            children: &[Child {
                name: "message-property",
                attrs: &[Attr::required("name", Kind::Name, "The name of the property.").expr()],
                content: Content::Text(Kind::Text, true),
                doc: "A property of the message.",
                ..Child::BASE
            }],
            doc: "Properties of the message.",
            ..Child::BASE
        },
        Child {
            name: "payload",
            count: (1, 1),
            content: Content::Text(Kind::Text, true),
            doc: "The message.",
            ..Child::BASE
        },
    ],
    examples: &[Example {
        title: "To a queue",
        policy: "<send-service-bus-message queue-name=\"orders\" namespace=\"contoso.servicebus.windows.net\">\n  \
                 <message-properties>\n    <message-property name=\"Caller\">@(context.User.Id)</message-property>\n  \
                 </message-properties>\n  <payload>@(context.Request.Body.As<string>(preserveContent: true))</payload>\n\
                 </send-service-bus-message>",
        ..Example::BASE
    }],
    ..PolicyDef::NOT_YET
};
