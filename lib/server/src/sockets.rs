//! The service sockets and the workers that serve them.

use std::io;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use kotare_config::v4::Interfaces;
use kotare_daemon::{Clock, Workers, seed};
use kotare_model::Chance;
use kotare_net::{Port4, SocketOptions4, Spec4, Waker, interfaces, open4};
use kotare_stats::Statistics4;
use tokio::sync::oneshot;

use crate::generation::{Listening, Shared};
use crate::interfaces::{Wanted, wanted};
use crate::messages::{
    DHCP4_OPEN_SOCKET, DHCPSRV_CFGMGR_USE_ADDRESS, DHCPSRV_NO_SOCKETS_OPEN, DHCPSRV_OPEN_SOCKET_FAIL,
};
use crate::worker::{self, Mail, Worker};

/// How long workers get to finish a batch and stop.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// The open sockets and the threads behind them.
#[derive(Debug)]
pub(crate) struct Sockets {
    options: SocketOptions4,
    shared: Arc<Shared>,
    /// `None` once stopped.
    workers: Option<Workers>,
    post: Vec<(mpsc::Sender<Mail>, Waker)>,
    open: Vec<Spec4>,
    problems: Vec<String>,
}

impl Sockets {
    /// Starts `count` workers without sockets.
    pub(crate) fn start(
        options: SocketOptions4,
        shared: Arc<Shared>,
        statistics: &Statistics4,
        count: usize,
    ) -> io::Result<Self> {
        let mut post = Vec::new();
        let mut parts = Vec::new();
        for _ in 0..count {
            let (sender, mail) = mpsc::channel();
            let port = Port4::new()?;
            post.push((sender, port.waker()));
            let (shared, counters) = (shared.clone(), statistics.worker());
            let chance = Chance::new(seed()?);
            parts.push(Worker { port, mail, shared, counters, chance, alone: count == 1 });
        }
        let workers = Workers::spawn("worker", parts, worker::serve)?;
        Ok(Self { options, shared, workers: Some(workers), post, open: Vec::new(), problems: Vec::new() })
    }

    /// How many workers there are.
    pub(crate) fn worker_count(&self) -> usize {
        self.post.len()
    }

    /// What keeps configured interfaces from being served; empty when all is well.
    pub(crate) fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Whether the interface of this index is served.
    pub(crate) fn serves(&self, ifindex: u32) -> bool {
        self.open.iter().any(|spec| spec.ifindex == ifindex)
    }

    /// Makes the open sockets those that `config` asks for on the interfaces there are now; what cannot be opened is
    /// among [`Sockets::problems`] afterwards. Sockets that stay are not touched.
    pub(crate) async fn adjust(&mut self, config: &Interfaces) {
        let Wanted { specs, mut problems } = match interfaces() {
            Ok(present) => wanted(config, &present),
            Err(error) => {
                let problems = vec![format!("the network interfaces cannot be listed: {error}")];
                Wanted { specs: self.open.clone(), problems }
            }
        };
        if self.open.iter().any(|spec| !specs.contains(spec)) {
            self.open.retain(|spec| specs.contains(spec));
            self.keep_only(self.open.clone().into()).await;
        }
        if specs.iter().any(|spec| !self.open.contains(spec)) {
            DHCP4_OPEN_SOCKET(self.options.server_port);
        }
        for spec in specs {
            if self.open.contains(&spec) {
                continue;
            }
            match open4(&spec, &self.options, self.post.len()) {
                Ok(sockets) => {
                    DHCPSRV_CFGMGR_USE_ADDRESS(spec.local, &spec.interface);
                    for (socket, (sender, waker)) in sockets.into_iter().zip(&self.post) {
                        let _ = sender.send(Mail::Open(vec![socket]));
                        waker.wake();
                    }
                    self.open.push(spec);
                }
                Err(error) => problems.push(error.to_string()),
            }
        }
        self.publish_listening();
        for problem in problems.iter().filter(|problem| !self.problems.contains(problem)) {
            DHCPSRV_OPEN_SOCKET_FAIL(problem);
        }
        if self.open.is_empty() && (problems != self.problems || problems.is_empty()) {
            DHCPSRV_NO_SOCKETS_OPEN();
        }
        self.problems = problems;
    }

    /// Whether every socket that `config` asks for is open or could be opened now (`service-sockets-require-all`).
    pub(crate) fn rehearse(&self, config: &Interfaces) -> Result<(), String> {
        let present =
            interfaces().map_err(|error| format!("the network interfaces cannot be listed: {error}"))?;
        let Wanted { specs, problems } = wanted(config, &present);
        if let Some(problem) = problems.first() {
            return Err(format!("service-sockets-require-all: {problem}"));
        }
        for spec in specs.iter().filter(|spec| !self.open.contains(spec)) {
            // The kind of socket may change; then the open one is in the way of the new one until it is closed.
            let replaces = |open: &Spec4| open.ifindex == spec.ifindex && open.local == spec.local;
            if !self.open.iter().any(replaces) {
                open4(spec, &self.options, 1)
                    .map_err(|error| format!("service-sockets-require-all: {error}"))?;
            }
        }
        Ok(())
    }

    fn publish_listening(&self) {
        let mut names: Vec<_> = self.open.iter().map(|spec| (spec.ifindex, spec.interface.clone())).collect();
        names.sort();
        names.dedup();
        let addresses = self.open.iter().map(|spec| spec.local).collect();
        self.shared.listening.publish(Arc::new(Listening { names, addresses }));
    }

    async fn keep_only(&self, specs: Arc<[Spec4]>) {
        let mut answers = Vec::new();
        for (sender, waker) in &self.post {
            let (done, answer) = oneshot::channel();
            let _ = sender.send(Mail::Keep(specs.clone(), done));
            waker.wake();
            answers.push(answer);
        }
        for answer in answers {
            let _ = answer.await;
        }
    }

    /// Exchanges the workers for `count` new ones without sockets.
    pub(crate) async fn restart(
        &mut self,
        statistics: &Statistics4,
        count: usize,
        clock: &Clock,
    ) -> io::Result<()> {
        let fresh = Self::start(self.options, self.shared.clone(), statistics, count)?;
        std::mem::replace(self, fresh).stop(clock).await;
        Ok(())
    }

    /// Which worker failed, and how; the others have stopped with it.
    pub(crate) fn failure(&mut self) -> Option<String> {
        self.workers.as_mut()?.failure()
    }

    /// Stops the workers and closes all sockets; names the workers that did not stop in time.
    pub(crate) async fn stop(&mut self, clock: &Clock) -> Vec<String> {
        let Some(workers) = self.workers.take() else { return Vec::new() };
        workers.stop();
        for (_, waker) in self.post.drain(..) {
            waker.wake();
        }
        workers.join(clock, STOP_LIMIT).await.stuck
    }
}
