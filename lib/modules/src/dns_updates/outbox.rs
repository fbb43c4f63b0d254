//! Where requests wait to be sent.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

use kotare_config::process::DnsUpdates;
use kotare_ddns::ChangeRequest;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::sleep;

use super::messages::DHCPSRV_DHCP_DDNS_NCR_SENT;

/// Between two tries to send what could not be.
const PAUSE: Duration = Duration::from_secs(1);

/// Requests that wait to be sent, in order.
#[derive(Debug)]
pub(super) struct Outbox {
    settings: DnsUpdates,
    waiting: Mutex<VecDeque<ChangeRequest>>,
    more: Notify,
    /// Made when it is needed first, and anew after it failed.
    socket: Mutex<Option<UdpSocket>>,
}

impl Outbox {
    pub(super) fn new(settings: DnsUpdates) -> Self {
        Self { settings, waiting: Mutex::default(), more: Notify::new(), socket: Mutex::default() }
    }

    pub(super) fn settings(&self) -> &DnsUpdates {
        &self.settings
    }

    /// Puts a request at the end.
    ///
    /// # Errors
    /// When there is no room.
    pub(super) fn push(&self, request: ChangeRequest) -> Result<(), String> {
        let mut waiting = self.waiting.lock();
        let most = self.settings.queue;
        if waiting.len() >= most {
            return Err(format!("send queue has reached maximum capacity: {most}"));
        }
        waiting.push_back(request);
        drop(waiting);
        self.more.notify_one();
        Ok(())
    }

    /// Sends what waits, for ever. What cannot be sent is told of by `failed`, once for each reason in a row, and tried again.
    pub(super) async fn serve(self: Arc<Self>, failed: impl Fn(&io::Error, &ChangeRequest) + Send) {
        let mut told = None;
        loop {
            self.more.notified().await;
            while let Err((error, request)) = self.send_all() {
                if told.replace(error.kind()) != Some(error.kind()) {
                    failed(&error, &request);
                }
                sleep(PAUSE).await;
            }
            told = None;
        }
    }

    /// Sends what waits; at the first that cannot be sent, why.
    pub(super) fn send_all(&self) -> Result<(), (io::Error, ChangeRequest)> {
        // Held for all of them: nobody else sends meanwhile, and the order is kept.
        let mut socket = self.socket.lock();
        loop {
            let Some(request) = self.waiting.lock().front().cloned() else { return Ok(()) };
            if let Err(error) = self.send(&mut socket, &request.to_datagram()) {
                return Err((error, request));
            }
            DHCPSRV_DHCP_DDNS_NCR_SENT(request.to_json());
            self.waiting.lock().pop_front();
        }
    }

    fn send(&self, socket: &mut Option<UdpSocket>, datagram: &[u8]) -> io::Result<()> {
        if socket.is_none() {
            let open = UdpSocket::bind(self.settings.sender)?;
            open.set_nonblocking(true)?;
            *socket = Some(open);
        }
        let Some(open) = socket else { return Ok(()) };
        let sent = open.send_to(datagram, self.settings.server);
        if sent.as_ref().is_err_and(|error| error.kind() != ErrorKind::WouldBlock) {
            *socket = None;
        }
        sent.map(|_| ())
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.lock().len()
    }
}
