//! `llm-semantic-cache-lookup`: answers a prompt from the cache of answers to prompts that mean the same.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "llm-semantic-cache-lookup",
    aliases: &["azure-openai-semantic-cache-lookup"],
    summary: "Answers a prompt with a stored answer to a prompt that means the same.",
    sections: Sections::INBOUND,
    scopes: Scopes::NO_WORKSPACE,
    once: Once::PerSection,
    attrs: &[
        Attr::required("score-threshold", Kind::Name, "How far apart meanings may be, from 0 to 1; less is stricter."),
        Attr::required("embeddings-backend-id", Kind::Name, "The backend that computes embeddings."),
        Attr::required("embeddings-backend-auth", Kind::OneOf(&["system-assigned"]), "How the gateway shows itself to it."),
        Attr::or("ignore-system-messages", Kind::Bool, "false", "Whether system messages do not count."),
        Attr::optional("max-message-count", Kind::Int(1, i64::MAX), "After how many messages a dialogue is not cached any more."),
    ],
    children: &[Child::texts("vary-by", Kind::Text, "A text that parts the cache.")],
    examples: &[Example {
        title: "One cache for each subscription",
        policy: "<llm-semantic-cache-lookup score-threshold=\"0.05\" embeddings-backend-id=\"embeddings\" \
                 embeddings-backend-auth=\"system-assigned\">\n  <vary-by>@(context.Subscription.Id)</vary-by>\n\
                 </llm-semantic-cache-lookup>",
        ..Example::BASE
    }],
    ..PolicyDef::NOT_YET
};
