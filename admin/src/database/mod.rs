//! What is done with databases.

mod carry;
mod place;
mod tables;
mod tls;

use kotare_model::{Lease4, Lease6};
use kotare_store_sql::{Access, Connection, Engine, SqlError, Tls, TlsMode};

use crate::Done;
use crate::args::{Command, Protocol, Task};

/// Does what a task asks for.
pub(crate) fn run(task: &Task, engine: Engine) -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot ask a database: {error}"))?;
    runtime.block_on(async {
        let access = place::access(task, engine)?;
        let opened = open(&access).await;
        let mut connection = opened.map_err(|error| format!("cannot connect to {access}: {error}"))?;
        let done = with(task, &mut connection).await;
        connection.close().await;
        done
    })
}

/// Connects. TLS that is only preferred, and does not come about, is done without.
async fn open(access: &Access) -> Result<Connection, SqlError> {
    match Connection::open(access).await {
        Err(error) if access.tls.mode == TlsMode::Prefer => {
            let plain = Access { tls: Tls::default(), ..access.clone() };
            Connection::open(&plain).await.map_err(|_| error)
        }
        opened => opened,
    }
}

async fn with(task: &Task, connection: &mut Connection) -> Done {
    match (task.command, task.protocol) {
        (Command::DbInit, _) => tables::init(task, connection).await,
        (Command::DbVersion, _) => tables::version(connection).await,
        (Command::DbUpgrade, _) => tables::upgrade(task, connection).await,
        (Command::LeaseDump, Some(Protocol::V6)) => carry::dump::<Lease6>(task, connection).await,
        (Command::LeaseDump, _) => carry::dump::<Lease4>(task, connection).await,
        (Command::LeaseUpload, Some(Protocol::V6)) => carry::upload::<Lease6>(task, connection).await,
        (Command::LeaseUpload, _) => carry::upload::<Lease4>(task, connection).await,
        (Command::StatsRecount, _) => tables::recount(task, connection).await,
        (Command::Check | Command::Repair, _) => Err("this is for lease files".into()),
    }
}
