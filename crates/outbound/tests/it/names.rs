//! Names whose addresses change.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, TcpListener},
    sync::{Arc, Mutex},
    time::Duration,
};

use outbound::{Client, ClientSettings, Lookup, Names, PoolSettings};
use testkit::{FakeBackend, ManualClock};

use crate::{call, on_worker};

/// Every name is at these addresses for now.
#[derive(Default)]
struct Moving(Mutex<Vec<IpAddr>>, Mutex<usize>);

impl Moving {
    fn to(&self, addresses: &[IpAddr]) {
        *self.0.lock().unwrap() = addresses.to_vec();
    }
}

impl Names for Moving {
    fn addresses(&self, _: &str) -> Lookup {
        *self.1.lock().unwrap() += 1;
        let found = self.0.lock().unwrap().clone();
        Box::pin(async move { if found.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(found) } })
    }
}

/// Two backends on the same port of two addresses of this machine.
fn twins() -> (FakeBackend, FakeBackend) {
    loop {
        let first = FakeBackend::start();
        let second = (Ipv4Addr::new(127, 0, 0, 2), first.address().port());
        if let Ok(listener) = TcpListener::bind(second) {
            return (first, FakeBackend::on(listener));
        }
    }
}

fn spawn(names: &Arc<Moving>, clock: &Arc<ManualClock>) -> Client {
    let pool =
        PoolSettings { idle_for: Duration::from_mins(5), oldest: Duration::from_mins(2), ..PoolSettings::default() };
    let settings = ClientSettings { pool, names: Arc::<Moving>::clone(names), ..ClientSettings::default() };
    Client::spawn(settings, Arc::<ManualClock>::clone(clock))
}

/// Lets time pass, and the client notice.
async fn pass(clock: &ManualClock, by: Duration) {
    for advance in [Duration::ZERO, by] {
        clock.advance(advance);
        while clock.sleepers() == 0 {
            tokio::task::yield_now().await;
        }
    }
}

#[test]
fn new_connections_go_where_the_name_leads_now_and_old_ones_age_out() {
    let (old, new) = twins();
    let (names, clock) = (Arc::new(Moving::default()), Arc::new(ManualClock::default()));
    on_worker(async {
        let client = spawn(&names, &clock);
        let url = format!("http://backend.example:{}/a", old.address().port());
        names.to(&[old.address().ip()]);
        call(&client, "GET", &url).await.unwrap();
        names.to(&[new.address().ip()]);
        // The connection that is open is still used.
        pass(&clock, Duration::from_secs(90)).await;
        call(&client, "GET", &url).await.unwrap();
        assert_eq!((old.requests(), new.requests()), (2, 0));
        pass(&clock, Duration::from_secs(40)).await;
        call(&client, "GET", &url).await.unwrap();
        assert_eq!((old.requests(), new.requests()), (2, 1));
    });
    assert_eq!(*names.1.lock().unwrap(), 2);
}

#[test]
fn an_address_that_does_not_answer_is_passed_over_and_the_name_asked_again() {
    let (gone, there) = twins();
    let (names, clock) = (Arc::new(Moving::default()), Arc::new(ManualClock::default()));
    on_worker(async {
        let client = spawn(&names, &clock);
        let port = there.address().port();
        let url = format!("http://backend.example:{port}/once");
        let nobody = IpAddr::from([127, 0, 0, 3]);
        names.to(&[nobody, there.address().ip()]);
        call(&client, "GET", &url).await.unwrap();
        assert_eq!((gone.requests(), there.requests()), (0, 1));
        names.to(&[nobody]);
        // The answer of before is believed for a while.
        call(&client, "GET", &url).await.unwrap();
        pass(&clock, Duration::from_secs(31)).await;
        let error = call(&client, "GET", &url).await.unwrap_err();
        assert!(error.message.contains(&format!("backend.example:{port} (127.0.0.3) cannot be reached")), "{error}");
        // What did not answer is not believed for any longer.
        names.to(&[there.address().ip()]);
        call(&client, "GET", &url).await.unwrap();
        names.to(&[]);
        pass(&clock, Duration::from_secs(31)).await;
        let error = call(&client, "GET", &url).await.unwrap_err();
        assert!(error.message.contains("the name backend.example cannot be resolved"), "{error}");
    });
    assert_eq!(there.requests(), 3);
}
