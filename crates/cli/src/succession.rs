//! A process that serves until it is stopped or a successor takes over.
//!
//! SIGUSR2 starts the program on disk again with `--take-over`, with the configuration that the disk has by then; whoever likes may start
//! it by hand. The successor takes copies of all listening sockets and gets ready; until then this process goes on, and if it never is,
//! nothing has happened.

mod inheritance;
mod notify;
mod signals;
mod sockets;

use std::{io, path::Path, time::Duration};

use handover::{Door, Guest, Handed};
use tokio::process::{Child, Command};

pub(crate) use self::{
    inheritance::Inheritance,
    sockets::{copy, handed, listen},
};
use self::{
    notify::notify,
    signals::{Asked, Signals},
};
use crate::output::Failed;

/// The flag of a successor.
const TAKE_OVER: &str = "--take-over";

/// How long a successor may take to get ready.
const PATIENCE: Duration = Duration::from_mins(1);

/// What can be stopped, and left to a successor.
pub(crate) trait Serving: Sized {
    /// Stops all that a successor must not do at the same time, finishes what of it is under way, and gives copies of what is handed
    /// over.
    fn give_way(&mut self) -> impl Future<Output = io::Result<Vec<Handed>>>;

    /// Does what only one process may do: at the start, and again if no successor came.
    fn go_on(&mut self);

    /// Tells the user that everything runs.
    fn announce(&self);

    /// Finishes what is under way. A successor serves what `kept` names. Once `hurry` completes, it must not take longer than when it
    /// is stopped.
    fn leave(self, kept: &[String], hurry: impl Future<Output = ()>) -> impl Future<Output = ()>;

    /// Takes nothing new and finishes what is under way.
    fn stop(self) -> impl Future<Output = ()>;
}

/// Starts what works on `folder` and serves until it is stopped, or until a successor has taken over and all is finished here. If it
/// is to take over and somebody runs there, it is the successor.
pub(crate) async fn run<S: Serving>(
    folder: &Path,
    takes_over: bool,
    start: impl AsyncFnOnce(&mut Inheritance) -> Result<S, Failed>,
) -> Result<(), Failed> {
    let mut inheritance = if takes_over { Inheritance::claim(folder).await? } else { Inheritance::default() };
    let mut serving = start(&mut inheritance).await?;
    if let Err(refused) = inheritance.settle().await {
        serving.stop().await;
        return Err(refused);
    }
    serving.go_on();
    serve(serving, folder).await
}

async fn serve(mut serving: impl Serving, folder: &Path) -> Result<(), Failed> {
    let mut signals = Signals::listen()?;
    let no_door = |error: &io::Error| tracing::warn!(%error, "no successor can take over: its socket cannot be made");
    let door = Door::open(folder).inspect_err(no_door).ok();
    let mut child = None;
    serving.announce();
    notify("READY=1");
    loop {
        let guest = tokio::select! {
            asked = signals.next() => match asked {
                Asked::Stop => break,
                Asked::Succession => {
                    start_successor(&mut child, door.is_some());
                    continue;
                }
            },
            () = ended(&mut child) => continue,
            guest = next_guest(door.as_ref()) => guest,
        };
        tokio::select! {
            kept = hand_over(&mut serving, guest) => if let Some(kept) = kept {
                // The next successor is not ours to meet.
                drop(door);
                serving.leave(&kept, signals.stop()).await;
                tracing::info!("everything is finished here");
                return Ok(());
            },
            // A successor that has everything takes us for dead, which is right.
            () = signals.stop() => break,
        }
    }
    tracing::info!("stopping");
    notify("STOPPING=1");
    serving.stop().await;
    Ok(())
}

/// Hands over; what the successor uses. `None`, if it did not get ready.
async fn hand_over(serving: &mut impl Serving, mut guest: Guest) -> Option<Vec<String>> {
    let who = tokio::time::timeout(PATIENCE, guest.introduction()).await;
    let who = who.map_err(io::Error::from).flatten();
    let who =
        who.inspect_err(|error| tracing::warn!(%error, "somebody came to take over, and is no successor")).ok()?;
    tracing::info!(pid = who.pid, version = who.version, "a successor starts");
    match tokio::time::timeout(PATIENCE, give(serving, &mut guest)).await {
        Ok(Ok(kept)) => match guest.relieve().await {
            Ok(()) => {
                notify(&format!("MAINPID={}", who.pid));
                tracing::info!(pid = who.pid, "the successor has taken over; what is under way here is finished");
                return Some(kept);
            }
            Err(error) => tracing::error!(%error, "the successor ended just before it took over; this process goes on"),
        },
        Ok(Err(error)) => tracing::error!(%error, "the successor ended before it took over; this process goes on"),
        Err(_) => {
            tracing::error!(patience = ?PATIENCE, "the successor did not get ready; this process goes on");
            guest.refuse("it took too long to get ready").await;
        }
    }
    serving.go_on();
    None
}

async fn give(serving: &mut impl Serving, guest: &mut Guest) -> io::Result<Vec<String>> {
    let handed = serving.give_way().await?;
    guest.give(&handed).await?;
    drop(handed);
    guest.ready().await
}

async fn next_guest(door: Option<&Door>) -> Guest {
    loop {
        match door {
            None => std::future::pending().await,
            Some(door) => match door.guest().await {
                Ok(guest) => return guest,
                // Out of descriptors, most likely: others close in a moment.
                Err(error) => {
                    tracing::warn!(%error, "a successor cannot be let in");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            },
        }
    }
}

/// Starts the program that is on disk now, as it was started itself.
fn start_successor(child: &mut Option<Child>, has_door: bool) {
    if child.is_some() || !has_door {
        tracing::warn!(under_way = child.is_some(), "no successor is started");
        return;
    }
    let mut words = std::env::args_os();
    let Some(program) = words.next() else { return };
    let mut command = Command::new(program);
    command.args(words.filter(|word| word != TAKE_OVER)).arg(TAKE_OVER);
    match command.spawn() {
        Ok(started) => *child = Some(started),
        Err(error) => tracing::error!(%error, "a successor cannot be started; this process goes on"),
    }
}

/// Completes when the successor that was started here has ended, which it should not.
async fn ended(child: &mut Option<Child>) {
    let Some(started) = child else { return std::future::pending().await };
    match started.wait().await {
        Ok(status) => tracing::error!(%status, "the successor ended; this process goes on"),
        Err(error) => tracing::error!(%error, "the successor cannot be watched"),
    }
    *child = None;
}
