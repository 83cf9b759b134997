//! What an exchange tells when it is over.

use policy::{Exchange, ExchangeRecord, Section, record::LastErrorRecord};

/// The record of an exchange, as far as the exchange knows. The gateway adds sizes, the times on the wire, the address
/// as the client wrote it, and how it ended.
pub fn record(exchange: &Exchange) -> ExchangeRecord {
    let entities = &exchange.entities;
    let backend = &exchange.backend_use;
    let sent = backend.sent.as_ref();
    ExchangeRecord {
        id: exchange.id,
        started: exchange.timestamp,
        total: exchange.elapsed(),
        backend: backend.time,
        service: Some(entities.service.name.clone()),
        workspace: entities.workspace.as_ref().map(|workspace| workspace.id.clone()),
        api: entities.api.as_ref().map(|api| api.id.clone()),
        api_revision: entities.api.as_ref().map(|api| api.revision.clone()),
        operation: entities.operation.as_ref().map(|operation| operation.id.clone()),
        product: entities.product.as_ref().map(|product| product.id.clone()),
        subscription: entities.subscription.as_ref().map(|subscription| subscription.id.clone()),
        user: entities.user.as_ref().map(|user| user.id.clone()),
        client_address: exchange.client.address,
        client_protocol: exchange.client.version,
        client_tls: exchange.client.tls,
        method: exchange.client_method.clone(),
        status: exchange.response.status,
        backend_id: exchange.target.backend.as_ref().map(|backend| backend.id.clone()),
        backend_method: sent.map(|(method, _)| method.clone()),
        backend_url: sent.map(|(_, url)| url.to_string()),
        backend_protocol: backend.answer.map(|(version, _)| version),
        backend_status: backend.answer.map(|(_, status)| status),
        backend_calls: backend.calls,
        cache: exchange.cache_use,
        last_error: exchange.last_error.as_ref().map(|fault| LastErrorRecord {
            source: fault.source().to_owned(),
            reason: fault.reason().to_owned(),
            message: fault.message().to_owned(),
            scope: fault.scope(),
            section: fault.section().map(Section::word),
            path: fault.path().map(str::to_owned),
            policy_id: fault.policy_id().map(str::to_owned),
            elapsed: exchange.last_error_at,
        }),
        ..ExchangeRecord::default()
    }
}
