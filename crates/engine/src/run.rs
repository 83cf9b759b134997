//! Takes an exchange through its sections: inbound, backend, outbound; after a fault, on-error.

use std::{fmt::Write as _, pin::pin};

use policy::{
    Body, Exchange, Fault, Flow, HeaderName, HeaderValue, Method, Response, Section, Status,
    exchange::{Effect, Severity},
};

use crate::{
    EffectivePolicy,
    unwind::{Caught, caught_now},
};

/// The sections of a request that nothing stops.
const ON_THE_WAY: [Section; 3] = [Section::Inbound, Section::Backend, Section::Outbound];

/// Runs the policies. Afterwards the response in the exchange is what the client gets, whatever happened.
pub async fn run(exchange: &mut Exchange, policy: &EffectivePolicy) {
    exchange.hide(policy.secrets());
    let outcome = Caught(pin!(sections(exchange, policy, &ON_THE_WAY))).await;
    match outcome {
        Ok(Ok(())) => finish(exchange),
        Ok(Err(fault)) => fail(exchange, policy, fault).await,
        Err(panic) => fail(exchange, policy, panicked(exchange.section, panic)).await,
    }
}

/// Ends an exchange with a fault: of a policy, or of a built-in step such as routing. Runs on-error.
pub async fn fail(exchange: &mut Exchange, policy: &EffectivePolicy, fault: Fault) {
    exchange.hide(policy.secrets());
    exchange.last_error_at = exchange.elapsed();
    exchange.draft = None;
    exchange.respond(default_answer(&fault, exchange.id));
    note_fault(exchange, &fault);
    exchange.last_error = Some(fault);
    let outcome = Caught(pin!(sections(exchange, policy, &[Section::OnError]))).await;
    // A fault of on-error replaces the first one: nothing is left that could handle it.
    let fault = match outcome {
        Ok(Ok(())) => return finish(exchange),
        Ok(Err(fault)) => fault,
        Err(panic) => panicked(Section::OnError, panic),
    };
    exchange.draft = None;
    exchange.respond(default_answer(&fault, exchange.id));
    note_fault(exchange, &fault);
    exchange.last_error = Some(fault);
    abandon_postponed(exchange);
    finish(exchange);
}

/// Ends an exchange whose client has gone away in the middle of it.
pub fn abandon(exchange: &mut Exchange) {
    exchange.respond(Response::new(Status::CLIENT_CLOSED));
    abandon_postponed(exchange);
}

fn abandon_postponed(exchange: &mut Exchange) {
    // A panic here would meet nobody who catches it.
    if let Err(panic) = caught_now(|| exchange.abandon_postponed()) {
        note_fault(exchange, &panicked(exchange.section, panic));
    }
}

/// Answers a CORS preflight (`OPTIONS` with `Origin` and `Access-Control-Request-Method`) from the `cors` policies of
/// inbound, and `GET /crossdomain.xml` from `cross-domain`. The gateway asks before it looks at credentials. True: the
/// response in the exchange goes back as it is.
///
/// False where no such policy is in scope: the request is an ordinary one.
pub fn preflight(exchange: &mut Exchange, policy: &EffectivePolicy) -> bool {
    let headers = &exchange.request.headers;
    let asks = exchange.request.method.as_str() == "OPTIONS"
        && headers.contains("Origin")
        && headers.contains("Access-Control-Request-Method");
    if !asks && !is_cross_domain_file(exchange) {
        return false;
    }
    let mut in_scope = false;
    for block in policy.section(Section::Inbound) {
        match exchange.without_waiting(|exchange| block.preflight(exchange)) {
            None => {}
            Some(Ok(Flow::Continue)) => in_scope = true,
            Some(Ok(Flow::Respond)) => return true,
            Some(Err(fault)) => {
                exchange.respond(default_answer(&fault, exchange.id));
                exchange.last_error = Some(fault);
                return true;
            }
        }
    }
    if in_scope && asks {
        // No policy knows the origin: an empty 200 without CORS headers, which a browser takes as a no.
        exchange.respond(Response::new(Status::OK));
    }
    in_scope && asks
}

/// Whether a Flash client asks what it may do.
pub fn is_cross_domain_file(exchange: &Exchange) -> bool {
    exchange.request.method == Method::GET && exchange.original_url.path.ends_with("/crossdomain.xml")
}

/// Runs sections in order until one of them responds, then what was left for the end. A future for each section would be copied about
/// for each request.
async fn sections(exchange: &mut Exchange, policy: &EffectivePolicy, names: &[Section]) -> Result<(), Fault> {
    'all: for name in names {
        if *name == Section::Outbound {
            // Without forward-request the response is an empty 200.
            exchange.has_response = true;
        }
        exchange.section = *name;
        for block in policy.section(*name) {
            let flow = if block.waits() { block.run(exchange).await? } else { block.run_now(exchange)? };
            if flow == Flow::Respond {
                break 'all;
            }
        }
    }
    exchange.run_postponed().await
}

/// Puts on the response what limits and CORS have for whatever response there is.
fn finish(exchange: &mut Exchange) {
    for (name, value) in std::mem::take(&mut exchange.late_headers) {
        exchange.response.headers.set(name, value);
    }
}

fn panicked(section: Section, message: String) -> Fault {
    Fault::new("gateway", "InternalError", "The gateway failed to process the request.")
        .in_section(section)
        .with_cause(message)
}

fn note_fault(exchange: &mut Exchange, fault: &Fault) {
    exchange.trace_reset();
    exchange.note_as(fault.source(), Severity::Error, |_| {
        let effect = Effect::new(format!("The request goes on in on-error: {}", fault.message()));
        effect.with("reason", fault.reason())
    });
}

/// The answer to a fault that no on-error policy replaces.
pub fn default_answer(fault: &Fault, request_id: [u8; 16]) -> Response {
    const JSON: HeaderValue = HeaderValue::from_static("application/json");
    let status = fault.status();
    let body = match (fault.public_message(), status.code()) {
        (None, 500) => {
            let id = uuid(request_id);
            format!("{{ \"statusCode\": 500, \"message\": \"Internal server error\", \"activityId\": \"{id}\" }}")
        }
        (message, code) => {
            let message = escaped(message.unwrap_or_else(|| generic(status)));
            format!("{{ \"statusCode\": {code}, \"message\": \"{message}\" }}")
        }
    };
    let mut response = Response::new(status);
    response.headers.push(HeaderName::from_static("Content-Type"), JSON);
    for (name, value) in fault.headers().iter() {
        response.headers.push(name.clone(), value.clone());
    }
    response.body = Body::full(body);
    response
}

fn generic(status: Status) -> &'static str {
    match status.code() {
        404 => "Resource not found",
        500 => "Internal server error",
        _ => match status.reason() {
            "" => "Error",
            reason => reason,
        },
    }
}

/// The inside of a JSON string.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            control if control < ' ' => {
                let _ = write!(escaped, "\\u{:04x}", control as u32);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

fn uuid(bytes: [u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.into_iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_answers_are_those_of_the_service() {
        let text = |fault: Fault| {
            let answer = default_answer(&fault, [0x11; 16]);
            String::from_utf8(answer.body.bytes().unwrap().to_vec()).unwrap()
        };
        let missing = "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.";
        let body = text(
            Fault::new("authorization", "SubscriptionKeyNotFound", "x")
                .with_status(Status::UNAUTHORIZED)
                .shown(missing),
        );
        assert_eq!(body.len(), 152);
        assert_eq!(
            text(Fault::new("configuration", "OperationNotFound", "x").with_status(Status::NOT_FOUND)),
            "{ \"statusCode\": 404, \"message\": \"Resource not found\" }"
        );
        assert_eq!(
            text(Fault::new("a", "b", "not for clients")),
            "{ \"statusCode\": 500, \"message\": \"Internal server error\", \"activityId\": \"11111111-1111-1111-1111-111111111111\" }"
        );
        assert_eq!(
            text(Fault::new("a", "b", "").with_status(Status::FORBIDDEN).shown("a \"b\"\n")),
            "{ \"statusCode\": 403, \"message\": \"a \\\"b\\\"\\n\" }"
        );
    }
}
