//! Where the token of a request stands.

use policy::prelude::*;

pub(crate) const HEADER: Attr = Attr::optional("header-name", Kind::HeaderName, "Header that holds the token.").expr();
pub(crate) const QUERY: Attr =
    Attr::optional("query-parameter-name", Kind::Name, "Query parameter that holds the token.").expr();
pub(crate) const VALUE: Attr = Attr::optional("token-value", Kind::Text, "The token itself, without a scheme.").expr();

/// Where the token stands.
pub(crate) struct Source {
    from: From,
    scheme: Option<Value<String>>,
}

enum From {
    Header(Value<HeaderName>),
    Query(Value<String>),
    Token(Value<String>),
}

impl Source {
    /// Reads the attributes: exactly one of the three, or `or` where there is none.
    pub(crate) fn compile(element: &Element, cx: &mut Compiler<'_>, or: Option<HeaderName>) -> Option<Self> {
        let header = cx.optional(element, HEADER.name);
        let query = cx.optional(element, QUERY.name);
        let token = cx.optional(element, VALUE.name);
        let scheme = cx.optional(element, "require-scheme")?;
        let message = |what: &str| {
            format!("<{}> must have {what} of header-name, query-parameter-name and token-value.", element.name)
        };
        let from = match (header?, query?, token?, or) {
            (Some(header), None, None, _) => From::Header(header),
            (None, Some(query), None, _) => From::Query(query),
            (None, None, Some(token), _) => From::Token(token),
            (None, None, None, Some(header)) => From::Header(Value::Literal(header)),
            (None, None, None, None) => {
                cx.error("PX0105", message("one"), element.name_span);
                return None;
            }
            _ => {
                cx.error("PX0108", message("only one"), element.name_span);
                return None;
            }
        };
        Some(Self { from, scheme })
    }

    /// The token, without its scheme. None where there is none.
    ///
    /// A header or parameter that stands twice counts as one value with a comma in it, which is no token: what the backend
    /// reads must be what was judged.
    pub(crate) fn token(&self, exchange: &mut Exchange) -> Result<Option<String>, Fault> {
        let scheme = Value::optional(&self.scheme, exchange)?;
        let text = match &self.from {
            From::Header(name) => {
                let name = name.get(exchange)?;
                let text = exchange.request.headers.joined(name.as_str()).unwrap_or_default();
                match scheme.filter(|_| name.is("Authorization")) {
                    Some(scheme) => without_scheme(&text, Some(&scheme)).unwrap_or_default(),
                    None => without_scheme(&text, None).unwrap_or(text),
                }
            }
            From::Query(name) => {
                let name = name.get(exchange)?;
                let pairs = exchange.request.url.query_pairs();
                let values: Vec<String> = pairs.filter(|(known, _)| *known == **name).map(|(_, value)| value).collect();
                values.join(",")
            }
            From::Token(token) => token.get(exchange)?.into_owned(),
        };
        let token = text.trim();
        Ok((!token.is_empty()).then(|| token.to_owned()))
    }
}

/// What follows the scheme: this one, or any.
fn without_scheme(text: &str, scheme: Option<&str>) -> Option<String> {
    let (first, rest) = text.trim().split_once(' ')?;
    scheme.is_none_or(|scheme| scheme.trim().eq_ignore_ascii_case(first)).then(|| rest.trim().to_owned())
}
