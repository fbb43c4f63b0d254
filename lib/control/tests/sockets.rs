//! The sockets' files, and their replacement while the server runs.

mod common;

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::time::Duration;

use common::{Fixture, rest, send};
use kotare_control::Request;
use kotare_control::unix::{Limits, SocketConfig};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Owner and group may connect unless the configuration says otherwise, whatever the process's umask.
#[tokio::test]
async fn the_socket_has_the_permissions_asked_for() {
    let (fixture, path) = Fixture::serving(Limits::default());
    assert!(fs::metadata(&path).unwrap().file_type().is_socket());
    assert_eq!(mode(&path), 0o770);
    assert_eq!(mode(&fixture.path("s.lock")), 0o600);
    let other = SocketConfig { path: fixture.path("t"), mode: 0o622 };
    fixture.serve(&[SocketConfig { path: path.clone(), mode: 0o700 }, other]);
    assert_eq!((mode(&path), mode(&fixture.path("t"))), (0o700, 0o622));
}

/// A socket and a lock file that a dead server left are no obstacle.
#[tokio::test]
async fn what_a_dead_server_left_is_replaced() {
    let fixture = Fixture::new(Limits::default());
    let path = fixture.path("s");
    drop(UnixListener::bind(&path).unwrap());
    fs::write(fixture.path("s.lock"), "").unwrap();
    fixture.serve(&[SocketConfig::new(&path)]);
    assert_eq!(send(&path, Request::new("version-get")).await["text"], "3.2.0");
}

/// A socket that another server serves is left alone.
#[tokio::test]
async fn a_living_servers_socket_is_left_alone() {
    let (fixture, path) = Fixture::serving(Limits::default());
    let second = Fixture::new(Limits::default());
    let error = second.sockets.prepare(&[SocketConfig::new(&path)]).err().unwrap().to_string();
    assert!(
        error.starts_with(&format!("cannot open control socket '{}': another process", path.display())),
        "{error}"
    );
    assert_eq!(send(&path, Request::new("version-get")).await["text"], "3.2.0");
    drop(fixture);
}

/// Closing removes the socket and its lock.
#[tokio::test]
async fn closing_removes_the_files() {
    let (fixture, _) = Fixture::serving(Limits::default());
    fixture.sockets.close(Duration::from_secs(5)).await;
    assert_eq!(fs::read_dir(fixture.directory.path()).unwrap().count(), 0);
}

/// Closing waits for the answer of a command under way, such as `shutdown` itself, and for nobody else.
#[tokio::test]
async fn closing_waits_for_answers() {
    let (fixture, path) = Fixture::serving(Limits::default());
    let mut silent = UnixStream::connect(&path).await.unwrap();
    let waiting = tokio::spawn({
        let path = path.clone();
        async move { send(&path, Request::new("wait")).await }
    });
    while fixture.server.running() == 0 {
        tokio::task::yield_now().await;
    }
    fixture.server.go.notify_one();
    fixture.sockets.close(Duration::from_secs(60)).await;
    assert_eq!(waiting.await.unwrap()["result"], 0);
    assert_eq!(rest(&mut silent).await, "");
}

/// Every error names the path, what is wrong and, where it is not plain, what to do.
#[tokio::test]
async fn errors_name_path_and_reason() {
    let fixture = Fixture::new(Limits::default());
    let file = fixture.path("file");
    fs::write(&file, "leases").unwrap();
    let link = fixture.path("link");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    fs::create_dir(fixture.path("folder")).unwrap();
    let long = fixture.path(&"x".repeat(120));
    for (path, reason) in [
        (fixture.path("none/s"), "No such file or directory"),
        (file.join("s"), "Not a directory"),
        (fixture.path("folder"), "what is there already is no socket and is left alone"),
        (file.clone(), "what is there already is no socket and is left alone; choose another socket-name"),
        (link, "what is there already is no socket"),
        ("/".into(), "does not end in a file name"),
        (long, "bytes, 107 at most are possible; choose a shorter one"),
    ] {
        let error = fixture.sockets.prepare(&[SocketConfig::new(&path)]).err().unwrap().to_string();
        assert!(error.starts_with(&format!("cannot open control socket '{}': ", path.display())), "{error}");
        assert!(error.contains(reason), "{error}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "leases");
    assert!(fixture.path("link").is_symlink() && fixture.path("folder").exists());
    assert!(!fixture.path("file.lock").exists());
    assert!(!fixture.path("folder.lock").exists());
    let twice = [SocketConfig::new(fixture.path("s")), SocketConfig::new(fixture.path("./s"))];
    assert!(fixture.sockets.prepare(&twice).err().unwrap().to_string().contains("configured twice"));
    assert!(!fixture.path("s").exists());
}

/// A path of exactly the length that fits is used.
#[tokio::test]
async fn the_longest_path_is_used() {
    let fixture = Fixture::new(Limits::default());
    let room = 107 - fixture.directory.path().as_os_str().len() - 1;
    let path = fixture.path(&"x".repeat(room));
    fixture.serve(&[SocketConfig::new(&path)]);
    assert_eq!(send(&path, Request::new("version-get")).await["text"], "3.2.0");
}

/// New sockets open, those that stay are the same socket still, those that are gone are closed; a command that runs
/// meanwhile is answered over the socket that is gone.
#[tokio::test]
async fn sockets_are_replaced_while_serving() {
    let (fixture, gone) = Fixture::serving(Limits::default());
    let (stays, new) = (fixture.path("stays"), fixture.path("new"));
    fixture.serve(&[SocketConfig::new(&gone), SocketConfig::new(&stays)]);
    let mut connected = UnixStream::connect(&stays).await.unwrap();
    let waiting = tokio::spawn({
        let gone = gone.clone();
        async move { send(&gone, Request::new("wait")).await }
    });
    while fixture.server.running() == 0 {
        tokio::task::yield_now().await;
    }

    let prepared = fixture.sockets.prepare(&[SocketConfig::new(&stays), SocketConfig::new(&new)]).unwrap();
    // Who connects before it answers is served once it does.
    let mut early = UnixStream::connect(&new).await.unwrap();
    early.write_all(br#"{"command":"version-get"}"#).await.unwrap();
    fixture.sockets.publish(prepared);
    assert!(!gone.exists() && !fixture.path("s.lock").exists());
    assert_eq!(fixture.sockets.paths().len(), 2);

    fixture.server.go.notify_one();
    assert_eq!(waiting.await.unwrap(), json!({"result": 0, "text": "0 others"}));
    assert_eq!(rest(&mut early).await, r#"{ "result": 0, "text": "3.2.0" }"#);
    connected.write_all(br#"{"command":"version-get"}"#).await.unwrap();
    assert_eq!(rest(&mut connected).await, r#"{ "result": 0, "text": "3.2.0" }"#);
}

/// A replacement that fails or is given up leaves everything as it was.
#[tokio::test]
async fn an_abandoned_replacement_changes_nothing() {
    let (fixture, path) = Fixture::serving(Limits::default());
    let new = fixture.path("new");
    drop(fixture.sockets.prepare(&[SocketConfig::new(&new)]).unwrap());
    assert!(!new.exists() && !fixture.path("new.lock").exists());
    let bad = [SocketConfig::new(&new), SocketConfig::new(fixture.path("none/s"))];
    assert!(fixture.sockets.prepare(&bad).is_err());
    assert!(!new.exists());
    assert_eq!(send(&path, Request::new("version-get")).await["text"], "3.2.0");
}
