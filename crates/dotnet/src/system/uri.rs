//! `System.Uri`, `System.UriBuilder` and their enums.

use std::cell::RefCell;

use csharp::{
    Args, Cx, Result, Str, Ty, Value, exception,
    parcel::{Packed, Packer},
    surface::{EnumDef, TypeDef, pure, reads},
    value::Object,
};
use dotformat::{Uri, UriKind, check_scheme_name, escape_data_string, escape_uri_string, unescape_data_string};

use super::format::raise;

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Uri",
    members: &[
        pure("static readonly string SchemeDelimiter", |_, _| Ok(Value::str("://")), "`://`."),
        pure("static readonly string UriSchemeHttp", |_, _| Ok(Value::str("http")), "`http`."),
        pure("static readonly string UriSchemeHttps", |_, _| Ok(Value::str("https")), "`https`."),
        pure("static readonly string UriSchemeFile", |_, _| Ok(Value::str("file")), "`file`."),
        pure("static readonly string UriSchemeFtp", |_, _| Ok(Value::str("ftp")), "`ftp`."),
        pure("static readonly string UriSchemeMailto", |_, _| Ok(Value::str("mailto")), "`mailto`."),
        pure(
            "Uri(string uriString)",
            |_, args| made(Uri::parse(&args.str(0, "uriString")?.to_text(), UriKind::Absolute)),
            "Reads an absolute URI.",
        ),
        pure(
            "Uri(string uriString, UriKind uriKind)",
            |_, args| made(Uri::parse(&args.str(0, "uriString")?.to_text(), kind(&args, 1)?)),
            "Reads a URI.",
        ),
        pure("Uri(Uri baseUri, string relativeUri)", |_, args| made(joined(&args)?), "A reference, resolved."),
        pure("Uri(Uri baseUri, Uri relativeUri)", |_, args| made(joined(&args)?), "A reference, resolved."),
        pure(
            "static bool TryCreate(string uriString, UriKind uriKind, out Uri result)",
            try_create,
            "Whether it is such a URI.",
        ),
        pure(
            "static bool TryCreate(Uri baseUri, string relativeUri, out Uri result)",
            try_join,
            "Whether the reference can be resolved.",
        ),
        pure(
            "static bool TryCreate(Uri baseUri, Uri relativeUri, out Uri result)",
            try_join,
            "Whether the reference can be resolved.",
        ),
        pure(
            "static string EscapeDataString(string stringToEscape)",
            |_, args| Ok(Value::str(escape_data_string(&args.str(0, "stringToEscape")?.to_text()))),
            "Everything escaped but letters, digits and `-_.~`.",
        ),
        pure(
            "static string EscapeUriString(string stringToEscape)",
            |_, args| Ok(Value::str(escape_uri_string(&args.str(0, "stringToEscape")?.to_text()))),
            "Everything escaped that a URI cannot hold.",
        ),
        pure(
            "static string UnescapeDataString(string stringToUnescape)",
            |_, args| Ok(Value::str(unescape_data_string(&args.str(0, "stringToUnescape")?.to_text()))),
            "Escapes replaced by what they stand for.",
        ),
        pure(
            "static bool IsWellFormedUriString(string uriString, UriKind uriKind)",
            is_well_formed_text,
            "Whether it is a URI that needs no escaping.",
        ),
        pure(
            "static UriHostNameType CheckHostName(string name)",
            |_, args| Ok(host_type(&args.opt_str(0).cloned().unwrap_or_default().to_text())),
            "What kind of host name it is.",
        ),
        pure(
            "static bool CheckSchemeName(string schemeName)",
            |_, args| Ok(Value::Bool(args.opt_str(0).is_some_and(|name| check_scheme_name(&name.to_text())))),
            "Whether it is a scheme's name.",
        ),
        pure(
            "static bool IsHexDigit(char character)",
            |_, args| Ok(Value::Bool(u8::try_from(args.char(0)).is_ok_and(|unit| unit.is_ascii_hexdigit()))),
            "Whether it is a hexadecimal digit.",
        ),
        pure(
            "static string HexEscape(char character)",
            |_, args| Ok(Value::str(format!("%{:02X}", args.char(0)))),
            "`%` and two digits.",
        ),
        pure("string AbsoluteUri { get; }", |_, args| part(this(&args)?.absolute_uri()), "All of it, escaped."),
        pure("string OriginalString { get; }", |_, args| Ok(Value::str(this(&args)?.original())), "As it was written."),
        pure("string Scheme { get; }", |_, args| part(this(&args)?.scheme()), "The scheme."),
        pure("string UserInfo { get; }", |_, args| part(this(&args)?.user_info()), "User and password."),
        pure("string Host { get; }", |_, args| part(this(&args)?.host()), "The host."),
        pure(
            "string DnsSafeHost { get; }",
            |_, args| part(this(&args)?.host().map(|host| host.trim_matches(['[', ']']))),
            "The host, without brackets.",
        ),
        pure(
            "string IdnHost { get; }",
            |_, args| part(this(&args)?.host().map(|host| host.trim_matches(['[', ']']))),
            "The host, without brackets.",
        ),
        pure(
            "int Port { get; }",
            |_, args| this(&args)?.port().map(Value::Int).ok_or_else(relative),
            "The port, or -1.",
        ),
        pure(
            "string Authority { get; }",
            |_, args| part(this(&args)?.authority()),
            "Host, and port unless it is the scheme's.",
        ),
        pure("string AbsolutePath { get; }", |_, args| part(this(&args)?.absolute_path()), "The path, escaped."),
        pure("string LocalPath { get; }", |_, args| part(this(&args)?.local_path()), "The path, unescaped."),
        pure("string PathAndQuery { get; }", |_, args| part(this(&args)?.path_and_query()), "Path and query, escaped."),
        pure("string Query { get; }", |_, args| part(this(&args)?.query()), "The query with its `?`, escaped."),
        pure(
            "string Fragment { get; }",
            |_, args| part(this(&args)?.fragment()),
            "The fragment with its `#`, escaped.",
        ),
        pure(
            "string[] Segments { get; }",
            |_, args| this(&args)?.segments().map(Value::strings).ok_or_else(relative),
            "The parts of the path, each with the `/` that ends it.",
        ),
        pure(
            "bool IsAbsoluteUri { get; }",
            |_, args| Ok(Value::Bool(this(&args)?.is_absolute())),
            "Whether it has a scheme.",
        ),
        pure(
            "bool IsDefaultPort { get; }",
            |_, args| this(&args)?.is_default_port().map(Value::Bool).ok_or_else(relative),
            "Whether the port is the scheme's.",
        ),
        pure(
            "bool IsFile { get; }",
            |_, args| this(&args)?.scheme().map(|scheme| Value::Bool(scheme == "file")).ok_or_else(relative),
            "Whether the scheme is `file`.",
        ),
        pure(
            "bool IsUnc { get; }",
            |_, args| this(&args)?.scheme().map(|_| Value::Bool(false)).ok_or_else(relative),
            "Whether it is a path of a file server: never.",
        ),
        pure(
            "bool IsLoopback { get; }",
            |_, args| {
                this(&args)?.scheme().map(|_| Value::Bool(this(&args).is_ok_and(Uri::is_loopback))).ok_or_else(relative)
            },
            "Whether the host is this machine.",
        ),
        pure(
            "UriHostNameType HostNameType { get; }",
            |_, args| this(&args)?.host().map(host_type).ok_or_else(relative),
            "What kind of host it is.",
        ),
        pure("string GetLeftPart(UriPartial part)", left_part, "Everything up to a part."),
        pure("string GetComponents(UriComponents components, UriFormat format)", components, "Some parts."),
        pure("bool IsBaseOf(Uri uri)", is_base_of, "Whether another lies below."),
        pure(
            "bool IsWellFormedOriginalString()",
            |_, args| Ok(Value::Bool(is_well_formed(this(&args)?))),
            "Whether it was written as it must be.",
        ),
        pure("string ToString()", super::object::to_string, "All of it, unescaped where that is safe."),
        pure(
            "static bool operator ==(Uri uri1, Uri uri2)",
            |_, args| Ok(Value::Bool(args.value(0).equals(args.value(1)))),
            "Whether both are the same but for fragments.",
        ),
        pure(
            "static bool operator !=(Uri uri1, Uri uri2)",
            |_, args| Ok(Value::Bool(!args.value(0).equals(args.value(1)))),
            "Whether they differ in more than fragments.",
        ),
    ],
    doc: "A URI.",
    ..TypeDef::CLASS
};

pub(crate) static BUILDER: TypeDef = TypeDef {
    name: "System.UriBuilder",
    members: &[
        pure(
            "UriBuilder()",
            |_, _| {
                Ok(builder(Parts {
                    scheme: "http".into(),
                    host: "localhost".into(),
                    path: "/".into(),
                    ..Parts::default()
                }))
            },
            "`http://localhost/`.",
        ),
        pure("UriBuilder(string uri)", builder_of_text, "The parts of a URI; `http` without a scheme."),
        pure("UriBuilder(Uri uri)", builder_of_uri, "The parts of a URI."),
        pure("UriBuilder(string schemeName, string hostName)", builder_of_parts, "From parts."),
        pure("UriBuilder(string scheme, string host, int portNumber)", builder_of_parts, "From parts."),
        pure("UriBuilder(string scheme, string host, int port, string pathValue)", builder_of_parts, "From parts."),
        reads("string Scheme { get; }", |_, args| get(&args, |parts| &parts.scheme), "The scheme.")
            .with_set(|_, args| put(&args, |parts, text| parts.scheme = text)),
        reads("string Host { get; }", |_, args| get(&args, |parts| &parts.host), "The host.")
            .with_set(|_, args| put(&args, |parts, text| parts.host = text)),
        reads("string Path { get; }", |_, args| get(&args, |parts| &parts.path), "The path.")
            .with_set(|_, args| put(&args, |parts, text| parts.path = rooted(&text))),
        reads("string Query { get; }", |_, args| get(&args, |parts| &parts.query), "The query with its `?`.")
            .with_set(|_, args| put(&args, |parts, text| parts.query = marked('?', text))),
        reads("string Fragment { get; }", |_, args| get(&args, |parts| &parts.fragment), "The fragment with its `#`.")
            .with_set(|_, args| put(&args, |parts, text| parts.fragment = marked('#', text))),
        reads("string UserName { get; }", |_, args| get(&args, |parts| &parts.user), "The user.")
            .with_set(|_, args| put(&args, |parts, text| parts.user = text)),
        reads("string Password { get; }", |_, args| get(&args, |parts| &parts.password), "The password.")
            .with_set(|_, args| put(&args, |parts, text| parts.password = text)),
        reads(
            "int Port { get; }",
            |_, args| Ok(Value::Int(args.this::<Builder>()?.0.borrow().port)),
            "The port; -1 for the scheme's.",
        )
        .with_set(set_port),
        reads(
            "Uri Uri { get; }",
            |_, args| made(Uri::parse(&args.this::<Builder>()?.0.borrow().text(), UriKind::Absolute)),
            "What was built.",
        ),
        reads("string ToString()", super::object::to_string, "What was built."),
    ],
    doc: "A URI under construction.",
    ..TypeDef::CLASS
};

pub(crate) static KIND: TypeDef = TypeDef {
    name: "System.UriKind",
    kind: EnumDef::of(&[("RelativeOrAbsolute", 0), ("Absolute", 1), ("Relative", 2)]),
    doc: "Whether a URI has a scheme.",
    ..TypeDef::CLASS
};

pub(crate) static PARTIAL: TypeDef = TypeDef {
    name: "System.UriPartial",
    kind: EnumDef::of(&[("Scheme", 0), ("Authority", 1), ("Path", 2), ("Query", 3)]),
    doc: "Where a part of a URI ends.",
    ..TypeDef::CLASS
};

pub(crate) static HOST_NAME_TYPE: TypeDef = TypeDef {
    name: "System.UriHostNameType",
    kind: EnumDef::of(&[("Unknown", 0), ("Basic", 1), ("Dns", 2), ("IPv4", 3), ("IPv6", 4)]),
    doc: "What kind of host a URI names.",
    ..TypeDef::CLASS
};

pub(crate) static COMPONENTS: TypeDef = TypeDef {
    name: "System.UriComponents",
    kind: EnumDef::flags(&[
        ("Scheme", 1),
        ("UserInfo", 2),
        ("Host", 4),
        ("Port", 8),
        ("SchemeAndServer", 13),
        ("Path", 16),
        ("Query", 32),
        ("PathAndQuery", 48),
        ("HttpRequestUrl", 61),
        ("Fragment", 64),
        ("AbsoluteUri", 127),
        ("StrongPort", 128),
        ("HostAndPort", 132),
        ("StrongAuthority", 134),
        ("KeepDelimiter", 0x4000_0000),
    ]),
    doc: "Parts of a URI.",
    ..TypeDef::CLASS
};

pub(crate) static FORMAT: TypeDef = TypeDef {
    name: "System.UriFormat",
    kind: EnumDef::of(&[("UriEscaped", 1), ("Unescaped", 2), ("SafeUnescaped", 3)]),
    doc: "How parts of a URI are escaped.",
    ..TypeDef::CLASS
};

struct Reference(Uri);

impl Object for Reference {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }

    fn pack(&self, _packer: &mut Packer) -> Option<Packed> {
        let inner = self.0.clone();
        Some(Packed::new(move |_| Value::object(Reference(inner))))
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.0.to_string().into())
    }

    fn equals(&self, other: &Value) -> bool {
        other.downcast::<Reference>().is_some_and(|other| identity(&self.0) == identity(&other.0))
    }

    fn hash(&self) -> Option<u64> {
        Some(Value::str(identity(&self.0)).hash_code())
    }
}

/// What two equal URIs share: neither user nor fragment belongs to it.
fn identity(uri: &Uri) -> String {
    match (uri.scheme(), uri.authority(), uri.path_and_query()) {
        (Some(scheme), Some(authority), Some(path)) => format!("{scheme}://{authority}{path}"),
        _ => uri.original().to_owned(),
    }
}

/// As a value.
pub(crate) fn value(uri: Uri) -> Value {
    Value::object(Reference(uri))
}

/// Of a value of this type.
pub(crate) fn of(value: &Value) -> Option<&Uri> {
    value.downcast::<Reference>().map(|reference| &reference.0)
}

fn this<'a>(args: &'a Args<'_>) -> Result<&'a Uri> {
    of(args.value(0)).ok_or_else(exception::null_reference)
}

fn made(uri: dotformat::Result<Uri>) -> Result<Value> {
    uri.map(value).map_err(raise)
}

fn relative() -> csharp::Raise {
    exception::invalid_operation("This operation is not supported for a relative URI.")
}

fn part(text: Option<impl Into<Str>>) -> Result<Value> {
    text.map(Value::str).ok_or_else(relative)
}

fn kind(args: &Args<'_>, index: usize) -> Result<UriKind> {
    match args.word(index) {
        0 => Ok(UriKind::RelativeOrAbsolute),
        1 => Ok(UriKind::Absolute),
        2 => Ok(UriKind::Relative),
        other => {
            Err(exception::argument(&format!("The value '{other}' passed for the UriKind parameter is invalid."), ""))
        }
    }
}

fn joined(args: &Args<'_>) -> Result<dotformat::Result<Uri>> {
    let base = of(args.some(0, "baseUri")?).ok_or_else(exception::null_reference)?;
    if !base.is_absolute() {
        return Err(exception::out_of_range("", "baseUri"));
    }
    Ok(match args.value(1) {
        Value::Str(text) => base.join(&text.to_text()),
        other => match of(other) {
            Some(uri) if uri.is_absolute() => Ok(uri.clone()),
            Some(uri) => base.join(uri.original()),
            None => Ok(base.clone()),
        },
    })
}

fn give(mut args: Args<'_>, found: Option<Uri>) -> Result<Value> {
    let is_there = found.is_some();
    args.set(2, found.map_or(Value::Null, value));
    Ok(Value::Bool(is_there))
}

fn try_create(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let kind = kind(&args, 1)?;
    let found = args.opt_str(0).and_then(|text| Uri::parse(&text.to_text(), kind).ok());
    give(args, found)
}

fn try_join(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let found = joined(&args).ok().and_then(|uri| uri.ok());
    give(args, found)
}

/// Nothing would change if it were escaped.
fn is_well_formed(uri: &Uri) -> bool {
    let original = uri.original();
    let legal = |text: &str| {
        let bytes = text.as_bytes();
        let escape =
            |at: usize| bytes.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        !text.contains([' ', '"', '<', '>', '\\', '^', '`', '{', '|', '}'])
            && bytes.iter().enumerate().all(|(at, byte)| !byte.is_ascii_control() && (*byte != b'%' || escape(at)))
    };
    match uri.scheme() {
        Some(scheme) => {
            let after = original.get(scheme.len() + 1..).unwrap_or_default();
            legal(original) && (uri.host() == Some("") || after.starts_with("//"))
        }
        None => legal(original) && !original.split(['/', '?', '#']).next().unwrap_or_default().contains(':'),
    }
}

fn is_well_formed_text(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let kind = kind(&args, 1)?;
    let uri = args.opt_str(0).and_then(|text| Uri::parse(&text.to_text(), kind).ok());
    Ok(Value::Bool(uri.is_some_and(|uri| is_well_formed(&uri))))
}

fn host_type(host: &str) -> Value {
    let kind = match host.trim_matches(['[', ']']).parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(_)) => 3,
        Ok(std::net::IpAddr::V6(_)) => 4,
        Err(_) if host.is_empty() => 0,
        Err(_) => {
            let label = |label: &str| {
                !label.is_empty()
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
            };
            if host.trim_end_matches('.').split('.').all(label) { 2 } else { 0 }
        }
    };
    Value::enumeration(&HOST_NAME_TYPE, kind)
}

fn left_part(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let uri = this(&args)?;
    let authority = uri.left_part_authority().ok_or_else(relative)?;
    let (path, query) = (uri.absolute_path().unwrap_or_default(), uri.query().unwrap_or_default());
    Ok(Value::str(match args.word(1) {
        0 if uri.authority().is_some_and(|authority| authority.is_empty()) && uri.scheme() != Some("file") => {
            format!("{}:", uri.scheme().unwrap_or_default())
        }
        0 => format!("{}://", uri.scheme().unwrap_or_default()),
        1 => authority,
        2 => format!("{authority}{path}"),
        _ => format!("{authority}{path}{query}"),
    }))
}

fn components(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (uri, wanted) = (this(&args)?, args.word(1));
    let scheme = uri.scheme().ok_or_else(relative)?;
    let has = |bit: u64| wanted & bit != 0;
    let keep = has(0x4000_0000);
    let server = has(4);
    let mut out = String::new();
    if has(1) {
        out.push_str(scheme);
        if server || keep {
            out.push_str("://");
        }
    }
    if has(2) && !uri.user_info().unwrap_or_default().is_empty() {
        out.push_str(uri.user_info().unwrap_or_default());
        out.push_str(if server { "@" } else { "" });
    }
    if server {
        out.push_str(uri.host().unwrap_or_default());
    }
    if has(128) || (has(8) && uri.is_default_port() == Some(false)) {
        out.push_str(if server { ":" } else { "" });
        out.push_str(&uri.port().unwrap_or(-1).to_string());
    }
    // A part alone goes without the mark before it.
    let alone = out.is_empty() && !keep;
    if has(16) {
        let path = uri.absolute_path().unwrap_or_default();
        out.push_str(if alone && !has(32) { path.trim_start_matches('/') } else { path });
    }
    if has(32) {
        let query = uri.query().unwrap_or_default();
        out.push_str(if alone && !has(16) { query.trim_start_matches('?') } else { query });
    }
    if has(64) {
        let fragment = uri.fragment().unwrap_or_default();
        out.push_str(if alone && !has(48) { fragment.trim_start_matches('#') } else { fragment });
    }
    Ok(Value::str(if args.word(2) == 1 { out } else { unescape_data_string(&out) }))
}

fn is_base_of(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let base = this(&args)?;
    let other = of(args.some(1, "uri")?).ok_or_else(exception::null_reference)?;
    if !base.is_absolute() {
        return Err(relative());
    }
    let Ok(other) = (if other.is_absolute() { Ok(other.clone()) } else { base.join(other.original()) }) else {
        return Ok(Value::Bool(false));
    };
    let folder =
        |uri: &Uri| uri.absolute_path().and_then(|path| Some(path.rsplit_once('/')?.0.to_owned())).unwrap_or_default();
    let below = format!("{}/", folder(&other)).starts_with(&format!("{}/", folder(base)));
    Ok(Value::Bool(base.scheme() == other.scheme() && base.authority() == other.authority() && below))
}

/// The parts of a `UriBuilder`.
#[derive(Clone, Default)]
struct Parts {
    scheme: String,
    user: String,
    password: String,
    host: String,
    /// -1 and 0: none.
    port: i32,
    path: String,
    query: String,
    fragment: String,
}

struct Builder(RefCell<Parts>);

impl Object for Builder {
    fn ty(&self) -> Ty {
        Ty::named(&BUILDER)
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.0.borrow().text().into())
    }

    fn snapshot(&self) -> Option<Value> {
        Some(builder(self.0.borrow().clone()))
    }
}

impl Parts {
    fn of(uri: &Uri) -> Self {
        let user_info = uri.user_info().unwrap_or_default();
        let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
        let text = |part: Option<&str>| part.unwrap_or_default().to_owned();
        Parts {
            scheme: text(uri.scheme()),
            user: user.into(),
            password: password.into(),
            host: text(uri.host()),
            port: uri.port().unwrap_or(-1),
            path: text(uri.absolute_path()),
            query: text(uri.query()),
            fragment: text(uri.fragment()),
        }
    }

    fn text(&self) -> String {
        let mut out = format!("{}://", self.scheme);
        if !self.user.is_empty() || !self.password.is_empty() {
            out.push_str(&self.user);
            if !self.password.is_empty() {
                out.push_str(&format!(":{}", self.password));
            }
            out.push('@');
        }
        out.push_str(&self.host);
        if self.port > 0 {
            out.push_str(&format!(":{}", self.port));
        }
        out + &rooted(&self.path) + &self.query + &self.fragment
    }
}

fn rooted(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

fn marked(mark: char, text: String) -> String {
    if text.is_empty() || text.starts_with(mark) { text } else { format!("{mark}{text}") }
}

fn builder(parts: Parts) -> Value {
    Value::object(Builder(RefCell::new(parts)))
}

fn builder_of_text(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = args.str(0, "uri")?.to_text().into_owned();
    let found = Uri::parse(&text, UriKind::RelativeOrAbsolute).map_err(raise)?;
    let found = if found.is_absolute() {
        found
    } else {
        Uri::parse(&format!("http://{text}"), UriKind::Absolute).map_err(raise)?
    };
    Ok(builder(Parts::of(&found)))
}

fn builder_of_uri(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let uri = of(args.some(0, "uri")?).ok_or_else(exception::null_reference)?;
    if uri.is_absolute() { Ok(builder(Parts::of(uri))) } else { Err(relative()) }
}

fn builder_of_parts(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = |index: usize| args.opt_str(index).map(|text| text.to_text().into_owned()).unwrap_or_default();
    let port = if args.len() > 2 { args.int(2) } else { -1 };
    if !(-1..=0xffff).contains(&port) {
        return Err(exception::out_of_range("", "portNumber"));
    }
    let path = if args.len() > 3 { rooted(&text(3)) } else { "/".into() };
    Ok(builder(Parts { scheme: text(0).to_lowercase(), host: text(1), port, path, ..Parts::default() }))
}

fn get(args: &Args<'_>, part: fn(&Parts) -> &String) -> Result<Value> {
    Ok(Value::str(part(&args.this::<Builder>()?.0.borrow()).as_str()))
}

fn put(args: &Args<'_>, change: fn(&mut Parts, String)) -> Result<Value> {
    let text = args.opt_str(1).map(|text| text.to_text().into_owned()).unwrap_or_default();
    change(&mut args.this::<Builder>()?.0.borrow_mut(), text);
    Ok(Value::Null)
}

fn set_port(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if !(-1..=0xffff).contains(&args.int(1)) {
        return Err(exception::out_of_range("", "value"));
    }
    args.this::<Builder>()?.0.borrow_mut().port = args.int(1);
    Ok(Value::Null)
}
