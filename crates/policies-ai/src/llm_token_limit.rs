//! `llm-token-limit`: limits the tokens that a caller makes a language model use.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "llm-token-limit",
    aliases: &["azure-openai-token-limit"],
    summary: "Limits the tokens that callers make a language model use, by minute, by a longer period, or both.",
    notes: "It needs `tokens-per-minute`, or `token-quota` with `token-quota-period`. Past the rate the answer is 429, past the quota 403.",
    sections: Sections::INBOUND,
    attrs: &[
        Attr::required("counter-key", Kind::Text, "Whose tokens are counted together.").expr(),
        Attr::optional("tokens-per-minute", Kind::Int(1, i64::MAX), "How many tokens a minute allows.").expr(),
        Attr::optional("token-quota", Kind::Int(1, i64::MAX), "How many tokens the period allows.").expr(),
        Attr::optional(
            "token-quota-period",
            Kind::OneOf(&["Hourly", "Daily", "Weekly", "Monthly", "Yearly"]),
            "The period of the quota.",
        )
        .expr(),
        Attr::required("estimate-prompt-tokens", Kind::Bool, "Whether the prompt's tokens are counted before the model is asked."),
        Attr::or("retry-after-header-name", Kind::HeaderName, "Retry-After", "The header that says when to come back."),
        Attr::optional("retry-after-variable-name", Kind::Name, "The variable that says when to come back."),
        Attr::optional("remaining-quota-tokens-header-name", Kind::HeaderName, "The header for what is left of the quota."),
        Attr::optional("remaining-quota-tokens-variable-name", Kind::Name, "The variable for what is left of the quota."),
        Attr::optional("remaining-tokens-header-name", Kind::HeaderName, "The header for what is left of the minute."),
        Attr::optional("remaining-tokens-variable-name", Kind::Name, "The variable for what is left of the minute."),
        Attr::optional("tokens-consumed-header-name", Kind::HeaderName, "The header for what the call used."),
        Attr::optional("tokens-consumed-variable-name", Kind::Name, "The variable for what the call used."),
    ],
    examples: &[Example {
        title: "A thousand tokens a minute for each subscription",
        policy: "<llm-token-limit counter-key=\"@(context.Subscription.Id)\" tokens-per-minute=\"1000\" \
                 estimate-prompt-tokens=\"true\" remaining-tokens-header-name=\"X-Tokens-Left\" />",
        ..Example::BASE
    }],
    ..PolicyDef::NOT_YET
};
