//! Following a node that answers, refuses, forgets and goes away.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use base::Timestamp;
use replication::{Changes, Follower, Held, Later, Link, Place, Replica, Trouble, Upstream, follow};
use store::{Position, Store};
use testkit::{FixedEntropy, ManualClock};
use tokio::sync::watch;

use crate::{change, content, open};

/// A node that answers as the test wants, and notes what it was asked. When it has no answer left it waits for ever.
#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<Result<Changes, Trouble>>>,
    asked: Mutex<Vec<String>>,
}

impl Script {
    fn new(answers: impl IntoIterator<Item = Result<Changes, Trouble>>) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(answers.into_iter().collect()), asked: Mutex::default() })
    }

    fn asked(&self) -> String {
        self.asked.lock().unwrap().join(" ")
    }

    fn next(&self, asked: String) -> Later<'_, Result<Changes, Trouble>> {
        self.asked.lock().unwrap().push(asked);
        let answer = self.answers.lock().unwrap().pop_front();
        match answer {
            Some(answer) => Box::pin(std::future::ready(answer)),
            None => Box::pin(std::future::pending()),
        }
    }
}

impl Upstream for Script {
    fn changes<'a>(&'a self, place: &'a Place) -> Later<'a, Result<Changes, Trouble>> {
        self.next(format!("after:{}", place.position))
    }

    fn documents<'a>(&'a self, held: &'a Held) -> Later<'a, Result<Changes, Trouble>> {
        self.next(format!("holding:{}", held.documents.len()))
    }
}

struct Bed {
    replica: Arc<Replica>,
    clock: Arc<ManualClock>,
    link: watch::Receiver<Link>,
    stop: watch::Sender<bool>,
    following: tokio::task::JoinHandle<()>,
    _folder: tempfile::TempDir,
}

fn bed(script: &Arc<Script>) -> Bed {
    let folder = tempfile::tempdir().unwrap();
    let replica = Arc::new(open(&folder.path().join("documents"), "secret").0);
    let clock = Arc::new(ManualClock::at(Timestamp(0)));
    let sender = watch::Sender::default();
    let link = sender.subscribe();
    let (stop, stopped) = watch::channel(false);
    let follower = Follower {
        replica: Arc::clone(&replica),
        upstream: Arc::clone(script) as Arc<dyn Upstream>,
        link: sender,
        clock: Arc::clone(&clock) as _,
        entropy: Arc::new(FixedEntropy::new(3)),
    };
    let following = tokio::spawn(follow(follower, stopped));
    Bed { replica, clock, link, stop, following, _folder: folder }
}

impl Bed {
    /// Waits until the link is as told.
    async fn until(&mut self, told: &str) {
        let is_told = |link: &Link| format!("{link:?}").contains(told);
        self.link.wait_for(is_told).await.unwrap();
    }

    /// Turns the clock until the position is reached.
    async fn reach(&self, position: u64) {
        while self.replica.newest().0 < Position(position) {
            self.clock.advance(Duration::from_secs(20));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

#[tokio::test]
async fn it_tells_what_it_holds_once_and_then_asks_for_what_follows() {
    let script = Script::new([Ok(change(5, "a=1")), Ok(change(6, "b=1")), Ok(change(9, ""))]);
    let mut bed = bed(&script);
    bed.replica.changed(Position(1)).await.unwrap();
    bed.until("Connected").await;
    while script.asked() != "holding:0 after:5 after:6 after:9" {
        tokio::task::yield_now().await;
    }
    assert_eq!(content(&bed.replica).await, "a=1 b=1");
    bed.stop.send_replace(true);
    bed.following.await.unwrap();
}

#[tokio::test]
async fn a_node_that_forgot_is_told_what_is_here() {
    let script = Script::new([Ok(change(5, "a=1")), Err(Trouble::StartAgain), Ok(change(2, "b=1"))]);
    let bed = bed(&script);
    bed.reach(2).await;
    assert_eq!(content(&bed.replica).await, "a=1 b=1");
    assert!(script.asked().starts_with("holding:0 after:5 holding:1"), "{}", script.asked());
    assert_eq!(bed.replica.place().unwrap().position, 2, "another database may be behind");
}

#[tokio::test]
async fn what_is_here_stays_while_the_node_is_away_or_refuses() {
    let away = || Err(Trouble::Away("connection refused".into()));
    let script = Script::new([
        Ok(change(5, "a=1")),
        away(),
        Err(Trouble::Refused("the token ended".into())),
        away(),
        Ok(change(6, "b=1")),
    ]);
    let mut bed = bed(&script);
    bed.until("Away(\"connection refused\")").await;
    assert_eq!(content(&bed.replica).await, "a=1");
    bed.clock.advance(Duration::from_secs(20));
    bed.until("Refused(\"the token ended\")").await;
    assert_eq!(content(&bed.replica).await, "a=1");
    bed.reach(2).await;
    bed.until("Connected").await;
    assert_eq!(content(&bed.replica).await, "a=1 b=1");
    assert!(script.asked().starts_with("holding:0 after:5 after:5 after:5 after:5"), "{}", script.asked());
}

#[tokio::test]
async fn a_node_that_is_away_is_not_asked_without_pause() {
    let script = Script::new(std::iter::repeat_n(Err(Trouble::Away("no".into())), 50));
    let mut bed = bed(&script);
    bed.until("Away").await;
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert_eq!(script.asked(), "holding:0");
    bed.stop.send_replace(true);
    bed.following.await.unwrap();
}
