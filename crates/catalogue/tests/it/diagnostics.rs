//! What the author of a document reads when it is refused.

use std::sync::Arc;

use base::LineIndex;
use engine::compile;
use policy::{
    Documents, Environment, FragmentText, Lookup, NamedValue, Scope,
    entity::{Backend, ClientCertificate},
    policy_xml::{Format, POLICY_LIMIT},
};

use super::catalogue;

pub(super) struct Names;

impl Lookup for Names {
    fn named_value(&self, name: &str) -> Option<NamedValue> {
        let (value, secret) = match name {
            "limit" => ("5", false),
            "header" => ("X-Named", false),
            "recursive" => ("{{limit}}", false),
            "password" => ("hunter2", true),
            _ => return None,
        };
        Some(NamedValue { value: value.into(), secret })
    }

    fn fragment(&self, id: &str) -> Option<FragmentText> {
        let text = match id {
            "good" => "<fragment><set-method>PUT</set-method></fragment>",
            "late" => {
                "<fragment>\n  <mock-response status-code=\"x\" /><set-status code=\"y\" />\n  <cors />\n</fragment>"
            }
            "loop" => "<fragment><include-fragment fragment-id=\"LOOP\" /></fragment>",
            _ => return None,
        };
        Some(FragmentText { text: text.into(), format: Format::RawXml })
    }

    fn backend(&self, id: &str) -> Option<Arc<Backend>> {
        (id == "orders").then(Arc::default)
    }

    fn url_template(&self) -> Option<&str> {
        Some("/orders/{id}/{*rest}?kind={kind}")
    }

    fn certificate(&self, id: &str) -> Option<Arc<ClientCertificate>> {
        (id == "signer").then(Arc::default)
    }
}

fn compiled(text: &str, kind: Documents, scope: Scope) -> engine::Compiled {
    let catalogue = catalogue();
    let env = Environment {
        catalogue: &catalogue,
        lookup: &Names,
        scope,
        document: "/service/contoso",
        strict_surface: false,
        fail_unsupported: false,
        lenient: false,
        observe: false,
    };
    compile(text, Format::RawXml, kind, &env)
}

/// Each finding as `line:column code message (notes)`.
pub(super) fn found(text: &str) -> Vec<String> {
    let compiled = compiled(text, Documents::POLICIES, Scope::Api);
    assert_eq!(compiled.document.is_none(), compiled.is_refused());
    let index = LineIndex::new(text);
    let line = |diagnostic: &base::Diagnostic| {
        let at = index.position(text, diagnostic.span.start);
        let notes =
            if diagnostic.notes.is_empty() { String::new() } else { format!(" ({})", diagnostic.notes.join(" ")) };
        format!("{}:{} {} {}{notes}", at.line, at.column, diagnostic.code, diagnostic.message)
    };
    compiled.diagnostics.iter().map(line).collect()
}

fn inbound(policies: &str) -> Vec<String> {
    found(&format!("<policies><inbound>\n{policies}</inbound></policies>"))
}

#[test]
fn everything_wrong_is_said_at_once_with_its_place() {
    let text = "<policies>
  <inbound>
    <set-heder name=\"a\" />
    <set-header nam=\"a\" exists-action=\"ovrride\"><valeu>1</valeu></set-header>
    <rate-limit calls=\"many\" renewal-period=\"301\" />
    <publish-to-dapr topic=\"x\" />
    text
  </inbound>
  <outbound><forward-request /></outbound>
  <inbond />
</policies>";
    assert_eq!(
        found(text),
        [
            "3:6 PX0100 There is no policy <set-heder>. (Did you mean <set-header>?)",
            "4:6 PX0105 <set-header> must have the attribute name.",
            "4:17 PX0103 <set-header> has no attribute nam. (Did you mean name?)",
            "4:40 PX0107 The value of exists-action: \"ovrride\" is none of override, skip, append, delete.",
            "4:50 PX0102 <valeu> may not stand in <set-header>. (Did you mean <value>?)",
            "5:24 PX0107 The value of calls: \"many\" is no whole number.",
            "5:46 PX0107 The value of renewal-period: 301 does not lie between 1 and 300.",
            "6:6 PX0101 <publish-to-dapr> is valid, but Tollgate cannot run it yet.",
            "7:5 PX0110 <inbound> may not hold text.",
            "9:14 PX0104 <forward-request> may not stand in outbound. (It may in: backend.)",
            "10:4 PX0131 <inbond> is no section; a document has inbound, backend, outbound and on-error.",
        ]
    );
}

#[test]
fn everything_that_is_missing_in_one_place_is_said_once() {
    assert_eq!(
        inbound("<check-header name=\"a\" />"),
        [
            "2:2 PX0105 <check-header> must have the attribute failed-check-httpcode.",
            "2:2 PX0105 <check-header> must have the attribute failed-check-error-message.",
            "2:2 PX0105 <check-header> must have the attribute ignore-case.",
        ]
    );
}

#[test]
fn scopes_sections_and_roots_are_checked() {
    let limit = "<policies><inbound><rate-limit calls=\"1\" renewal-period=\"1\" /></inbound></policies>";
    let global = compiled(limit, Documents::POLICIES, Scope::Global).diagnostics;
    assert_eq!(global[0].message, "<rate-limit> may not stand at global scope.");
    assert_eq!(global[0].notes, ["It may at: product, api, operation."]);
    assert_eq!(found("<policy />"), ["1:2 PX0130 The root must be <policies>, and is <policy>."]);
    assert_eq!(
        found("<policies><inbound /><inbound /></policies>"),
        ["1:23 PX0132 The section <inbound> is there twice."]
    );
    assert_eq!(
        inbound("<choose><when condition=\"true\"><base /></when></choose>"),
        ["2:33 PX0100 <base /> may stand only directly in a section."]
    );
}

#[test]
fn sections_may_stand_in_any_order_and_policies_may_have_ids() {
    let text = "<policies><on-error /><outbound /><inbound><set-method id=\"apim-generated-policy\">PUT</set-method></inbound></policies>";
    assert_eq!(found(text), Vec::<String>::new());
}

#[test]
fn named_values_stand_for_text_and_are_not_looked_up_twice() {
    let good = "<rate-limit calls=\"{{limit}}\" renewal-period=\"3{{limit}}\" /><set-header name=\"{{header}}\"><value>a{{recursive}}b</value></set-header>";
    assert_eq!(inbound(good), Vec::<String>::new());
    assert_eq!(
        inbound("<rate-limit calls=\"{{recursive}}\" renewal-period=\"1\" />"),
        ["2:20 PX0107 The value of calls: \"{{limit}}\" is no whole number."]
    );
    assert_eq!(
        inbound("<set-header name=\"X\"><value>a {{nothing}}</value></set-header>"),
        ["2:31 PX0123 There is no named value \"nothing\"."]
    );
    let uses =
        compiled(&format!("<policies><inbound>{good}</inbound></policies>"), Documents::POLICIES, Scope::Api).uses;
    assert_eq!(uses.named_values.into_iter().collect::<Vec<_>>(), ["header", "limit", "recursive"]);
}

#[test]
fn a_secret_does_not_show_in_what_is_wrong() {
    assert_eq!(
        inbound("<rate-limit calls=\"{{password}}\" renewal-period=\"1\" />"),
        ["2:20 PX0107 The value of calls: \"***\" is no whole number."]
    );
}

#[test]
fn fragments_are_checked_where_they_stand() {
    assert_eq!(inbound("<include-fragment fragment-id=\"good\" />"), Vec::<String>::new());
    assert_eq!(
        inbound("<include-fragment fragment-id=\"none\" />"),
        ["2:19 PX0120 There is no policy fragment \"none\"."]
    );
    assert_eq!(
        inbound("<include-fragment fragment-id=\"loop\" />"),
        ["2:2 PX0121 Fragment \"loop\", line 1, column 29: The fragment \"LOOP\" includes itself."]
    );
    let late = found("<policies><outbound>\n<include-fragment fragment-id=\"late\" /></outbound></policies>");
    assert!(
        late[0].starts_with("2:2 PX0104 Fragment \"late\", line 3, column 4: <cors> may not stand in outbound."),
        "{late:?}"
    );
    assert!(late.iter().any(|line| line.contains("line 2, column 31: The value of status-code: \"x\"")), "{late:?}");
    assert!(late.iter().any(|line| line.contains("line 2, column 54: The value of code: \"y\"")), "{late:?}");
    assert_eq!(late.len(), 4, "{late:?}");
}

#[test]
fn a_fragment_on_its_own_is_checked_without_a_section() {
    let text = "<fragment><set-method>PUT</set-method><forward-request timeout=\"x\" /></fragment>";
    let messages: Vec<_> = compiled(text, Documents::FRAGMENT, Scope::Global).diagnostics;
    assert_eq!(messages.len(), 1);
    assert!(messages[0].message.starts_with("The value of timeout"), "{messages:?}");
}

#[test]
fn backends_must_be_there() {
    assert_eq!(inbound("<set-backend-service backend-id=\"orders\" />"), Vec::<String>::new());
    assert_eq!(inbound("<set-backend-service backend-id=\"gone\" />"), ["2:34 PX0122 There is no backend \"gone\"."]);
}

#[test]
fn a_document_past_the_limit_is_not_even_read() {
    let text = format!("<policies>{}</policies>", " ".repeat(10 << 20));
    let message = format!("1:1 PX0020 The document is {} bytes long; at most {POLICY_LIMIT} are allowed.", text.len());
    assert_eq!(found(&text), [message]);
}

/// What is wrong with an example of a policy that does not run, as `code message`.
fn idle(policy: &str, section: policy::Section, fail_unsupported: bool) -> Vec<String> {
    let catalogue = catalogue();
    let env = Environment {
        catalogue: &catalogue,
        lookup: &Names,
        scope: Scope::Api,
        document: "/service/contoso",
        strict_surface: false,
        fail_unsupported,
        lenient: false,
        observe: false,
    };
    let whole = policy.contains("-data-source>");
    let text = if whole { policy.to_owned() } else { format!("<policies><{section}>{policy}</{section}></policies>") };
    let compiled = compile(&text, Format::RawXml, Documents::POLICIES, &env);
    compiled.diagnostics.iter().map(|found| format!("{} {}", found.code, found.message)).collect()
}

#[test]
fn a_policy_that_does_not_run_yet_is_refused_for_that_alone() {
    let catalogue = catalogue();
    for def in catalogue.policies().into_iter().filter(|def| !def.runs) {
        for example in def.examples {
            let refusal = format!("PX0101 <{}> is valid, but Tollgate cannot run it yet.", def.name);
            assert!(idle(example.policy, example.section, false).contains(&refusal), "{}", def.name);
            for alias in def.aliases {
                let policy = example.policy.replace(def.name, alias);
                assert_eq!(idle(&policy, example.section, false), [refusal.replace(def.name, alias)], "{alias}");
            }
            assert_eq!(idle(example.policy, example.section, true), Vec::<String>::new(), "{}", def.name);
        }
    }
}

#[test]
fn a_policy_that_does_not_run_yet_is_checked_as_all_others_are() {
    assert_eq!(
        inbound("<llm-token-limit counter-ky=\"@(context.Nothing)\" estimate-prompt-tokens=\"maybe\"/>"),
        [
            "2:2 PX0105 <llm-token-limit> must have the attribute counter-key.",
            "2:18 PX0103 <llm-token-limit> has no attribute counter-ky. (Did you mean counter-key?)",
            "2:74 PX0107 The value of estimate-prompt-tokens: \"maybe\" is neither true nor false.",
        ]
    );
    let wrong =
        inbound("<llm-emit-token-metric><dimension name=\"a\" value=\"@(context.Nothing)\" /></llm-emit-token-metric>");
    assert!(wrong.len() == 1 && wrong[0].contains("CS1061"), "{wrong:?}");
    let resolver =
        "<http-data-source><http-request><set-method>GET</set-method><cors /></http-request></http-data-source>";
    let wrong = idle(resolver, policy::Section::Inbound, false);
    assert!(wrong.iter().any(|wrong| wrong == "PX0102 <cors> may not stand in <http-request>."), "{wrong:?}");
    assert!(wrong.iter().any(|wrong| wrong == "PX0109 <http-request> must have a <set-url>."), "{wrong:?}");
}
