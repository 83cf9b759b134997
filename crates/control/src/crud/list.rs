//! GET of a list: filter, page, link to the next.

use arm::{Filter, Page, Result};
use resources::ResourceDef;
use serde_json::Value;
use store::{Document, Query};

use crate::{Answer, Call, Control, commit::key, control::Context};

impl Control {
    pub(crate) async fn list_resources(&self, cx: &Context<'_>, def: &'static ResourceDef) -> Result<Answer> {
        // The service lists by group or by subscription; everything else lies in a resource that must be there.
        if cx.id.service().is_some() {
            self.read(&cx.id).await?.ok_or_else(|| crate::commit::missing(&cx.id))?;
        }
        let parent = cx.id.as_str().strip_suffix("/providers/Microsoft.ApiManagement").unwrap_or(cx.id.as_str());
        let query = Query::kind(cx.operation.kind.clone()).under(&store::Key::new(parent));
        let documents = self.list(query).await?;
        self.page(cx.call, def, documents).await
    }

    /// The page of some documents of one kind that a call asks for.
    pub(crate) async fn page(
        &self,
        call: &Call,
        def: &'static ResourceDef,
        documents: Vec<Document>,
    ) -> Result<Answer> {
        let mut shown = Vec::with_capacity(documents.len());
        for document in &documents {
            shown.push(Value::Object(self.linked(def, document).await?));
        }
        self.expand(call, def, &mut shown).await?;
        self.page_of(call, shown)
    }

    /// The page of some values that a call asks for.
    pub(crate) fn page_of(&self, call: &Call, mut all: Vec<Value>) -> Result<Answer> {
        let page = Page::parse(call.param("$top"), call.param("$skip"))?;
        if let Some(filter) = call.param("$filter").filter(|filter| !filter.trim().is_empty()) {
            let filter = Filter::parse(filter)?;
            all.retain(|one| filter.accepts(one));
        }
        Ok(Answer::json(200, page.of(all, |top, skip| self.next_link(call, top, skip))))
    }

    fn next_link(&self, call: &Call, top: Option<usize>, skip: usize) -> String {
        let mut query: Vec<String> = Vec::new();
        for (name, value) in &call.query {
            if !name.eq_ignore_ascii_case("$top") && !name.eq_ignore_ascii_case("$skip") {
                query.push(format!("{}={}", encoded(name), encoded(value)));
            }
        }
        query.extend(top.map(|top| format!("$top={top}")));
        query.push(format!("$skip={skip}"));
        format!("{}{}?{}", self.settings().origin, call.target, query.join("&"))
    }

    /// The documents of a kind directly below a resource.
    pub(crate) async fn children(&self, id: &arm::ResourceId, segment: &str) -> Result<Vec<Document>> {
        let kind = format!("{}/{}", id.kind(), segment.to_lowercase());
        self.list(Query::kind(kind).under(&key(id))).await
    }
}

/// Percent-encodes a part of a query.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'$' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
