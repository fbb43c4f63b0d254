//! What the leases of DHCP servers want of the DNS.

use std::net::IpAddr;
use std::time::Duration;

use kotare_control::client::send;
use kotare_control::{Request, ResultCode};
use kotare_ddns::{ChangeRequest, Ranges};
use kotare_process::Way;
use serde_json::{Value as Json, json};

/// So many leases with names are compared with zones.
const MOST: usize = 2_000_000;

/// How many leases a server looks at at a time.
const PAGE: usize = 4096;

/// What a server is asked.
const COMMAND: &str = "ddns-names-get-page";

/// A DHCP server.
#[derive(Debug)]
pub(crate) struct DhcpServer {
    pub(crate) way: Way,
    /// How long an answer may take.
    pub(crate) patience: Duration,
}

/// What leases want, and the subnets that they are in.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) requests: Vec<ChangeRequest>,
    pub(super) subnets: Ranges,
}

/// What the leases of all servers want.
///
/// # Errors
/// Why one does not say.
pub(super) async fn wanted(servers: &[DhcpServer]) -> Result<Wanted, String> {
    let mut wanted = Wanted::default();
    for server in servers {
        let read = read(server, &mut wanted).await;
        read.map_err(|reason| {
            format!("the DHCP server at {} does not say what its leases want: {reason}", server.name())
        })?;
    }
    Ok(wanted)
}

async fn read(server: &DhcpServer, wanted: &mut Wanted) -> Result<(), String> {
    let mut from: Option<IpAddr> = None;
    loop {
        let start = from.map_or_else(|| "start".to_owned(), |from| from.to_string());
        let page = server.ask(json!({"from": start, "limit": PAGE})).await?;
        if from.is_none() {
            let subnets = page["subnets"].as_array().ok_or("there are no subnets in its answer")?;
            for subnet in subnets {
                let text = subnet.as_str().unwrap_or_default();
                let parts = text
                    .split_once('/')
                    .and_then(|(address, length)| Some((address.parse().ok()?, length.parse().ok()?)));
                let (address, length) = parts.ok_or_else(|| format!("'{text}' is no subnet"))?;
                wanted.subnets.add(address, length);
            }
        }
        for request in page["requests"].as_array().ok_or("there are no requests in its answer")? {
            let request = ChangeRequest::from_json(request.to_string().as_bytes());
            wanted.requests.push(request.map_err(|error| error.to_string())?);
        }
        if wanted.requests.len() > MOST {
            return Err(format!("there are more than {MOST} leases with names"));
        }
        let Some(next) = page["next"].as_str() else { return Ok(()) };
        let next: IpAddr = next.parse().map_err(|_| format!("'{next}' is no address"))?;
        if from.is_some_and(|from| next <= from) {
            return Err("its pages do not go on".to_owned());
        }
        from = Some(next);
    }
}

impl DhcpServer {
    fn name(&self) -> String {
        match &self.way {
            Way::Unix(path) => path.display().to_string(),
            Way::Http(peer) => peer.to_string(),
        }
    }

    /// The arguments of its answer to the command.
    async fn ask(&self, arguments: Json) -> Result<Json, String> {
        let request = Request::new(COMMAND).with(arguments);
        let mut answer = match &self.way {
            Way::Unix(path) => send(path, request, self.patience).await.map_err(|error| error.to_string())?,
            Way::Http(peer) => {
                let body = request.into_json().to_string();
                let answer = tokio::time::timeout(self.patience, peer.send(body.into())).await;
                let answer = answer.map_err(|_| "it did not answer in time")?;
                let answer = answer.map_err(|error| error.to_string())?;
                let mut list: Vec<Json> =
                    serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
                list.pop().ok_or("its answer is empty")?
            }
        };
        if answer["result"] != ResultCode::Success as u64 {
            return Err(answer["text"].as_str().unwrap_or("it refuses").to_owned());
        }
        Ok(answer["arguments"].take())
    }
}
