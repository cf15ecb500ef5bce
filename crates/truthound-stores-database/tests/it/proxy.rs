//! A relay between the store and a server, which can be cut: connections break, and new ones are refused. Or it falls silent: nothing breaks, and nothing
//! comes through.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// Relays connections to a server.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Ends with the proxy.
    _tasks: JoinSet<()>,
}

struct Shared {
    upstream: SocketAddr,
    cut: AtomicBool,
    silent: AtomicBool,
    accepted: AtomicU64,
    /// Bytes that did not come through.
    swallowed: AtomicU64,
    open: Mutex<HashMap<u64, AbortHandle>>,
}

impl Proxy {
    pub(crate) async fn start(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            upstream,
            cut: AtomicBool::new(false),
            silent: AtomicBool::new(false),
            accepted: AtomicU64::new(0),
            swallowed: AtomicU64::new(0),
            open: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        let accepting = Arc::clone(&shared);
        tasks.spawn(async move {
            // Relays end with this task.
            let mut relays = JoinSet::new();
            loop {
                let Ok((client, _)) = listener.accept().await else { return };
                let number = accepting.accepted.fetch_add(1, Ordering::AcqRel);
                // A client that is let in and hung up on is refused well enough.
                if accepting.cut.load(Ordering::Acquire) {
                    continue;
                }
                let relay = relays.spawn(relay(client, Arc::clone(&accepting)));
                let mut open = accepting.open.lock().unwrap();
                open.retain(|_, relay| !relay.is_finished());
                open.insert(number, relay);
                drop(open);
                if accepting.cut.load(Ordering::Acquire) {
                    accepting.break_all();
                }
            }
        });
        Self { address, shared, _tasks: tasks }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were asked for.
    pub(crate) fn accepted(&self) -> u64 {
        self.shared.accepted.load(Ordering::Acquire)
    }

    /// How many connections are open.
    pub(crate) fn open(&self) -> usize {
        self.shared.open.lock().unwrap().values().filter(|relay| !relay.is_finished()).count()
    }

    /// How many bytes did not come through.
    pub(crate) fn swallowed(&self) -> u64 {
        self.shared.swallowed.load(Ordering::Acquire)
    }

    /// Lets nothing through any more, as if the machine behind had lost its power, or lets all through again that comes from now on.
    pub(crate) fn set_silent(&self, silent: bool) {
        self.shared.silent.store(silent, Ordering::Release);
    }

    /// Breaks the connections that are open; new ones are made.
    pub(crate) fn break_connections(&self) {
        self.shared.break_all();
    }

    /// Breaks all connections and refuses new ones, or lets them through again.
    pub(crate) fn set_cut(&self, cut: bool) {
        self.shared.cut.store(cut, Ordering::Release);
        if cut {
            self.shared.break_all();
        }
    }
}

impl Shared {
    fn break_all(&self) {
        self.open.lock().unwrap().drain().for_each(|(_, relay)| relay.abort());
    }
}

async fn relay(client: TcpStream, shared: Arc<Shared>) {
    let Ok(server) = TcpStream::connect(shared.upstream).await else { return };
    drop(client.set_nodelay(true));
    drop(server.set_nodelay(true));
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    // Where one of them hangs up, so does the other.
    tokio::select! {
        () = pass_on(from_client, to_server, &shared) => {}
        () = pass_on(from_server, to_client, &shared) => {}
    }
}

async fn pass_on(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, shared: &Shared) {
    let mut bytes = vec![0; 16 << 10];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        if shared.silent.load(Ordering::Acquire) {
            shared.swallowed.fetch_add(read as u64, Ordering::AcqRel);
        } else if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
