//! What the claims of a token must say: times, audience, issuer, and what else the document demands.

use std::borrow::Cow;

use policy::{base::Timestamp, login, prelude::*};
use serde_json::Value as Json;

use super::Refusal;

words! {
    /// How many of the listed values a claim must have.
    pub(crate) enum Match { All = "all", Any = "any" }
}

/// `required-claims`.
pub(crate) const CLAIMS: Child = Child {
    name: "required-claims",
    count: (0, 1),
    children: &[Child {
        name: "claim",
        count: (1, usize::MAX),
        attrs: &[
            Attr::required("name", Kind::Name, "Claim that must be there.").expr(),
            Attr::or("match", Kind::OneOf(Match::WORDS), "all", "Whether it must have all of the values, or any.")
                .expr(),
            Attr::optional("separator", Kind::Text, "What parts the values in a claim that is one text.").expr(),
        ],
        children: &[Child::texts("value", Kind::Text, "A value; without any, the claim must only be there.")],
        doc: "A claim.",
        ..Child::BASE
    }],
    doc: "Claims that the token must have.",
    ..Child::BASE
};

/// `audiences`.
pub(crate) const AUDIENCES: Child = Child {
    name: "audiences",
    count: (0, 1),
    children: &[Child::texts("audience", Kind::Text, "An audience.")],
    doc: "Audiences, one of which the token must name.",
    ..Child::BASE
};

/// A claim that must be there.
pub(crate) struct RequiredClaim {
    name: Value<String>,
    matching: Value<Match>,
    separator: Option<Value<String>>,
    values: Box<[Value<String>]>,
}

impl RequiredClaim {
    /// Reads `required-claims`.
    pub(crate) fn compile(element: &Element, cx: &mut Compiler<'_>) -> Option<Box<[Self]>> {
        let claims = element.elements().filter(|child| child.name == CLAIMS.name).flat_map(Element::elements);
        let claims: Vec<Option<Self>> = claims
            .map(|claim| {
                let (name, matching) = (cx.attr(claim, "name"), cx.attr_or(claim, "match", Match::All));
                let (separator, values) = (cx.optional(claim, "separator"), cx.texts(claim, "value"));
                Some(Self { name: name?, matching: matching?, separator: separator?, values: values? })
            })
            .collect();
        claims.into_iter().collect()
    }

    /// Judges all of them: first whether each is there, then its values.
    pub(crate) fn judge(
        required: &[Self],
        claims: &Json,
        exchange: &mut Exchange,
    ) -> Result<Result<(), Refusal>, Fault> {
        let names = required.iter().map(|claim| claim.name.get(exchange)).collect::<Result<Vec<_>, _>>()?;
        let missing: Vec<&str> =
            names.iter().map(|name| name.as_str()).filter(|name| claims.get(name).is_none()).collect();
        if !missing.is_empty() {
            let message = format!("JWT is missing the following claims: {}. Access denied.", missing.join(", "));
            return Ok(Err(Refusal::new("TokenClaimNotFound", message)));
        }
        for (claim, name) in required.iter().zip(&names) {
            let wanted = Value::all(&claim.values, exchange)?;
            let matching = *claim.matching.get(exchange)?;
            let separator = Value::optional(&claim.separator, exchange)?;
            let all = texts(&claims[name.as_str()]);
            let has = |wanted: &str| {
                all.iter().any(|text| match separator.as_deref().filter(|separator| !separator.is_empty()) {
                    Some(separator) => text.split(separator.as_str()).any(|part| part == wanted),
                    None => text == wanted,
                })
            };
            let matches = match matching {
                Match::All => wanted.iter().all(|wanted| has(wanted)),
                Match::Any => wanted.is_empty() || wanted.iter().any(|wanted| has(wanted)),
            };
            if !matches {
                let message = format!("Claim {name} value of {} is not allowed. Access denied.", all.join(","));
                return Ok(Err(Refusal::new("TokenClaimValueNotAllowed", message)));
            }
        }
        Ok(Ok(()))
    }
}

/// Judges `exp` and `nbf` at `now`, `skew` seconds of difference between the clocks forgiven.
pub(crate) fn in_force(claims: &Json, now: Timestamp, skew: u64, must_end: bool) -> Result<(), Refusal> {
    let now = now.0 as f64 / 1e9;
    let skew = skew as f64;
    let (end, start) = (time(claims, "exp")?, time(claims, "nbf")?);
    time(claims, "iat")?;
    match end {
        None if must_end => {
            return Err(Refusal::invalid("Lifetime validation failed: the token has no expiration time."));
        }
        Some(end) if now >= end + skew => {
            return Err(Refusal::new(
                "TokenExpired",
                "Lifetime validation failed: the token is expired. Access denied.",
            ));
        }
        _ => {}
    }
    match start {
        Some(start) if now < start - skew => {
            Err(Refusal::invalid("Lifetime validation failed: the token is not valid yet."))
        }
        _ => Ok(()),
    }
}

/// A time in seconds since 1970, which is a number and nothing else.
fn time(claims: &Json, name: &str) -> Result<Option<f64>, Refusal> {
    let Some(claim) = claims.get(name) else { return Ok(None) };
    let number = claim.as_f64().filter(|number| number.is_finite());
    number.map(Some).ok_or_else(|| Refusal::invalid(format!("The claim {name} of the token is not a number.")))
}

/// Judges `aud`: one of it must be in `allowed`, if that lists any. A slash at the end does not count.
pub(crate) fn is_for<'a>(claims: &Json, mut allowed: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
    let audiences = match claims.get("aud") {
        None => Vec::new(),
        Some(Json::String(one)) => vec![one.as_str()],
        Some(Json::Array(list)) => {
            let list: Option<Vec<&str>> = list.iter().map(Json::as_str).collect();
            list.ok_or_else(|| Refusal::invalid("The claim aud of the token is not a list of texts."))?
        }
        Some(_) => return Err(Refusal::invalid("The claim aud of the token is no text.")),
    };
    let bare = |text: &'a str| text.strip_suffix('/').unwrap_or(text);
    let is_named = |allowed: &str| audiences.iter().any(|own| own.strip_suffix('/').unwrap_or(own) == allowed);
    let mut any = false;
    if allowed.any(|allowed| {
        any = true;
        is_named(bare(allowed))
    }) || !any
    {
        return Ok(());
    }
    Err(Refusal::new(
        "TokenAudienceNotAllowed",
        "Audience validation failed: the audience is not allowed. Access denied.",
    ))
}

/// `iss`, which is a text if it is there.
pub(crate) fn issuer(claims: &Json) -> Result<Option<&str>, Refusal> {
    match claims.get("iss") {
        None => Ok(None),
        Some(Json::String(issuer)) => Ok(Some(issuer)),
        Some(_) => Err(Refusal::invalid("The claim iss of the token is no text.")),
    }
}

/// Judges a Microsoft Entra issuer: `published` with the token's tenant in it, or the same tenant's issuer of version 1.0.
pub(crate) fn is_issued_by(claims: &Json, issuer: &str, published: &str, tenant: &str) -> Result<(), Refusal> {
    const PLACE: &str = "{tenantid}";
    let own = claims["tid"].as_str().filter(|id| is_id(id)).unwrap_or_default();
    let is_open = published.contains(PLACE);
    if is_open && (own.is_empty() || (tenant == "organizations" && own == login::CONSUMERS)) {
        return Err(Refusal::issuer());
    }
    // A configuration of one tenant names it.
    let is_tenants = is_open || (!own.is_empty() && published.split('/').any(|part| part.eq_ignore_ascii_case(own)));
    let is_v1 = is_tenants && issuer == login::ISSUER_V1.replace(PLACE, own);
    if is_v1 || issuer == published.replace(PLACE, own) { Ok(()) } else { Err(Refusal::issuer()) }
}

/// Whether a text has the form of a tenant's id, so that it cannot lead an issuer elsewhere.
fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// The values of a claim as `Jwt.Claims` shows them.
fn texts(claim: &Json) -> Vec<Cow<'_, str>> {
    match claim {
        Json::Array(items) => items.iter().map(text).collect(),
        one => vec![text(one)],
    }
}

fn text(claim: &Json) -> Cow<'_, str> {
    match claim {
        Json::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}
