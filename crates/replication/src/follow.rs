//! Following the feed of a management node, for as long as the process runs, whatever becomes of the node.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use base::{Clock, Entropy};
use tokio::sync::watch;

use crate::{
    message::{Changes, Held, Place},
    replica::Replica,
};

/// An answer that comes later and may move between threads.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A management node, as its gateways see it.
pub trait Upstream: Send + Sync {
    /// What follows `place`. It waits for something to follow, but not for ever: then the changes are empty.
    fn changes<'a>(&'a self, place: &'a Place) -> Later<'a, Result<Changes, Trouble>>;

    /// What differs from what the gateway holds.
    fn documents<'a>(&'a self, held: &'a Held) -> Later<'a, Result<Changes, Trouble>>;
}

/// Why the node told nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It does not know the place: it was started anew, or has another database. It must be told what the gateway holds.
    StartAgain,
    /// It does not take the token.
    Refused(String),
    /// It does not answer, or not as a node does.
    Away(String),
}

/// How things stand with the node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// Nothing is known yet.
    #[default]
    Starting,
    /// It told the newest.
    Connected,
    /// It does not answer; the last configuration stays.
    Away(String),
    /// It does not take the token; the last configuration stays.
    Refused(String),
}

/// The first pause after a failure; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// What following needs.
#[derive(Clone)]
pub struct Follower {
    /// Where changes go.
    pub replica: Arc<Replica>,
    /// Where they come from.
    pub upstream: Arc<dyn Upstream>,
    /// Tells how it goes.
    pub link: watch::Sender<Link>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// Follows until `stop` says so. When it ends, nothing is half taken over.
pub async fn follow(follower: Follower, mut stop: watch::Receiver<bool>) {
    let Follower { replica, upstream, link, clock, entropy } = follower;
    let mut failures = 0;
    let mut place_is_known = true;
    loop {
        let place = replica.place().filter(|_| place_is_known);
        let ask = async {
            match &place {
                Some(place) => upstream.changes(place).await,
                None => upstream.documents(&replica.held()).await,
            }
        };
        let told = tokio::select! {
            told = ask => told,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        match told {
            Ok(changes) => {
                (failures, place_is_known) = (0, true);
                take(&replica, changes).await;
                tell(&link, Link::Connected);
            }
            Err(Trouble::StartAgain) if place.is_some() => {
                tracing::info!("the management node does not know how far this gateway is; it is told what is here");
                place_is_known = false;
            }
            Err(trouble) => {
                tell(
                    &link,
                    match trouble {
                        Trouble::Refused(why) => Link::Refused(why),
                        Trouble::Away(why) => Link::Away(why),
                        Trouble::StartAgain => Link::Away("it asks to start again, again".into()),
                    },
                );
                tokio::select! {
                    () = clock.sleep(pause(failures, &*entropy)) => failures += 1,
                    _ = stop.wait_for(|stop| *stop) => return,
                }
            }
        }
    }
}

/// Takes changes over on a thread that may block, and tells where the disk stands.
async fn take(replica: &Arc<Replica>, changes: Changes) {
    let (unsaved, news) = (replica.unsaved(), !(changes.written.is_empty() && changes.deleted.is_empty()));
    let taking = Arc::clone(replica);
    let tries_again = unsaved.is_some() && !news;
    let taken = tokio::task::spawn_blocking(move || {
        let (written, deleted) = (changes.written.len(), changes.deleted.len());
        let position = changes.place.position;
        taking.apply(changes);
        if tries_again {
            taking.save();
        }
        if news {
            tracing::info!(position, written, deleted, "the configuration changed");
        }
    });
    if let Err(error) = taken.await {
        tracing::error!(%error, "changes could not be taken over");
    }
    match (unsaved, replica.unsaved()) {
        (_, Some(why)) => tracing::error!(
            why,
            "the documents cannot be saved: they are served from memory, and a restart would fall back on what was saved last"
        ),
        (Some(_), None) => tracing::info!("the documents are saved again"),
        (None, None) => {}
    }
}

fn tell(link: &watch::Sender<Link>, now: Link) {
    let changed = link.send_if_modified(|before| std::mem::replace(before, now.clone()) != now);
    match &now {
        Link::Connected if changed => tracing::info!("following the management node"),
        Link::Away(why) if changed => {
            tracing::warn!(
                why,
                "the management node does not answer; the last configuration is served, and it is asked again"
            );
        }
        // Whoever has to renew a token should not have to look for the reason.
        Link::Refused(why) => {
            tracing::error!(
                why,
                "the management node refuses this gateway; the last configuration is served, and no change arrives"
            );
        }
        _ => {}
    }
}

/// A pause after `failures` earlier ones: twice as long each time, and shortened at random so that gateways do not come all at once.
fn pause(failures: u32, entropy: &dyn Entropy) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(1 << failures.min(10)).min(LONGEST_PAUSE);
    let mut random = [0; 2];
    entropy.fill(&mut random);
    let part = f64::from(u16::from_le_bytes(random)) / f64::from(u16::MAX);
    longest.mul_f64(0.5 + part / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Filled(u8);

    impl Entropy for Filled {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn pauses_grow_to_a_limit_and_differ() {
        let of = |failures| (pause(failures, &Filled(0)).as_millis(), pause(failures, &Filled(255)).as_millis());
        assert_eq!(
            [0, 1, 2, 5, 6, 60].map(of),
            [(125, 250), (250, 500), (500, 1000), (4000, 8000), (7500, 15000), (7500, 15000)]
        );
    }
}
