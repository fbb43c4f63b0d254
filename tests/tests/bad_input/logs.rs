//! A log that takes no lines.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::Command;

use kotare_tests::world::sandboxed;
use nix::fcntl::OFlag;
use serde_json::json;

use crate::packets::Query;
use crate::scene::Scene;

/// A pipe that nobody reads stops neither packets nor commands, and the server ends in order.
#[test]
fn a_log_that_nobody_reads() {
    sandboxed("logs::a_log_that_nobody_reads", |world| {
        let path = world.path("pipe");
        assert!(Command::new("mkfifo").arg(&path).status().expect("run mkfifo").success());
        let _unread = File::options().read(true).write(true).open(&path).expect("open the pipe");
        let mut scene = Scene::with(
            world,
            json!({"loggers": [{
                "name": "kea-dhcp4",
                "severity": "DEBUG",
                "debuglevel": 99,
                "output-options": [{"output": path}],
            }]}),
        );
        let full = || {
            let mut pipe = File::options()
                .write(true)
                .custom_flags(OFlag::O_NONBLOCK.bits())
                .open(&path)
                .expect("open it");
            pipe.write(&[b'\n'; 4096]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
        };
        while !full() {
            scene.link.ask(&Query::discover(1));
            assert_eq!(scene.server.command("version-get", None)["result"], 0);
        }
        for client in 2..=50 {
            scene.lease(client).expect("clients are served");
        }
        scene.assert_serves();
        assert_eq!(scene.server.command("version-get", None)["result"], 0);
        scene.server.signal("TERM");
        assert!(scene.server.wait(), "the server ends in order");
    });
}
