//! Which commands wait for which, and whose table answers: that of the configuration in effect.

mod common;

use std::path::Path;
use std::sync::Arc;

use common::{Fixture, Module, rest, send};
use kotare_control::unix::Limits;
use kotare_control::{
    AT_ONCE, Bound, Command, Commands, Dispatcher, Duplicate, Execute, Request, ResultCode,
};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::task::{JoinHandle, yield_now};

fn sending(path: &Path, command: &'static str) -> JoinHandle<Value> {
    let path = path.to_owned();
    tokio::spawn(async move { send(&path, Request::new(command)).await })
}

/// Exclusive commands run one at a time, in the order they came; the second one waits, its connection does not break.
#[tokio::test]
async fn exclusive_commands_run_one_at_a_time() {
    let (fixture, path) = Fixture::serving(Limits::default());
    let both = [sending(&path, "wait"), sending(&path, "wait")];
    for waiting in both {
        fixture.server.go.notify_one();
        assert_eq!(waiting.await.unwrap(), json!({"result": 0, "text": "0 others"}));
    }
}

/// Commands that are not exclusive wait for nobody.
#[tokio::test]
async fn other_commands_do_not_wait() {
    let (fixture, path) = Fixture::serving(Limits::default());
    let waiting = sending(&path, "wait");
    while fixture.server.running() == 0 {
        yield_now().await;
    }
    assert_eq!(send(&path, Request::new("version-get")).await["text"], "3.2.0");
    fixture.server.go.notify_one();
    assert_eq!(waiting.await.unwrap()["result"], 0);
}

/// So many of them run at the same time; one more waits for one of them, and for no exclusive command.
#[tokio::test]
async fn not_all_run_at_once() {
    let fixture = Fixture::new(Limits::default());
    let dispatcher = Dispatcher::new(&fixture.server);
    let execute = |command| tokio::spawn(dispatcher.clone().execute(Request::new(command)));
    let exclusive = [execute("wait"), execute("wait")];
    let beside: Vec<_> = (0..AT_ONCE + 3).map(|_| execute("wait-beside")).collect();
    let all = AT_ONCE as u32 + 1;
    while fixture.server.running() < all {
        yield_now().await;
    }
    for _ in 0..100 {
        yield_now().await;
    }
    assert_eq!(fixture.server.running(), all);
    for waiting in exclusive.into_iter().chain(beside) {
        while !waiting.is_finished() {
            fixture.server.go.notify_one();
            yield_now().await;
        }
        assert_eq!(waiting.await.unwrap().result, ResultCode::Success);
    }
}

/// What came where clients are to be answered quickly does not wait for what came elsewhere; nor are there more of such.
#[tokio::test]
async fn quick_commands_have_turns_of_their_own() {
    let fixture = Fixture::new(Limits::default());
    let dispatcher = Dispatcher::new(&fixture.server);
    let execute = |command, is_quick| {
        let request = Request { is_quick, ..Request::new(command) };
        tokio::spawn(dispatcher.clone().execute(request))
    };
    let _beside: Vec<_> = (0..AT_ONCE + 1).map(|_| execute("wait-beside", false)).collect();
    while fixture.server.running() < AT_ONCE as u32 {
        yield_now().await;
    }
    assert_eq!(execute("version-get", true).await.unwrap().text, "3.2.0");
    let _quick: Vec<_> = (0..AT_ONCE + 1).map(|_| execute("wait-beside", true)).collect();
    for _ in 0..1000 {
        yield_now().await;
    }
    assert_eq!(fixture.server.running(), 2 * AT_ONCE as u32);
}

/// A command that keeps its thread busy keeps no other from being answered, even where one thread serves all.
#[tokio::test]
async fn blocking_commands_block_nothing_else() {
    let (fixture, path) = Fixture::serving(Limits::default());
    let locked = sending(&path, "lock");
    while fixture.server.running() == 0 {
        yield_now().await;
    }
    assert_eq!(send(&path, Request::new("unlock")).await["result"], 0);
    assert_eq!(locked.await.unwrap(), json!({"result": 0, "text": "unlocked"}));
}

/// A bug in one command is answered as an error, and the next command is served; the server hears of it.
#[tokio::test]
async fn a_bug_in_a_command_stays_there() {
    let (fixture, path) = Fixture::serving(Limits::default());
    for bug in ["bug", "blocking-bug"] {
        let answer = send(&path, Request::new(bug)).await;
        assert_eq!(answer, json!({"result": 1, "text": "internal server error: no response generated"}));
    }
    assert_eq!(send(&path, Request::new("version-get")).await["text"], "3.2.0");
    assert_eq!(send(&path, Request::new("wreck")).await["result"], 5);
    assert_eq!(fixture.server.fatal(), 3);
}

/// A client that is connected when the configuration changes is answered by the commands of the new one.
#[tokio::test]
async fn commands_are_those_of_the_configuration_in_effect() {
    let (fixture, path) = Fixture::serving(Limits::default());
    let mut early = UnixStream::connect(&path).await.unwrap();
    assert_eq!(send(&path, Request::new("module-get")).await["result"], 2);

    let former = Arc::new(Module(1));
    fixture.server.configure(std::slice::from_ref(&former));
    early.write_all(br#"{"command":"module-get"}"#).await.unwrap();
    assert_eq!(rest(&mut early).await, r#"{ "arguments": 1, "result": 0 }"#);
    let list = send(&path, Request::new("list-commands")).await;
    assert!(list["arguments"].as_array().unwrap().contains(&json!("module-get")));

    fixture.server.configure(&[Arc::new(Module(2))]);
    assert_eq!(send(&path, Request::new("module-get")).await["arguments"], 2);
    // Nothing but the test knows the former module any more.
    assert_eq!(Arc::strong_count(&former), 1);
}

/// An exclusive command that waited for a change of the configuration is judged by the new one.
#[tokio::test]
async fn who_waited_sees_the_new_commands() {
    let fixture = Fixture::new(Limits::default());
    fixture.server.configure(&[Arc::new(Module(1))]);
    let dispatcher = Dispatcher::new(&fixture.server);
    let execute = |command| dispatcher.clone().execute(Request::new(command));
    fixture.server.go.notify_one();
    let (waited, removed, late) =
        tokio::join!(execute("wait"), execute("module-remove"), execute("module-clear"));
    assert_eq!((waited.text.as_str(), removed.text.as_str()), ("0 others", "removed"));
    assert_eq!(late.result, ResultCode::Unsupported);
}

/// What is left of the sockets when the server is gone says so.
#[tokio::test]
async fn a_server_that_is_gone_answers_nothing_else() {
    let (fixture, path) = Fixture::serving(Limits::default());
    let Fixture { server, sockets: _sockets, directory: _directory } = fixture;
    drop(server);
    let answer = send(&path, Request::new("version-get")).await;
    assert_eq!(answer, json!({"result": 1, "text": "the server is about to end"}));
}

/// Two providers of one command are an error of the configuration.
#[test]
fn a_name_is_provided_once() {
    const TABLE: &[Command<Module>] = &[common::command("list-commands", |_, _| unreachable!())];
    let twice = Commands::<Module>::new().join(Bound::new(TABLE, &Arc::new(Module(0))));
    assert_eq!(twice.unwrap_err(), Duplicate("list-commands"));
}
