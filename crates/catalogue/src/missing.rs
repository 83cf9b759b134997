//! Policies of the published reference that are known by name and refused for now. A line goes when its policy comes.

use policy::{Missing, Sections};

const fn missing(name: &'static str, sections: Sections) -> Missing {
    Missing { name, sections }
}

pub(crate) const MISSING: &[Missing] = &[
    missing("azure-openai-emit-token-metric", Sections::INBOUND),
    missing("azure-openai-semantic-cache-lookup", Sections::INBOUND),
    missing("azure-openai-semantic-cache-store", Sections::OUTBOUND),
    missing("azure-openai-token-limit", Sections::INBOUND),
    missing("cosmosdb-data-source", Sections::NONE),
    missing("http-data-source", Sections::NONE),
    missing("invoke-dapr-binding", Sections::INBOUND.or(Sections::OUTBOUND).or(Sections::ON_ERROR)),
    missing("llm-content-safety", Sections::INBOUND.or(Sections::OUTBOUND)),
    missing("llm-emit-token-metric", Sections::INBOUND),
    missing("llm-semantic-cache-lookup", Sections::INBOUND),
    missing("llm-semantic-cache-store", Sections::OUTBOUND),
    missing("llm-token-limit", Sections::INBOUND),
    missing("log-to-eventhub", Sections::ALL),
    missing("publish-event", Sections::NONE),
    missing("publish-to-dapr", Sections::INBOUND),
    missing("send-service-bus-message", Sections::INBOUND.or(Sections::OUTBOUND).or(Sections::ON_ERROR)),
    missing("sql-data-source", Sections::NONE),
    missing("validate-content", Sections::INBOUND.or(Sections::OUTBOUND).or(Sections::ON_ERROR)),
    missing("validate-graphql-request", Sections::INBOUND),
    missing("validate-headers", Sections::OUTBOUND.or(Sections::ON_ERROR)),
    missing("validate-odata-request", Sections::INBOUND),
    missing("validate-parameters", Sections::INBOUND),
    missing("validate-status-code", Sections::OUTBOUND.or(Sections::ON_ERROR)),
    missing("xsl-transform", Sections::INBOUND.or(Sections::OUTBOUND)),
];
