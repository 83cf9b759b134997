//! Calls at the same time: each order in which their reads and writes may fall leaves the store in order.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde_json::{Value, json};
use store::{Answer, Batch, Change, Commit, Document, Key, Memory, Position, Query, Since, Store};

use crate::world::{AtOnce, World};

/// Lets others go first before each call, by an amount that differs from call to call and from round to round.
struct Hesitant(Arc<Memory>, AtomicU64);

impl Hesitant {
    async fn wait(&self) {
        let state = self.1.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        let mixed = (state ^ (state >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        for _ in 0..(mixed >> 60) {
            tokio::task::yield_now().await;
        }
    }
}

impl Store for Hesitant {
    fn get<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Document>> {
        Box::pin(async move {
            self.wait().await;
            self.0.get(key).await
        })
    }

    fn list<'a>(&'a self, query: &'a Query) -> Answer<'a, Vec<Document>> {
        Box::pin(async move {
            self.wait().await;
            self.0.list(query).await
        })
    }

    fn count<'a>(&'a self, query: &'a Query) -> Answer<'a, u64> {
        self.0.count(query)
    }

    fn commit(&self, batch: Batch) -> Answer<'_, Commit> {
        Box::pin(async move {
            self.wait().await;
            self.0.commit(batch).await
        })
    }

    fn changes(&self, after: Position, limit: usize) -> Answer<'_, Vec<Change>> {
        self.0.changes(after, limit)
    }

    fn since(&self, after: Position) -> Answer<'_, Since> {
        self.0.since(after)
    }

    fn position(&self) -> Answer<'_, Position> {
        self.0.position()
    }

    fn changed(&self, after: Position) -> Answer<'_, Position> {
        self.0.changed(after)
    }
}

async fn world() -> World {
    World::filled(World::on(Arc::new(AtOnce), |store| Arc::new(Hesitant(store, AtomicU64::new(1)))).await).await
}

/// How often each race is run.
const ROUNDS: usize = 30;

#[tokio::test]
async fn nothing_begins_to_use_what_is_being_deleted() {
    let world = world().await;
    let policy = "<policies><inbound><set-body>{{n}}</set-body></inbound></policies>";
    let (policy, subscription) = (
        json!({ "properties": { "value": policy } }),
        json!({ "properties": { "scope": "/products/p", "displayName": "s" } }),
    );
    let mut outcomes = [0; 2];
    for _ in 0..ROUNDS {
        world.put("/products/p", json!({ "properties": { "displayName": "P" } })).await.expect(201);
        world.put("/namedValues/n", json!({ "properties": { "displayName": "n", "value": "v" } })).await.expect(201);
        let (used, subscribed, value, product) = tokio::join!(
            world.put("/policies/policy", policy.clone()),
            world.put("/subscriptions/s", subscription.clone()),
            world.delete("/namedValues/n"),
            world.delete("/products/p"),
        );
        for (user, deleted) in [(used, value), (subscribed, product)] {
            let pair = (user.status, deleted.status);
            assert!(matches!(pair, (200 | 201, 400) | (400, 200)), "{pair:?} {:#} {:#}", user.body, deleted.body);
            outcomes[usize::from(deleted.status == 200)] += 1;
        }
        world.put("/policies/policy", json!({ "properties": { "value": "<policies />" } })).await.expect(200);
        world.delete("/namedValues/n").await;
        world.delete("/products/p?deleteSubscriptions=true").await;
    }
    assert!(outcomes.iter().all(|count| *count > 0), "both orders were seen: {outcomes:?}");
}

#[tokio::test]
async fn writers_of_one_resource_all_get_their_turn() {
    let world = world().await;
    let put = async |value: usize| {
        let body = json!({ "properties": { "displayName": "n", "value": value.to_string() } });
        let reply = world.put("/namedValues/n", body).await;
        assert!(matches!(reply.status, 200 | 201), "{:#}", reply.body);
    };
    let four = async |first: usize| tokio::join!(put(first), put(first + 1), put(first + 2), put(first + 3));
    for round in 0..ROUNDS / 10 {
        tokio::join!(four(16 * round), four(16 * round + 4), four(16 * round + 8), four(16 * round + 12));
    }
    let value = world.call("POST", "/namedValues/n/listValue", Value::Null).await.expect(200).body["value"].clone();
    assert!(
        value.as_str().is_some_and(|value| value.parse::<usize>().is_ok_and(|value| value >= 16 * (ROUNDS / 10 - 1))),
        "{value}"
    );
}
