//! A closed-loop load of commands: so many clients, each of which sends the next command when it has the answer.
//!
//! Over HTTP a client keeps its connection; a UNIX socket takes one command a connection. What is printed at the end is
//! one JSON map: commands a second and how long an answer took.
//!
//! With `--bare` it is what stands in the place of a server: what the system alone takes for a command of a connection.

#![expect(clippy::print_stdout, reason = "the result is what is printed")]
#![expect(clippy::disallowed_methods, reason = "a measuring tool reads the clock")]

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::json;

/// Closed-loop load of commands.
#[derive(Parser)]
struct Arguments {
    /// The HTTP control socket.
    #[arg(long, required_unless_present = "unix", conflicts_with = "unix")]
    http: Option<SocketAddr>,
    /// The UNIX control socket.
    #[arg(long)]
    unix: Option<PathBuf>,
    /// Answer at the UNIX control socket, whatever comes, and do nothing else.
    #[arg(long, requires = "unix")]
    bare: bool,
    /// The command.
    #[arg(long, default_value = "version-get")]
    command: String,
    /// How many clients there are.
    #[arg(long, default_value_t = 1)]
    clients: usize,
    /// How long to measure, in seconds.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Unmeasured time before, in seconds.
    #[arg(long, default_value_t = 0.5)]
    warm_up: f64,
}

/// The other end does not answer: longer than the longest command takes.
const PATIENCE: Duration = Duration::from_secs(120);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    if let (true, Some(path)) = (arguments.bare, &arguments.unix) {
        return Ok(answer_all(path)?);
    }
    let begin = Instant::now() + Duration::from_secs_f64(arguments.warm_up);
    let end = begin + Duration::from_secs_f64(arguments.seconds);
    let mut latencies = thread::scope(|scope| {
        let clients: Vec<_> =
            (0..arguments.clients).map(|_| scope.spawn(|| client(&arguments, begin, end))).collect();
        let mut latencies = Vec::new();
        for client in clients {
            latencies.extend(client.join().map_err(|_| io::Error::other("a client panicked"))??);
        }
        Ok::<_, io::Error>(latencies)
    })?;
    latencies.sort_unstable();
    // The last answers may come later than asked for; without them nothing would have been measured of a slow command.
    let seconds = begin.elapsed().as_secs_f64();
    let at = |share: f64| {
        let place = (latencies.len() as f64 * share) as usize;
        latencies.get(place.min(latencies.len().saturating_sub(1))).map(|took| took.as_micros() as u64)
    };
    println!(
        "{}",
        json!({
            "commands": latencies.len(),
            "commands_per_second": latencies.len() as f64 / seconds,
            "p50_us": at(0.5),
            "p99_us": at(0.99),
        })
    );
    Ok(())
}

/// Accepts, reads, writes and closes, one connection after the other.
fn answer_all(path: &Path) -> io::Result<()> {
    let answer = json!({"result": 0, "text": "3.3.1", "arguments": {"extended": "x".repeat(80)}});
    let answer = answer.to_string().replace(':', ": ");
    let listener = UnixListener::bind(path)?;
    println!("ready");
    let mut command = [0; 1024];
    loop {
        let (mut stream, _) = listener.accept()?;
        if stream.read(&mut command)? > 0 {
            stream.write_all(answer.as_bytes())?;
        }
    }
}

/// Sends one command after the other until the end; how long those took that were sent after the beginning.
fn client(arguments: &Arguments, begin: Instant, end: Instant) -> io::Result<Vec<Duration>> {
    let mut command = json!({"command": arguments.command});
    if arguments.http.is_some() {
        // For the server, where an agent is before it.
        command["service"] = json!(["dhcp4"]);
    }
    let text = command.to_string();
    let request = match arguments.http {
        None => text,
        Some(at) => format!(
            "POST / HTTP/1.1\r\nHost: {at}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{text}",
            text.len()
        ),
    };
    let mut kept = arguments.http.map(TcpStream::connect).transpose()?;
    if let Some(stream) = &kept {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
    }
    let mut latencies = Vec::new();
    let mut answer = vec![0; 1 << 20];
    loop {
        let sent = Instant::now();
        if sent >= end {
            return Ok(latencies);
        }
        match (&mut kept, &arguments.unix) {
            (Some(stream), _) => {
                stream.write_all(request.as_bytes())?;
                read_answer(stream, &mut answer)?;
            }
            (None, Some(path)) => {
                let mut stream = UnixStream::connect(path)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.write_all(request.as_bytes())?;
                let mut end = End::default();
                while let count @ 1.. = stream.read(&mut answer)? {
                    end.add(&answer[..count]);
                }
                end.check()?;
            }
            (None, None) => return Err(io::Error::other("no socket is named")),
        }
        // One answer is counted, however long it took.
        let is_only = latencies.is_empty() && Instant::now() >= end;
        if sent >= begin || is_only {
            latencies.push(sent.elapsed());
        }
    }
}

/// The end of an answer, where its result is.
#[derive(Default)]
struct End(Vec<u8>);

impl End {
    fn add(&mut self, bytes: &[u8]) {
        const LENGTH: usize = 1024;
        self.0.extend_from_slice(&bytes[bytes.len().saturating_sub(LENGTH)..]);
        let more = self.0.len().saturating_sub(LENGTH);
        self.0.drain(..more);
    }

    fn check(&self) -> io::Result<()> {
        let text = String::from_utf8_lossy(&self.0);
        match text.contains("\"result\": 0") {
            true => Ok(()),
            false => Err(io::Error::other(format!("the command is answered with …{text}"))),
        }
    }
}

/// Reads one answer, which must be success.
fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<()> {
    let (mut filled, mut whole) = (0, None);
    let (mut total, mut end) = (0, End::default());
    loop {
        let count = match stream.read(&mut buffer[filled..])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => count,
        };
        total += count;
        end.add(&buffer[filled..filled + count]);
        if whole.is_none() {
            filled += count;
            whole = length(&buffer[..filled])?;
            if whole.is_some() {
                // What follows is read over what was.
                filled = 0;
            }
        }
        if whole.is_some_and(|whole| total >= whole) {
            return end.check();
        }
    }
}

/// The length of an answer with its headers, once they are there; those must say success.
fn length(answer: &[u8]) -> io::Result<Option<usize>> {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = String::from_utf8_lossy(&answer[..end]);
    let body = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    match body {
        Some(body) if head.contains(" 200 ") => Ok(Some(end + 4 + body)),
        _ => Err(io::Error::other(format!("the command is answered with {head}"))),
    }
}
