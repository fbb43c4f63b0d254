//! Prometheus' own judge of a page of metrics.

use std::io::Write;
use std::process::Stdio;

use super::{Host, partner};

/// What `promtool check metrics` finds wrong with a page, nothing if it is good; `None` where there is no `promtool`.
///
/// # Panics
/// If it fails and says nothing.
pub fn promtool_on(host: &Host, page: &str) -> Option<String> {
    let mut check = host.command(partner("promtool")?);
    check.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut check = check.spawn().expect("promtool can be started");
    check.stdin.take().expect("a pipe").write_all(page.as_bytes()).expect("it reads all");
    let output = check.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() || !said.is_empty(), "promtool ended with {}", output.status);
    Some(said)
}
