//! Rotating the keys that seal secrets, while calls go on.

use std::{
    future::Future,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use control::{Later, Publication};
use serde_json::json;
use store::{Position, Store};
use tokio::sync::watch;

use crate::world::World;

fn secret(value: &str) -> serde_json::Value {
    json!({ "properties": { "displayName": "n", "value": value, "secret": true } })
}

async fn value_of(world: &World) -> serde_json::Value {
    world.call("POST", "/namedValues/n/listValue", serde_json::Value::Null).await.expect(200).body["value"].clone()
}

#[tokio::test]
async fn rotated_keys_leave_nothing_sealed_with_the_old_one() {
    let world = World::with_service().await;
    world.put("/namedValues/n", secret("hush")).await.expect(201);
    let old = world.keyring.load().current().to_owned();
    world.change_keys(|keys, entropy| keys.rotate(entropy));
    assert!(world.control.reseal().await.unwrap() > 0);
    world.change_keys(|keys, _| keys.retire());
    assert!(!world.dump().await.contains(&format!("sealed:v1:{old}:")));
    assert_eq!(value_of(&world).await, "hush");
    assert_eq!(world.control.reseal().await.unwrap(), 0);
    // Tokens stay good, and new ones can be made: the keys that sign them are secrets too.
    world.get("/namedValues").await.expect(200);
    world.sign_in(&world.app, &world.secret).await;
}

#[tokio::test]
async fn text_that_merely_looks_sealed_does_not_hinder_a_rotation() {
    let world = World::with_service().await;
    let trap = "sealed:v1:00010203:AAAA";
    let product = json!({ "properties": { "displayName": "P", "description": trap } });
    world.put("/products/p", product).await.expect(201);
    world.put("/namedValues/n", secret(trap)).await.expect(201);
    world.change_keys(|keys, entropy| keys.rotate(entropy));
    world.control.reseal().await.unwrap();
    world.change_keys(|keys, _| keys.retire());
    assert_eq!(world.get("/products/p").await.expect(200).body["properties"]["description"], trap);
    assert_eq!(value_of(&world).await, trap);
}

/// A gateway that publishes when the test says so.
struct Gate(watch::Receiver<bool>);

impl Publication for Gate {
    fn published(&self, _: Position) -> Later<'_, ()> {
        let mut open = self.0.clone();
        Box::pin(async move { drop(open.wait_for(|open| *open).await) })
    }
}

#[tokio::test]
async fn a_rotation_waits_for_writes_that_sealed_with_the_old_key_and_for_the_gateway() {
    let (gate, opened) = watch::channel(true);
    let world = World::filled(World::behind(Arc::new(Gate(opened))).await).await;
    world.put("/namedValues/n", secret("one")).await.expect(201);
    gate.send_replace(false);
    let mut writing = Box::pin(world.put("/namedValues/n", secret("two")));
    let mut context = Context::from_waker(Waker::noop());
    assert!(writing.as_mut().poll(&mut context).is_pending());
    world.change_keys(|keys, entropy| keys.rotate(entropy));
    let mut rotating = Box::pin(world.control.reseal());
    assert!(matches!(rotating.as_mut().poll(&mut context), Poll::Pending));
    let at = world.store.position().await.unwrap();
    gate.send_replace(true);
    writing.await.expect(200);
    assert_eq!(world.store.position().await.unwrap(), at, "nothing is sealed anew before the write is over");
    assert!(rotating.await.unwrap() > 0);
    world.change_keys(|keys, _| keys.retire());
    assert_eq!(value_of(&world).await, "two");

    gate.send_replace(false);
    world.change_keys(|keys, entropy| keys.rotate(entropy));
    let mut rotating = Box::pin(world.control.reseal());
    assert!(rotating.as_mut().poll(&mut context).is_pending(), "the gateway still opens what the old key sealed");
    gate.send_replace(true);
    assert!(rotating.await.unwrap() > 0);
}
