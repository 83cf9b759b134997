//! What the policies that judge tokens have in common.

pub(crate) mod claims;
pub(crate) mod keys;
pub(crate) mod source;

use std::borrow::Cow;

use crypto::{jwe::Encrypted, jws::Token};
use dotnet::Jwt;
use policy::{csharp, prelude::*};

use crate::provider::{Key, KeySet, Provider};
use claims::RequiredClaim;
use keys::{Decrypting, Signing};
use source::Source;

/// The longest token that is looked at, as in the library that the service uses.
const LONGEST: usize = 250 * 1024;

pub(crate) const STATUS: Attr =
    Attr::or("failed-validation-httpcode", Kind::Int(100, 999), "401", "Status if the token is refused.").expr();
pub(crate) const MESSAGE: Attr = Attr::optional(
    "failed-validation-error-message",
    Kind::Text,
    "Message if the token is refused; without it, what is wrong with the token.",
)
.expr();
pub(crate) const OUTPUT: Attr =
    Attr::optional("output-token-variable-name", Kind::Name, "Variable that gets the token, a `Jwt`.");

/// Why a token is refused: `context.LastError`.
#[derive(Debug)]
pub(crate) struct Refusal {
    reason: &'static str,
    message: Cow<'static, str>,
}

impl Refusal {
    pub(crate) fn new(reason: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { reason, message: message.into() }
    }

    /// What has no reason of its own.
    pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("JwtInvalid", message)
    }

    /// The sentence.
    pub(crate) fn text(&self) -> &str {
        &self.message
    }

    pub(crate) fn issuer() -> Self {
        Self::new("TokenIssuerNotAllowed", "Issuer validation failed: the issuer is not allowed. Access denied.")
    }

    pub(crate) fn malformed() -> Self {
        Self::invalid("Invalid JWT.")
    }
}

/// What both policies read of their element.
pub(crate) struct Common {
    policy: &'static str,
    source: Source,
    status: Value<Status>,
    message: Option<Value<String>>,
    output: Option<Arc<str>>,
    decrypting: Box<[Decrypting]>,
    audiences: Box<[Value<String>]>,
    claims: Box<[RequiredClaim]>,
}

impl Common {
    pub(crate) fn compile(
        policy: &'static str,
        element: &Element,
        cx: &mut Compiler<'_>,
        header: Option<HeaderName>,
    ) -> Option<Self> {
        // All parts are read before the first that is wrong ends it.
        let source = Source::compile(element, cx, header);
        let status = cx.attr_or(element, STATUS.name, Status::UNAUTHORIZED);
        let message = cx.optional(element, MESSAGE.name);
        let output = cx.optional_literal(element, OUTPUT.name);
        let decrypting = Decrypting::compile(element, cx);
        let audiences = listed(element, cx, claims::AUDIENCES.name);
        let claims = RequiredClaim::compile(element, cx);
        Some(Self {
            policy,
            source: source?,
            status: status?,
            message: message?,
            output: output?,
            decrypting: decrypting?,
            audiences: audiences?,
            claims: claims?,
        })
    }

    /// Whether the document lists audiences.
    pub(crate) fn names_audience(&self) -> bool {
        !self.audiences.is_empty()
    }

    /// The text of the token, opened if it was encrypted.
    pub(crate) fn text(&self, exchange: &mut Exchange) -> Result<Result<String, Refusal>, Fault> {
        let Some(text) = self.source.token(exchange)? else {
            return Ok(Err(Refusal::new("TokenNotPresent", "JWT not present.")));
        };
        if text.len() > LONGEST {
            return Ok(Err(Refusal::malformed()));
        }
        if Encrypted::is(&text) { keys::open(&text, &self.decrypting, exchange) } else { Ok(Ok(text)) }
    }

    /// Judges the audience: one of those listed, or of `more`.
    pub(crate) fn audience(
        &self,
        token: &Token<'_>,
        more: &[String],
        exchange: &mut Exchange,
    ) -> Result<Result<(), Refusal>, Fault> {
        let audiences = Value::all(&self.audiences, exchange)?;
        let allowed = audiences.iter().map(|one| one.as_str()).chain(more.iter().map(String::as_str));
        Ok(claims::is_for(&token.claims, allowed))
    }

    /// Judges the required claims.
    pub(crate) fn required(&self, token: &Token<'_>, exchange: &mut Exchange) -> Result<Result<(), Refusal>, Fault> {
        RequiredClaim::judge(&self.claims, &token.claims, exchange)
    }

    /// Lets the request pass, or refuses it.
    pub(crate) fn conclude(
        &self,
        text: Option<&str>,
        outcome: Result<(), Refusal>,
        exchange: &mut Exchange,
    ) -> Result<Flow, Fault> {
        match outcome {
            Ok(()) => {
                if let Some(name) = &self.output {
                    let token = text.and_then(Jwt::parse).map(csharp::Value::object).unwrap_or_default();
                    exchange.variables.set(name, token);
                }
                exchange.note(|_| "The token is valid.");
                Ok(Flow::Continue)
            }
            Err(Refusal { reason, message }) => {
                let status = *self.status.get(exchange)?;
                let shown = match Value::optional(&self.message, exchange)? {
                    Some(text) => text.into_owned(),
                    None => message.clone().into_owned(),
                };
                Err(Fault::new(self.policy, reason, message).with_status(status).shown(shown))
            }
        }
    }
}

/// The texts of the children in the child of this name.
pub(crate) fn listed(element: &Element, cx: &mut Compiler<'_>, name: &str) -> Option<Box<[Value<String>]>> {
    let items = element.elements().filter(|child| child.name == name).flat_map(Element::elements);
    let items: Vec<Option<Value<String>>> = items.map(|item| cx.text(item)).collect();
    items.into_iter().collect()
}

/// Takes a token apart.
pub(crate) fn parsed(text: &str) -> Result<Token<'_>, Refusal> {
    Token::parse(text).map_err(|_| Refusal::malformed())
}

/// Finds the provider whose key signed the token, or none if the document's own did. A provider that does not know the
/// token's key is asked for newer ones.
pub(crate) async fn signer(
    token: &Token<'_>,
    signing: &Signing,
    given: &[Key],
    providers: &[Arc<Provider>],
    exchange: &Exchange,
) -> Result<Option<Arc<KeySet>>, Refusal> {
    let host = &*exchange.host;
    let mut known = Vec::with_capacity(providers.len());
    for provider in providers {
        if let Some((keys, is_new)) = provider.keys(host).await {
            known.push((provider, keys, is_new));
        }
    }
    let mut sets: Vec<Arc<KeySet>> = known.iter().map(|(_, keys, _)| Arc::clone(keys)).collect();
    if signing.with(given, &sets).lack(token) {
        for ((provider, seen, is_new), set) in known.iter().zip(&mut sets) {
            // What was fetched for this very request is not fetched twice.
            if !is_new && let Some(newer) = provider.newer(host, seen).await {
                *set = newer;
            }
        }
    }
    let set = signing.with(given, &sets).signer(token)?;
    Ok(set.and_then(|set| sets.iter().find(|known| Arc::as_ptr(known) == std::ptr::from_ref(set)).cloned()))
}
