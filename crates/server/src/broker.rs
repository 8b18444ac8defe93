//! `tablog broker`: the engine behind a TCP socket, pumped on one thread.

use crate::engine::{self, NativePump};
use crate::limits::{ACCEPT_REST_MS, CONNECTIONS_MAX, FRAME_BYTES_AHEAD, GOODBYE_MS_MAX};
use crate::outbox::Outbox;
use crate::settings::Settings;
use crate::{Ending, connection, listen};
use bytes::Bytes;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tablog_broker::{ConnectionId, Peer};
use tablog_host::Connections;
use tablog_log::storage::StorageFault;
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// Runs until the process is asked to end.
pub async fn serve(address: String, settings: Vec<(String, String)>) -> Result<(), String> {
    let settings = Settings::read(settings)?;
    // Settings are looked at before the port is taken: what is wrong is said at once.
    engine::pump("localhost:0", &settings)?;
    let mut ending = Ending::prepare()?;
    let listener = listen(&address).await?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    let advertised = format!("{}:{port}", reachable_host(&address));
    let pump = engine::pump(&advertised, &settings)?;
    let host = Rc::new(Host::new(pump, settings));
    host.call(|pump, outboxes| pump.drain(outboxes));
    tokio::task::spawn_local(keep_time(Rc::clone(&host)));
    println!("ready kafka://{advertised}");
    tokio::select! {
        () = accept(&listener, &host) => {}
        () = ending.asked() => {}
        () = host.stopped.notified() => {}
    }
    host.say_goodbye().await;
    match host.pump.borrow().stopped() {
        Some(fault) => Err(format!("the broker stopped: {fault}")),
        None => Ok(()),
    }
}

/// The host part of an address, brackets and all. `0.0.0.0` can be listened on and not be connected to.
fn reachable_host(address: &str) -> &str {
    match address.rsplit_once(':').map_or(address, |(host, _)| host) {
        "0.0.0.0" | "[::]" => "localhost",
        host => host,
    }
}

struct Host {
    pump: RefCell<NativePump>,
    outboxes: RefCell<Outboxes>,
    settings: Settings,
    /// The engine was called: its next deadline may be another.
    called: Notify,
    stopped: Notify,
}

#[derive(Default)]
struct Outboxes {
    open: BTreeMap<ConnectionId, Rc<Outbox>>,
}

impl Connections for Outboxes {
    fn reply(&mut self, connection: ConnectionId, frame: Bytes) {
        if let Some(outbox) = self.open.get(&connection) {
            outbox.push(frame);
        }
    }

    fn close(&mut self, connection: ConnectionId) {
        if let Some(outbox) = self.open.remove(&connection) {
            outbox.close();
        }
    }

    fn fatal(&mut self, _fault: &StorageFault) {
        for outbox in self.open.values() {
            outbox.close();
        }
    }
}

impl Host {
    fn new(pump: NativePump, settings: Settings) -> Host {
        Host {
            pump: RefCell::new(pump),
            outboxes: RefCell::new(Outboxes::default()),
            settings,
            called: Notify::new(),
            stopped: Notify::new(),
        }
    }

    /// One call of the engine. Nothing here awaits, so the two borrows never meet another.
    fn call<T>(&self, work: impl FnOnce(&mut NativePump, &mut Outboxes) -> T) -> T {
        let mut pump = self.pump.borrow_mut();
        let answer = work(&mut pump, &mut self.outboxes.borrow_mut());
        self.called.notify_one();
        if pump.stopped().is_some() {
            self.stopped.notify_one();
        }
        answer
    }

    /// What was replied so far still leaves.
    async fn say_goodbye(&self) {
        let outboxes: Vec<_> = self.outboxes.borrow().open.values().cloned().collect();
        for outbox in &outboxes {
            outbox.close();
        }
        let all_left = async {
            while outboxes.iter().any(|outbox| Rc::strong_count(outbox) > 2) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let _ = tokio::time::timeout(Duration::from_millis(GOODBYE_MS_MAX), all_left).await;
    }
}

async fn keep_time(host: Rc<Host>) {
    loop {
        let wait_ms = {
            let pump = host.pump.borrow();
            pump.deadline().map(|at| at.saturating_sub(pump.now().monotonic_ms))
        };
        match wait_ms {
            Some(0) => {
                host.call(|pump, outboxes| pump.fire(outboxes));
                // A deadline that never moves on must not starve the sockets.
                tokio::task::yield_now().await;
            }
            Some(wait_ms) => {
                let _ = tokio::time::timeout(Duration::from_millis(wait_ms), host.called.notified()).await;
            }
            None => host.called.notified().await,
        }
    }
}

async fn accept(listener: &TcpListener, host: &Rc<Host>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) if host.outboxes.borrow().open.len() < CONNECTIONS_MAX => {
                tokio::task::spawn_local(converse(Rc::clone(host), stream, peer));
            }
            // Too many: closed at once, by being dropped.
            Ok(_) => {}
            Err(_) => tokio::time::sleep(Duration::from_millis(ACCEPT_REST_MS)).await,
        }
    }
}

async fn converse(host: Rc<Host>, stream: TcpStream, peer: SocketAddr) {
    let _ = stream.set_nodelay(true);
    let (input, mut output) = stream.into_split();
    let outbox = Rc::new(Outbox::default());
    let peer = Peer { host: format!("/{}", peer.ip()) };
    let id = host.call(|pump, outboxes| {
        let id = pump.connect(peer, outboxes);
        outboxes.open.insert(id, Rc::clone(&outbox));
        id
    });
    let writing = Rc::clone(&outbox);
    let writer =
        tokio::task::spawn_local(async move { connection::write_replies(&mut output, &writing).await });
    let mut input = BufReader::with_capacity(FRAME_BYTES_AHEAD, input);
    loop {
        outbox.room().await;
        let frame = tokio::select! {
            frame = connection::next_frame(&mut input, &host.settings) => frame,
            () = outbox.over() => None,
        };
        let Some(frame) = frame else { break };
        host.call(|pump, outboxes| pump.frame(id, frame, outboxes));
    }
    host.call(|pump, outboxes| {
        pump.disconnect(id, outboxes);
        outboxes.open.remove(&id);
    });
    outbox.close();
    let _ = writer.await;
}
