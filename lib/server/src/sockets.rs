//! The service sockets, and the crew that serves them.

use std::mem;
use std::sync::Arc;

use kotare_config::process::ServiceSockets;
use kotare_daemon::Clock;

use crate::crew::Crew;
use crate::family::{Family, Flow, SocketOf, SpecOf, Wanted};
use crate::messages::{DHCPSRV_NO_SOCKETS_OPEN, DHCPSRV_OPEN_SOCKET_FAIL, KOTARE_LISTENING};
use crate::network::{Network, Where};
use crate::shared::{Listening, Shared};

/// The open sockets and the threads behind them.
#[derive(Debug)]
pub(crate) struct Sockets<F: Flow> {
    network: Arc<F::Network>,
    shared: Arc<Shared<F>>,
    crew: Crew<F>,
    /// Crews that have handed over their sockets and end with their last exchanges.
    leaving: Vec<Crew<F>>,
    /// One socket of each [`Network::Spec`] that is served.
    open: Vec<SocketOf<F>>,
    problems: Vec<String>,
    /// Whether the problems may go away by themselves.
    hopeful: bool,
    /// Whether some of them never will.
    hopeless: bool,
    /// What is done about them, once a configuration is served.
    service: Option<ServiceSockets>,
}

impl<F: Family> Sockets<F> {
    /// No sockets yet, to be served by `crew`.
    pub(crate) fn new(network: Arc<F::Network>, shared: Arc<Shared<F>>, crew: Crew<F>) -> Self {
        Self {
            network,
            shared,
            crew,
            leaving: Vec::new(),
            open: Vec::new(),
            problems: Vec::new(),
            hopeful: false,
            hopeless: false,
            service: None,
        }
    }

    /// The workers that serve now.
    pub(crate) fn crew(&self) -> &Crew<F> {
        &self.crew
    }

    /// What keeps configured interfaces from being served; empty when all is well.
    pub(crate) fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Whether what keeps interfaces from being served may go away, so that they are tried again.
    pub(crate) fn is_hopeful(&self) -> bool {
        self.hopeful
    }

    /// How what may go away is tried again; `None` if there is nothing of the kind.
    pub(crate) fn retries(&self) -> Option<ServiceSockets> {
        self.service.filter(|_| self.hopeful)
    }

    /// What keeps the server from starting: not all is served that must be (`service-sockets-require-all`), and trying again
    /// is not wanted or does not help.
    pub(crate) fn prohibition(&self) -> Option<String> {
        let service = self.service.filter(|service| service.require_all)?;
        let is_final = self.hopeless || service.max_retries == 0;
        (is_final && !self.problems.is_empty()).then(|| self.problems.join("; "))
    }

    /// Whether the interface of this index is served.
    pub(crate) fn serves(&self, ifindex: u32) -> bool {
        self.specs().any(|spec| F::Network::locate(spec).ifindex == ifindex)
    }

    /// What is served.
    fn specs(&self) -> impl Iterator<Item = &SpecOf<F>> {
        self.open.iter().map(F::Network::spec)
    }

    /// Makes the open sockets those that `config` asks for on the interfaces there are now; what cannot be opened is
    /// among [`Sockets::problems`] afterwards. Sockets that stay are not touched, but those are opened anew whose
    /// interface is another one than it was.
    pub(crate) async fn adjust(&mut self, config: &F::Config) {
        let present = self.network.interfaces();
        let (specs, mut problems, refused) = match &present {
            Ok(present) => {
                let Wanted { specs, problems, refused, sockets } = F::wanted(config, present);
                self.service = Some(sockets);
                (specs, problems, refused)
            }
            Err(error) => {
                let problem = format!("the network interfaces cannot be listed: {error}");
                (self.specs().cloned().collect(), vec![problem], Vec::new())
            }
        };
        let before = self.open.len();
        self.open
            .retain(|socket| specs.contains(F::Network::spec(socket)) && !F::Network::is_orphaned(socket));
        if self.open.len() < before {
            self.keep_only_open().await;
        }
        let missing: Vec<_> =
            specs.into_iter().filter(|spec| !self.specs().any(|open| open == spec)).collect();
        if !missing.is_empty() {
            F::WORDS.open_socket(self.network.server_port());
        }
        // Several sockets may be of one address: those of its groups.
        let mut places: Vec<(Where<'_, _>, bool)> = Vec::new();
        for spec in &missing {
            let place = F::Network::locate(spec);
            let opened = self.network.open(spec, self.crew.size());
            let is_open = opened.is_ok();
            match opened {
                Ok(sockets) => {
                    self.open.extend(sockets.first().cloned());
                    self.crew.open(sockets);
                }
                Err(error) => problems
                    .push(format!("Failed to open socket on interface {}, reason: {error}", place.interface)),
            }
            match places.iter_mut().find(|(known, _)| *known == place) {
                Some((_, is_served)) => *is_served &= is_open,
                None => places.push((place, is_open)),
            }
        }
        for (Where { address, interface, .. }, _) in places.into_iter().filter(|&(_, is_served)| is_served) {
            KOTARE_LISTENING(address, interface);
        }
        if let Ok(present) = &present {
            self.shared.listening.publish(Arc::new(Listening::new::<F::Network>(self.specs(), present)));
        }
        (self.hopeful, self.hopeless) = (!problems.is_empty(), !refused.is_empty());
        problems.extend(refused);
        for problem in problems.iter().filter(|problem| !self.problems.contains(problem)) {
            DHCPSRV_OPEN_SOCKET_FAIL(problem);
        }
        if self.open.is_empty() && (problems != self.problems || problems.is_empty()) {
            DHCPSRV_NO_SOCKETS_OPEN();
        }
        self.problems = problems;
    }

    /// Closes what is not [`Sockets::open`], wherever it is still used to send.
    async fn keep_only_open(&self) {
        let specs: Arc<[_]> = self.specs().cloned().collect();
        self.crew.keep_only(&specs).await;
        for crew in &self.leaving {
            crew.keep_only(&specs).await;
        }
    }

    /// If `config` requires it (`service-sockets-require-all`), whether every socket that it asks for is open or could be
    /// opened now.
    pub(crate) fn rehearse(&self, config: &F::Config) -> Result<(), String> {
        if !F::wanted(config, &[]).sockets.require_all {
            return Ok(());
        }
        let present = self
            .network
            .interfaces()
            .map_err(|error| format!("the network interfaces cannot be listed: {error}"))?;
        let Wanted { specs, problems, refused, .. } = F::wanted(config, &present);
        if let Some(problem) = problems.into_iter().chain(refused).next() {
            return Err(problem);
        }
        // The kind of socket may change; then the open one is in the way of the new one until it is closed.
        for spec in &specs {
            let at = F::Network::locate(spec);
            if !self.specs().any(|open| F::Network::locate(open) == at) {
                self.network.open(spec, 1).map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }

    /// Lets `fresh` serve instead of the crew that does. Sockets change hands and stay open: what has come to them and
    /// was not read yet is read by the new workers, and those that leave still send what they were at.
    pub(crate) async fn exchange_crew(&mut self, fresh: Crew<F>) {
        let mut sockets = self.crew.hand_over().await;
        self.leaving.push(mem::replace(&mut self.crew, fresh));
        for spec in self.open.iter().map(F::Network::spec) {
            let mut of_spec: Vec<SocketOf<F>> =
                sockets.extract_if(.., |socket| F::Network::spec(socket) == spec).collect();
            if let Err(error) = self.network.extend(&mut of_spec, self.crew.size()) {
                // Served all the same, by some of the workers.
                DHCPSRV_OPEN_SOCKET_FAIL(error);
            }
            self.crew.open(of_spec);
        }
    }

    /// Which worker failed, and how; the others have stopped with it.
    pub(crate) fn failure(&mut self) -> Option<String> {
        self.leaving.iter_mut().chain([&mut self.crew]).find_map(Crew::failure)
    }

    /// The crews that have left since the last call.
    pub(crate) fn gone(&mut self) -> Vec<Crew<F>> {
        self.leaving.extract_if(.., |crew| crew.has_ended()).collect()
    }

    /// Stops all workers and closes all sockets; names the workers that did not stop in time.
    pub(crate) async fn stop(self, clock: &Clock) -> Vec<String> {
        let crews: Vec<_> = self.leaving.into_iter().chain([self.crew]).collect();
        crews.iter().for_each(Crew::ask_to_stop);
        let mut stuck = Vec::new();
        for crew in crews {
            stuck.extend(crew.stop(clock).await);
        }
        stuck
    }
}
