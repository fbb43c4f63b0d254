//! `kea-shell explain`: what would become of a client's message, and why.
//!
//! The client is described on the command line, or its message is taken from a capture. The server decides; here its
//! answer is asked for and put on paper.
//!
//! - here: the arguments, as those of the command;
//! - `capture`: the DHCP messages in a file;
//! - `page`: the answer as text.

mod capture;
#[cfg(test)]
mod fuzzed;
mod page;

use std::fs::File;
use std::io::{BufReader, Read, stdin};
use std::process::ExitCode;

use kotare_command_line::explain::{Explain, Form};
use kotare_config::json::format::{self, Shape};
use kotare_control::Request;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use self::capture::Clients;
use crate::connection::Connection;
use crate::{print, tell};

/// A protocol: its name, the command, and which messages of a capture are meant.
struct Protocol {
    name: &'static str,
    command: &'static str,
    clients: &'static Clients,
}

const DHCPV4: Protocol = Protocol { name: "DHCPv4", command: "subnet4-explain", clients: &capture::DHCPV4 };
const DHCPV6: Protocol = Protocol { name: "DHCPv6", command: "subnet6-explain", clients: &capture::DHCPV6 };

/// Which protocol the client speaks.
fn protocol(explain: &Explain, services: &[String]) -> Protocol {
    let speaks6 =
        explain.dhcpv6 || explain.duid.is_some() || !explain.ia_na.is_empty() || !explain.ia_pd.is_empty();
    match speaks6 || services == ["dhcp6"] {
        true => DHCPV6,
        false => DHCPV4,
    }
}

/// The longest hexadecimal text that is read from standard input.
const MAX_HEX: u64 = 1 << 20;

/// A message to be explained.
struct Asked {
    /// What it is, where there are several.
    title: Option<String>,
    arguments: Map<String, Value>,
}

/// Has messages explained.
///
/// # Errors
/// If there is nothing to explain, or no answer.
pub(crate) fn run(
    connection: &Connection,
    runtime: &Runtime,
    explain: &Explain,
    services: &[String],
) -> Result<ExitCode, String> {
    let mut code = ExitCode::SUCCESS;
    let protocol = protocol(explain, services);
    for Asked { title, arguments } in asked(explain, &protocol)? {
        let service = (!services.is_empty()).then(|| Value::from(services));
        let request =
            Request { arguments: Some(arguments.into()), service, ..Request::new(protocol.command) };
        let answer = runtime.block_on(connection.send(request))?;
        let answer: Value = serde_json::from_str(&answer)
            .map_err(|error| format!("the server's answer is not JSON: {error}"))?;
        if explain.output == Form::Json {
            print(&format::text(&answer, Shape::Indented));
            continue;
        }
        title.into_iter().for_each(|title| _ = print(&format!("=== {title}\n")));
        let answers = answer.as_array().map_or(std::slice::from_ref(&answer), Vec::as_slice);
        for answer in answers {
            match answer["result"].as_i64() {
                Some(0) => _ = print(&page::of(answer)),
                result => {
                    let result =
                        result.map_or_else(|| "no result".to_owned(), |code| format!("result {code}"));
                    tell(&format!(
                        "The server answers with {result}: {}",
                        answer["text"].as_str().unwrap_or("")
                    ));
                    code = ExitCode::FAILURE;
                }
            }
        }
    }
    Ok(code)
}

/// The messages.
fn asked(explain: &Explain, protocol: &Protocol) -> Result<Vec<Asked>, String> {
    let common = arguments(explain)?;
    let with = |packet: String| {
        let mut arguments = common.clone();
        arguments.insert("packet".to_owned(), packet.into());
        arguments
    };
    if let Some(hex) = &explain.hex {
        let text = if hex == "-" { read_hex(stdin().lock())? } else { hex.clone() };
        return Ok(vec![Asked { title: None, arguments: with(text) }]);
    }
    let Some(path) = &explain.pcap else { return Ok(vec![Asked { title: None, arguments: common }]) };
    let wrong = |why: String| format!("{}: {why}", path.display());
    let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
    let found = capture::read(BufReader::new(file), protocol.clients).map_err(wrong)?;
    found.remarks.iter().for_each(|remark| tell(&wrong(remark.clone())));
    let count = found.messages.len();
    let chosen: Vec<_> = match explain.packet {
        None => found.messages,
        Some(number) => {
            number.checked_sub(1).and_then(|at| found.messages.into_iter().nth(at)).into_iter().collect()
        }
    };
    if chosen.is_empty() {
        let asked = explain.packet.map(|number| format!("there is no message {number}: "));
        return Err(wrong(format!(
            "{}{count} messages of {} clients are in it",
            asked.unwrap_or_default(),
            protocol.name
        )));
    }
    let asked = chosen.into_iter().map(|message| Asked {
        title: Some(format!(
            "message {} of {count} in {} (packet {})",
            message.number,
            path.display(),
            message.packet
        )),
        arguments: with(message.digits()),
    });
    Ok(asked.collect())
}

/// What the command line says of the client.
fn arguments(explain: &Explain) -> Result<Map<String, Value>, String> {
    let texts = [
        ("hw-address", &explain.hw_address),
        ("duid", &explain.duid),
        ("client-id", &explain.client_id),
        ("message-type", &explain.message_type),
        ("requested-address", &explain.requested_address),
        ("server-identifier", &explain.server_identifier),
        ("address", &explain.address),
        ("relay", &explain.relay),
        ("link", &explain.link),
        ("circuit-id", &explain.circuit_id),
        ("interface-id", &explain.interface_id),
        ("remote-id", &explain.remote_id),
        ("subscriber-id", &explain.subscriber_id),
        ("subnet", &explain.subnet),
        ("interface", &explain.interface),
        ("local", &explain.local),
        ("remote", &explain.remote),
    ];
    let texts = texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), text.clone()?.into())));
    let mut arguments: Map<String, Value> = texts.collect();
    // A code is a number.
    let wishes = explain.requested_options.iter().map(|wish| match wish.parse::<u16>() {
        Ok(code) => code.into(),
        Err(_) => Value::from(wish.as_str()),
    });
    let lists = [
        ("requested-options", wishes.collect::<Vec<_>>()),
        ("ia-na", associations(&explain.ia_na, "addresses")?),
        ("ia-pd", associations(&explain.ia_pd, "prefixes")?),
        ("options", explain.option.iter().map(|text| option(text)).collect::<Result<_, _>>()?),
        ("classes", explain.class.iter().map(|name| name.as_str().into()).collect()),
    ];
    arguments.extend(
        lists
            .into_iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(key, list)| (key.to_owned(), list.into())),
    );
    Ok(arguments)
}

/// Reads digits to the end of the input.
fn read_hex(input: impl Read) -> Result<String, String> {
    let mut text = String::new();
    let read = input.take(MAX_HEX + 1).read_to_string(&mut text);
    match read.map_err(|error| format!("cannot read the packet: {error}"))? as u64 {
        ..=MAX_HEX => Ok(text),
        _ => Err(format!("the packet is longer than {MAX_HEX} characters")),
    }
}

/// Associations as the command wants them; `wish` is what is wished in each.
fn associations(texts: &[String], wish: &str) -> Result<Vec<Value>, String> {
    let one = |text: &String| {
        let (iaid, wishes) = text.split_once('=').unwrap_or((text, ""));
        let iaid: u32 =
            iaid.parse().map_err(|_| format!("'{iaid}' is no IAID, which is a number such as 1"))?;
        let wishes: Vec<_> = wishes.split(',').filter(|wish| !wish.is_empty()).collect();
        Ok(json!({"iaid": iaid, wish: wishes}))
    };
    texts.iter().map(one).collect()
}

/// An option as the command wants it.
fn option(text: &str) -> Result<Value, String> {
    let wrong = |why: &str| format!("--option {text}: {why}");
    let (name, value) =
        text.split_once('=').ok_or_else(|| wrong("it is written CODE=VALUE, such as 60=foo"))?;
    let (space, name) = name.split_once('.').map_or((None, name), |(space, name)| (Some(space), name));
    let mut option = Map::new();
    match name.parse::<u16>() {
        Ok(code) => option.insert("code".to_owned(), code.into()),
        Err(_) if name.is_empty() => return Err(wrong("it has neither a code nor a name")),
        Err(_) => option.insert("name".to_owned(), name.into()),
    };
    option.extend(space.map(|space| ("space".to_owned(), json!(space))));
    let (key, value) = match value.strip_prefix("0x") {
        Some(digits) => ("hex", digits),
        None => ("data", value),
    };
    option.insert(key.to_owned(), value.into());
    Ok(option.into())
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use kotare_command_line::shell::{Args, Task};

    use super::*;

    fn explain(line: &str) -> Result<(Args, Explain), String> {
        let mut args = Args::try_parse_from(line.split(' ')).map_err(|error| error.to_string())?;
        match args.task.take() {
            Some(Task::Explain(explain)) => Ok((args, *explain)),
            None => Err("nothing to explain".to_owned()),
        }
    }

    /// A client of DHCPv6 is one by what it has, by the service, or because that is said.
    #[test]
    fn a_client_of_dhcpv6_is_described_by_options() {
        let line = "kea-shell explain --duid 0003 --ia-na 7 --ia-pd 8=::/56,2001:db8::/60 --option 300=0x01 --link 2001:db8::1";
        let (_, explain) = self::explain(line).unwrap();
        let wanted = json!({
            "duid": "0003",
            "ia-na": [{"iaid": 7, "addresses": []}],
            "ia-pd": [{"iaid": 8, "prefixes": ["::/56", "2001:db8::/60"]}],
            "options": [{"code": 300, "hex": "01"}],
            "link": "2001:db8::1",
        });
        assert_eq!(Value::from(arguments(&explain).unwrap()), wanted);
        assert_eq!(protocol(&explain, &[]).name, "DHCPv6");
        let (_, none) = self::explain("kea-shell explain --hw-address 1").unwrap();
        assert_eq!(
            (protocol(&none, &[]).name, protocol(&none, &["dhcp6".to_owned()]).name),
            ("DHCPv4", "DHCPv6")
        );
        let (_, said) = self::explain("kea-shell explain -6 --pcap x").unwrap();
        assert_eq!(protocol(&said, &[]).name, "DHCPv6");
        let (_, wrong) = self::explain("kea-shell explain --ia-na x").unwrap();
        assert!(arguments(&wrong).unwrap_err().contains("no IAID"));
    }

    /// What is written on the command line is what the command takes; where to send it may come before and behind.
    #[test]
    fn a_client_is_described_by_options() {
        let line = "kea-shell --socket /run/x explain --hw-address 02:00:00:00:00:01 --option 60=foo --option \
                    dhcp-agent-options-space.1=0x0102 --option host-name=a=b --requested-options 6,domain-name --class a --class b";
        let (args, explain) = self::explain(&line.replace("  ", "")).unwrap();
        assert!(args.socket.is_some() && args.command.is_none());
        let wanted = json!({
            "hw-address": "02:00:00:00:00:01",
            "requested-options": [6, "domain-name"],
            "options": [
                {"code": 60, "data": "foo"},
                {"code": 1, "space": "dhcp-agent-options-space", "hex": "0102"},
                {"name": "host-name", "data": "a=b"},
            ],
            "classes": ["a", "b"],
        });
        assert_eq!(Value::from(arguments(&explain).unwrap()), wanted);
        let (args, _) =
            self::explain("kea-shell explain --hw-address 1 --socket /run/x --timeout 3").unwrap();
        assert!(args.socket.is_some_and(|path| path.ends_with("x")) && args.timeout == 3);
        for wrong in ["--option 60", "--option =x", "--hex 00 --pcap x", "--packet 1", "--packet x --pcap y"]
        {
            let read = self::explain(&format!("kea-shell explain {wrong}"));
            assert!(read.and_then(|(_, explain)| arguments(&explain)).is_err(), "{wrong}");
        }
    }
}
