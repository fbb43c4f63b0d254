//! What manual pages say beside the command line.

/// A section of a page.
pub(super) struct Section {
    pub(super) title: &'static str,
    /// Terms, and what each is.
    pub(super) entries: Vec<(String, String)>,
}

/// The sections of the page of a program.
pub(super) fn sections(program: &str) -> Vec<Section> {
    let mut list = Vec::new();
    let mut add = |title, entries: Vec<(String, &str)>| {
        let entries = entries.into_iter().map(|(term, words)| (term, words.to_owned())).collect();
        list.push(Section { title, entries });
    };
    let is_server = kotare_is_server(program);
    if is_server {
        add(
            "SIGNALS",
            terms(&[
                ("SIGHUP", "read the configuration file anew; if it cannot be used, nothing changes"),
                ("SIGTERM, SIGINT", "end, with what was begun ended first"),
            ]),
        );
    }
    let mut files = Vec::new();
    if is_server {
        files.push((
            format!("/etc/kea/{program}.conf"),
            "the configuration that the unit of systemd serves with",
        ));
    }
    files.extend(terms(match program {
        "keactrl" => &[
            ("/etc/kea/keactrl.conf", "which servers there are, and where their files are"),
            ("/run/kea/*.pid", "pid files of servers"),
        ],
        "kea-shell" => &[("/run/kea", "control sockets")],
        "kea-ctrl-agent" => {
            &[("/run/kea", "its pid file, and control sockets of the daemons"), ("/var/log/kea", "log files")]
        }
        "kea-dhcp-ddns" => {
            &[("/run/kea", "its pid file and its control socket"), ("/var/log/kea", "log files")]
        }
        "kea-lfc" | "kea-admin" => &[("/var/lib/kea", "lease files")],
        _ => &[
            ("/var/lib/kea", "lease files"),
            ("/run/kea", "pid files and control sockets"),
            ("/var/log/kea", "log files"),
        ],
    }));
    add("FILES", files);
    if is_server {
        add(
            "ENVIRONMENT",
            terms(&[
                ("KEA_DHCP_DATA_DIR", "the directory of lease files"),
                ("KEA_CONTROL_SOCKET_DIR", "the directory of control sockets"),
                ("KEA_LOG_FILE_DIR", "the directory of log files"),
                ("KEA_PIDFILE_DIR", "the directory of pid files"),
            ]),
        );
    }
    add(
        "EXIT STATUS",
        terms(&[("0", "success"), ("1", "failure, which is told on standard error or in the log")]),
    );
    list
}

/// Whether a program is a server: it has a unit.
fn kotare_is_server(program: &str) -> bool {
    crate::suite::PROGRAMS.iter().any(|row| row.name == program && row.unit.is_some())
}

fn terms(entries: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    entries.iter().map(|(term, words)| ((*term).to_owned(), *words)).collect()
}

/// The other programs.
pub(super) fn see_also(program: &str) -> Vec<&'static str> {
    crate::suite::PROGRAMS.iter().map(|row| row.name).filter(|name| *name != program).collect()
}
