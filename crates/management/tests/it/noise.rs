//! Requests that make no sense: every one is answered, and none with a defect of the server.

use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::Value;

use crate::world::World;

fn segment() -> impl Strategy<Value = String> {
    let words = "apis operations policies policy products subscriptions namedValues tags apiLinks releases revisions users 1 \
                 listSecrets x x;rev=2 x;rev= %3Brev%3D1 %E4%BD%A0 workspaces schemas groups";
    prop::sample::select(words.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
}

fn body() -> impl Strategy<Value = Value> {
    let fields = "displayName path scope value format apiId method urlTemplate templateParameters type pool services id \
                  credentials header sourceApiId apiVersionSet url protocol name versioningScheme";
    let field = prop::sample::select(fields.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i16>().prop_map(Value::from),
        "[a-z/{};.]{0,8}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((field.clone(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    value.prop_map(|properties| serde_json::json!({ "properties": properties }))
}

#[test]
fn no_request_finds_a_defect() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let world = runtime.block_on(World::with_service());
    let method = prop::sample::select(vec!["GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"]);
    // Never the empty path: the service itself stays.
    let request = (method, prop::collection::vec(segment(), 1..6), body(), any::<bool>());
    let config = ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() };
    let result = TestRunner::new(config).run(&request, |(method, path, body, condition)| {
        let path = format!("/{}", path.join("/"));
        let head = if condition { format!("{path}\nIf-Match: *") } else { path };
        let reply = runtime.block_on(world.call(method, &head, body));
        prop_assert!(reply.status != 500, "{method} {head}: {}", reply.why());
        prop_assert!(
            reply.status < 400 || method == "HEAD" || !reply.code().is_empty(),
            "{method} {head}: {}",
            reply.status
        );
        Ok(())
    });
    result.unwrap();
}
