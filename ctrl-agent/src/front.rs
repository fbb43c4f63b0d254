//! Whose command it is: the agent's own, or one for daemons.

use std::iter::repeat_n;
use std::sync::{Arc, Weak};

use kotare_config::json::format::{self, Shape};
use kotare_control::messages::{COMMAND_PROCESS_ERROR2, COMMAND_RECEIVED};
use kotare_control::{
    Denied, Dispatcher, Execute, HasCommands, Reply, Request, Response, ResultCode, Text, aside, rendered,
    shortened,
};
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::forward::{Target, unknown};
use crate::messages::*;

/// How many daemons a command may name: more than there are, as one may be named again.
const MOST: usize = 16;

/// What is added where the agent has no such command: who sent it may have meant a daemon.
const WITHOUT_SERVICE: &str = " You did not include \"service\" parameter in the command, which indicates that Kea \
    Control Agent should process this command rather than forward it to one or more Kea servers. If you aimed to send \
    this command to one of the Kea servers you should include the \"service\" parameter in your request, e.g. \
    \"service\": [ \"dhcp4\" ] to forward the command to the DHCPv4 server, or \"service\": [ \"dhcp4\", \"dhcp6\", \
    \"d2\" ] to forward it to DHCPv4, DHCPv6 and D2 servers etc.";

/// Takes commands.
#[derive(Debug)]
pub(crate) struct Front {
    /// The agent owns the listener and that owns this.
    agent: Weak<Agent>,
    own: Arc<Dispatcher<Agent>>,
}

impl Front {
    pub(crate) fn new(agent: &Arc<Agent>) -> Arc<Self> {
        Arc::new(Self { agent: Arc::downgrade(agent), own: Dispatcher::new(agent) })
    }

    /// The answers of these daemons in this order, as one list. They are asked at the same time, so that one that hangs
    /// keeps none of the others.
    async fn forwarded(self: Arc<Self>, request: Request, services: Vec<String>) -> String {
        COMMAND_RECEIVED(shortened(&request.command));
        received(&request);
        let count = services.len();
        let asked: Vec<_> = services
            .into_iter()
            .zip(repeat_n(request, count))
            .map(|(service, request)| tokio::spawn(self.clone().ask(service, request)))
            .collect();
        let mut answers = Vec::new();
        for answer in asked {
            answers.push(answer.await.unwrap_or_else(|error| {
                COMMAND_PROCESS_ERROR2(format_args!("a command did not end: {error}"));
                Response::error("internal server error: no response generated").into_text()
            }));
        }
        format!("[ {} ]", answers.join(", "))
    }

    /// The answer of one daemon, or the error that there is none.
    async fn ask(self: Arc<Self>, service: String, request: Request) -> String {
        let target = self.agent.upgrade().and_then(|agent| agent.target(&service));
        let Some(target) = target else {
            let refusal = unknown(&shortened(&service));
            CTRL_AGENT_COMMAND_FORWARD_FAILED(shortened(&request.command), &refusal.text);
            return refusal.into_text();
        };
        let asked = request.clone();
        match pass_on(&target, &service, request).await {
            Ok(answer) => self.told(asked, answer),
            Err(reason) => Response::error(reason).into_text(),
        }
    }

    /// What a client is told of a daemon's answer.
    fn told(&self, asked: Request, answer: String) -> String {
        match self.agent.upgrade() {
            Some(agent) => agent.commands().told(&asked, answer),
            None => answer,
        }
    }
}

async fn pass_on(target: &Target, service: &str, request: Request) -> Result<String, String> {
    let (name, client) = (shortened(&request.command), client(&request).to_owned());
    CTRL_AGENT_COMMAND_FORWARD_BEGIN(&name, service);
    let request = Request { service: Some(json!([service])), ..request };
    // As long as a configuration, maybe.
    let text = aside(move || format::text(&request.into_json(), Shape::Line)).await;
    match target.forward(text).await {
        Ok(answer) => {
            CTRL_AGENT_COMMAND_FORWARDED(name, service, client);
            Ok(answer)
        }
        Err(reason) => {
            CTRL_AGENT_COMMAND_FORWARD_FAILED(name, &reason);
            Err(reason)
        }
    }
}

impl Execute for Front {
    /// Answers one of the agent's own commands.
    fn execute(self: Arc<Self>, request: Request) -> Reply<'static> {
        Box::pin(async move {
            received(&request);
            let mut response = self.own.clone().execute(request).await;
            if response.result == ResultCode::Unsupported {
                response.text.push_str(WITHOUT_SERVICE);
            }
            response
        })
    }

    fn judge(&self, request: &Request) -> Result<(), Denied> {
        self.own.judge(request)
    }

    fn answer(self: Arc<Self>, request: Request) -> Text {
        match services(&request) {
            Ok(services) if services.is_empty() => rendered(self.execute(request)),
            Ok(services) => Box::pin(self.forwarded(request, services)),
            Err(reason) => rendered(Box::pin(async { Response::error(reason) })),
        }
    }
}

/// The daemons that a command names.
fn services(request: &Request) -> Result<Vec<String>, String> {
    match &request.service {
        None => Ok(Vec::new()),
        Some(Value::Array(list)) if list.len() > MOST => {
            Err(format!("service value has {} items, more than {MOST}", list.len()))
        }
        Some(Value::Array(list)) => {
            let names = list.iter().map(|name| name.as_str().map(str::to_owned));
            names.collect::<Option<_>>().ok_or_else(|| {
                "Error during command processing: stringValue() called on non-string Element".to_owned()
            })
        }
        Some(_) => Err("service value must be a list".to_owned()),
    }
}

fn received(request: &Request) {
    CTRL_AGENT_COMMAND_RECEIVED(shortened(&request.command), client(request));
}

fn client(request: &Request) -> &str {
    request.remote.as_deref().unwrap_or("(unknown)")
}
