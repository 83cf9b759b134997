//! `log-to-eventhub`: sends a text to the event hub of a logger.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "log-to-eventhub",
    summary: "Sends a text to the event hub of a logger.",
    notes: "The text is cut at 200 KB; nobody waits for it.",
    scopes: Scopes::NO_WORKSPACE,
    attrs: &[
        Attr::required("logger-id", Kind::Name, "The resource name of a logger."),
        Attr::optional("partition-id", Kind::Name, "The partition that gets it."),
        Attr::optional("partition-key", Kind::Text, "What the partition is chosen by.").expr(),
    ],
    content: Content::Text(Kind::Text, true),
    examples: &[Example {
        title: "Who called what",
        policy: "<log-to-eventhub logger-id=\"hub\" partition-key=\"@(context.Subscription.Id)\">\n  \
                 @(string.Join(\",\", context.RequestId, context.Request.IpAddress, context.Operation.Name))\n</log-to-eventhub>",
        ..Example::BASE
    }],
    ..PolicyDef::NOT_YET
};
