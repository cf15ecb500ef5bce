//! A relay between the store and a server, which can be cut: connections break, and new ones are refused.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

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
    accepted: AtomicU64,
    open: Mutex<HashMap<u64, AbortHandle>>,
}

impl Proxy {
    pub(crate) async fn start(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            upstream,
            cut: AtomicBool::new(false),
            accepted: AtomicU64::new(0),
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
                let upstream = accepting.upstream;
                let relay = relays.spawn(relay(client, upstream));
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

async fn relay(mut client: TcpStream, upstream: SocketAddr) {
    let Ok(mut server) = TcpStream::connect(upstream).await else { return };
    drop(client.set_nodelay(true));
    drop(server.set_nodelay(true));
    drop(tokio::io::copy_bidirectional(&mut client, &mut server).await);
}
