//! The format of test files: YAML, with HTTP messages as text.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::Value as Json;

/// A file of tests. What stands at the top holds for each test.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TestFile {
    /// The document under test: a path beside this file, or the document itself.
    pub policy: Option<String>,
    /// Whose document it is; without it, what its name says, and else an API's.
    pub scope: Option<String>,
    /// Documents of several scopes: `api: orders.xml`.
    #[serde(default)]
    pub policies: BTreeMap<String, String>,
    /// Fragments: ids with paths or texts.
    #[serde(default)]
    pub fragments: BTreeMap<String, String>,
    /// Backend entities that documents name: ids with URLs.
    #[serde(default)]
    pub backends: BTreeMap<String, BackendEntry>,
    /// Named values.
    #[serde(default)]
    pub named_values: BTreeMap<String, NamedEntry>,
    /// When it is.
    pub clock: Option<String>,
    /// What `context` holds.
    pub context: Option<Json>,
    /// The request, as HTTP text.
    pub request: Option<String>,
    /// What services answer.
    #[serde(default)]
    pub answers: Vec<AnswerEntry>,
    /// The tests.
    pub tests: Vec<Test>,
}

/// A backend entity.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum BackendEntry {
    /// Its URL.
    Url(String),
    /// Its URL, under its name.
    Entity {
        /// Where it is.
        url: String,
    },
}

/// A named value.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum NamedEntry {
    /// What it stands for.
    Value(Scalar),
    /// The same, and whether traces hide it.
    Full {
        /// What it stands for.
        value: Scalar,
        /// Whether traces hide it.
        #[serde(default)]
        secret: bool,
    },
}

/// A text, or what YAML takes for a number or a truth.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the kinds of YAML")]
pub enum Scalar {
    Flag(bool),
    Number(serde_json::Number),
    Text(String),
}

impl Scalar {
    /// As text.
    pub fn text(&self) -> String {
        match self {
            Self::Flag(flag) => flag.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// What a service answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AnswerEntry {
    /// Which calls: `GET http://backend.example/orders/*`; every one without it.
    #[serde(default = "everybody")]
    pub to: String,
    /// The response, as HTTP text.
    pub respond: Option<String>,
    /// `connection`: nobody is there. `timeout`: no answer comes, ever.
    pub fail: Option<String>,
    /// How long it takes: `2s`, `150ms`, `3m`.
    pub delay: Option<String>,
    /// How often it is given; for ever without it.
    pub times: Option<u32>,
}

fn everybody() -> String {
    "*".into()
}

/// A test.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Test {
    /// What it shows.
    pub name: String,
    /// Named values that differ.
    #[serde(default)]
    pub named_values: BTreeMap<String, NamedEntry>,
    /// When it is.
    pub clock: Option<String>,
    /// What `context` holds, laid over that of the file.
    pub context: Option<Json>,
    /// The request.
    pub request: Option<String>,
    /// What services answer; the file's answers come after these.
    #[serde(default)]
    pub answers: Vec<AnswerEntry>,
    /// What must come of it.
    pub expect: Option<Expect>,
    /// Several requests, one after the other, on one stage.
    #[serde(default)]
    pub steps: Vec<TestStep>,
}

/// One of several requests of a test.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TestStep {
    /// How much time passes before it: `10s`.
    pub after: Option<String>,
    /// The request; that of the test without it.
    pub request: Option<String>,
    /// How often it is sent; each time the same must come of it.
    pub repeat: Option<u32>,
    /// What must come of it.
    #[serde(default)]
    pub expect: Expect,
}

/// What must come of a request. What is not said may be anything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Expect {
    /// The status.
    pub status: Option<u16>,
    /// The reason phrase.
    pub reason: Option<String>,
    /// Headers: a text, or `null` for one that must not be there.
    #[serde(default)]
    pub headers: BTreeMap<String, Json>,
    /// The body, to the letter but for space around it.
    pub body: Option<String>,
    /// What the body holds.
    #[serde(default, deserialize_with = "one_or_more")]
    pub body_contains: Vec<String>,
    /// What the body says as JSON; it may say more.
    pub body_json: Option<Json>,
    /// The response as HTTP text. Only the headers that it names are compared.
    pub response: Option<String>,
    /// The calls that were made, all of them and in their order.
    pub calls: Option<Vec<CallEntry>>,
    /// Variables; `null` for one that is not set or null. Objects may hold more.
    #[serde(default)]
    pub variables: BTreeMap<String, Json>,
    /// `context.LastError`: `null` for none.
    #[serde(default, deserialize_with = "present")]
    pub error: Option<Option<ErrorEntry>>,
    /// Texts that messages of the trace hold.
    #[serde(default, deserialize_with = "one_or_more")]
    pub trace: Vec<String>,
    /// How much time passed.
    pub elapsed: Option<String>,
}

/// A call that must have been made.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum CallEntry {
    /// `GET http://backend.example/orders/1`; `*` stands for any text.
    To(String),
    /// The same, and what it carries.
    Full(Box<CallExpect>),
}

/// What a call must carry.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CallExpect {
    /// `GET http://backend.example/orders/1`; `*` stands for any text.
    pub to: String,
    /// Headers: a text, or `null` for one that must not be there.
    #[serde(default)]
    pub headers: BTreeMap<String, Json>,
    /// The body, to the letter but for space around it.
    pub body: Option<String>,
    /// What the body holds.
    #[serde(default, deserialize_with = "one_or_more")]
    pub body_contains: Vec<String>,
    /// What the body says as JSON; it may say more.
    pub body_json: Option<Json>,
}

/// What `context.LastError` must say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the members of `context.LastError`")]
pub struct ErrorEntry {
    pub source: Option<String>,
    pub reason: Option<String>,
    pub message: Option<String>,
    pub scope: Option<String>,
    pub section: Option<String>,
    pub path: Option<String>,
    pub policy_id: Option<String>,
}

#[expect(clippy::option_option, reason = "left out, null, or said")]
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<ErrorEntry>>, D::Error> {
    Option::deserialize(from).map(Some)
}

fn one_or_more<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Texts {
        One(String),
        More(Vec<String>),
    }
    Ok(match Texts::deserialize(from)? {
        Texts::One(text) => vec![text],
        Texts::More(texts) => texts,
    })
}

/// Reads a file of tests.
///
/// # Errors
/// What is wrong, with its line.
pub fn read(text: &str) -> Result<TestFile, String> {
    crate::yaml(text)
}

/// Reads a duration: `2s`, `150ms`, `3m`, `1h`.
///
/// # Errors
/// A sentence.
pub fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let wrong = || format!("\"{text}\" is no duration such as 2s, 150ms, 3m or 1h");
    let end = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(end);
    let number: f64 = number.trim().parse().map_err(|_| wrong())?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "s" => number,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        "d" => number * 86_400.0,
        _ => return Err(wrong()),
    };
    Duration::try_from_secs_f64(seconds).map_err(|_| wrong())
}
