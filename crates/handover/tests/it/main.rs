//! Two sides of a hand-over in one process.
#![allow(clippy::unwrap_used, reason = "a test may panic, and its helpers are part of it")]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::fd::OwnedFd,
    path::Path,
};

use handover::{Door, Handed, Predecessor, Verdict};
use tokio::runtime::Builder;

fn run<T>(work: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn socket() -> (TcpListener, std::net::SocketAddr) {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

fn handed(name: &str, socket: TcpListener) -> Handed {
    Handed { name: name.into(), fd: OwnedFd::from(socket) }
}

/// Hands `given` over in `folder`; what came, and the verdict.
async fn hand_over(folder: &Path, given: Vec<Handed>, relieves: bool) -> (Vec<Handed>, Verdict) {
    let door = Door::open(folder).unwrap();
    let predecessor = async {
        let mut guest = door.guest().await.unwrap();
        assert_eq!(guest.introduction().await.unwrap().version, "2.0");
        guest.give(&given).await.unwrap();
        drop(given);
        assert_eq!(guest.ready().await.unwrap(), ["one"]);
        if relieves {
            guest.relieve().await.unwrap();
        } else {
            guest.refuse("too late").await;
        }
    };
    let successor = async {
        let mut predecessor = Predecessor::find(folder).await.unwrap().unwrap();
        let came = predecessor.take("2.0").await.unwrap();
        (came, predecessor.ready(vec!["one".into()]).await)
    };
    tokio::join!(predecessor, successor).1
}

#[test]
fn a_connection_that_waits_for_one_process_is_served_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let (socket, address) = socket();
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(b"hello").unwrap();
    let (came, verdict) = run(hand_over(folder.path(), vec![handed("one", socket)], true));
    assert_eq!(verdict, Verdict::Relieved);
    let one = came.into_iter().next().unwrap();
    assert_eq!(one.name, "one");
    let (mut served, _) = TcpListener::from(one.fd).accept().unwrap();
    let mut text = [0; 5];
    served.read_exact(&mut text).unwrap();
    assert_eq!(&text, b"hello");
}

#[test]
fn every_descriptor_of_many_comes_under_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let sockets: Vec<_> = (0..300).map(|_| socket()).collect();
    let addresses: Vec<_> = sockets.iter().map(|(_, address)| *address).collect();
    let given = sockets.into_iter().enumerate().map(|(index, (socket, _))| handed(&index.to_string(), socket));
    let (came, _) = run(hand_over(folder.path(), given.collect(), true));
    assert_eq!(came.len(), addresses.len());
    for (index, (came, address)) in came.into_iter().zip(addresses).enumerate() {
        assert_eq!(came.name, index.to_string());
        assert_eq!(TcpListener::from(came.fd).local_addr().unwrap(), address);
    }
}

#[test]
fn a_successor_that_is_refused_learns_why() {
    let folder = tempfile::tempdir().unwrap();
    let (_, verdict) = run(hand_over(folder.path(), vec![handed("one", socket().0)], false));
    assert_eq!(verdict, Verdict::Refused("too late".into()));
}

#[test]
fn a_predecessor_that_dies_after_it_gave_leaves_everything() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let door = Door::open(folder.path()).unwrap();
        let dies = async {
            let mut guest = door.guest().await.unwrap();
            guest.introduction().await.unwrap();
            guest.give(&[handed("one", socket().0)]).await.unwrap();
        };
        let takes = async {
            let mut predecessor = Predecessor::find(folder.path()).await.unwrap().unwrap();
            let came = predecessor.take("2.0").await.unwrap();
            assert_eq!(came.len(), 1);
            predecessor
        };
        let ((), predecessor) = tokio::join!(dies, takes);
        assert_eq!(predecessor.ready(vec!["one".into()]).await, Verdict::Relieved);
    });
}

#[test]
fn a_predecessor_that_dies_before_it_gave_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let door = Door::open(folder.path()).unwrap();
        let dies = async { drop(door.guest().await.unwrap()) };
        let takes = async { Predecessor::find(folder.path()).await.unwrap().unwrap().take("2.0").await.unwrap_err() };
        tokio::join!(dies, takes);
    });
}

#[test]
fn nobody_is_found_where_nobody_runs() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        assert!(Predecessor::find(folder.path()).await.unwrap().is_none());
        assert!(Predecessor::find(&folder.path().join("missing")).await.unwrap().is_none());
        // What a process left that was killed.
        drop(Door::open(folder.path()).unwrap());
        assert!(Predecessor::find(folder.path()).await.unwrap().is_none());
        drop(Door::open(folder.path()).unwrap());
    });
}

#[test]
fn a_folder_of_any_length_will_do() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("d".repeat(120));
    std::fs::create_dir(&deep).unwrap();
    let (came, verdict) = run(hand_over(&deep, vec![handed("one", socket().0)], true));
    assert_eq!((came.len(), verdict), (1, Verdict::Relieved));
}

#[test]
fn strangers_do_not_get_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let door = Door::open(folder.path()).unwrap();
        let mut stranger = tokio::net::UnixStream::connect(folder.path().join("hand-over.sock")).await.unwrap();
        let says = tokio::io::AsyncWriteExt::write_all(&mut stranger, b"GET / HTTP/1.1\r\n\r\n");
        let hears = async { door.guest().await.unwrap().introduction().await.unwrap_err() };
        let (said, _) = tokio::join!(says, hears);
        said.unwrap();
    });
}
