//! What the commands do.

use kotare_config::json::Value;
use kotare_config::json::format::{self, Shape};
use kotare_control::{Request, Response, ResultCode};
use serde_json::{Map, Value as Json, json};

use super::messages::*;
use super::{ClassCmds, Classed, arguments};
use crate::edit::{self, answer, edit, gone, not_found, value, with_list};

/// The list of classes.
pub(super) const CLASSES: &str = "client-classes";

/// `class-list`.
pub(super) fn list<L: Classed>(module: &ClassCmds<L>) -> Response {
    let Some(server) = module.server.get() else { return gone() };
    let serving = server.serving();
    let classes = classes::<L>(serving.written().root());
    let names: Vec<_> = classes.iter().map(|class| json!({"name": name(class)})).collect();
    let plural = if names.len() == 1 { "" } else { "es" };
    let text = format!("{} class{plural} found", names.len());
    let result = match names.is_empty() {
        true => {
            CLASS_CMDS_CLASS_LIST_EMPTY();
            ResultCode::Empty
        }
        false => {
            CLASS_CMDS_CLASS_LIST();
            ResultCode::Success
        }
    };
    Response { result, ..Response::success(text) }.with(json!({CLASSES: names}))
}

/// `class-get`.
pub(super) fn get<L: Classed>(module: &ClassCmds<L>, request: &Request) -> Response {
    let Some(server) = module.server.get() else { return gone() };
    let serving = server.serving();
    let wanted = match arguments::name(request) {
        Ok(name) => name,
        Err(reason) => {
            CLASS_CMDS_CLASS_GET_FAILED(&reason);
            return Response::error(reason);
        }
    };
    let written = serving.written();
    let shown = find::<L>(written.root(), wanted)
        .and_then(|at| written.shown_item(L::definitions(serving.config()), &[(CLASSES, at)]));
    let Some(class) = shown else {
        CLASS_CMDS_CLASS_GET_EMPTY(wanted);
        return Response::failed(ResultCode::Empty, format!("Class '{wanted}' not found"));
    };
    CLASS_CMDS_CLASS_GET(wanted);
    Response::success(format!("Class '{wanted}' definition returned")).with(json!({CLASSES: [class]}))
}

/// `class-add`.
pub(super) async fn add<L: Classed>(module: &ClassCmds<L>, request: Request) -> Response {
    let done = edit(&module.server, move |root| {
        let (class, name) = arguments::class(&request, L::CLASS)?;
        if find::<L>(root, name).is_some() {
            return Err(format!("Client Class: {name} has already been defined").into());
        }
        let written = value(&request.command, name, class)?;
        Ok((with_list::<L>(root, CLASSES, |classes| classes.push(written)), Done::of(name, class)))
    });
    answer(
        done.await,
        |reason| CLASS_CMDS_CLASS_ADD_FAILED(reason),
        |Done { name, class }| {
            CLASS_CMDS_CLASS_ADD(class);
            Response::success(format!("Class '{name}' added"))
        },
    )
}

/// `class-update`.
pub(super) async fn update<L: Classed>(module: &ClassCmds<L>, request: Request) -> Response {
    let done = edit(&module.server, move |root| {
        let (class, name) = arguments::class(&request, L::CLASS)?;
        let Some(at) = find::<L>(root, name) else {
            CLASS_CMDS_CLASS_UPDATE_EMPTY(name);
            return Err(not_found(format!("Class '{name}' is not found")));
        };
        let mut written = value(&request.command, name, class)?;
        // What makes a class a template stays with it.
        if let Some(template) =
            classes::<L>(root)[at].entry(TEMPLATE).filter(|_| !class.contains_key(TEMPLATE))
        {
            written = written.with(template.clone());
        }
        Ok((with_list::<L>(root, CLASSES, |classes| classes[at] = written), Done::of(name, class)))
    });
    answer(
        done.await,
        |reason| CLASS_CMDS_CLASS_UPDATE_FAILED(reason),
        |Done { name, class }| {
            CLASS_CMDS_CLASS_UPDATE(class);
            Response::success(format!("Class '{name}' updated"))
        },
    )
}

/// `class-del`.
pub(super) async fn delete<L: Classed>(module: &ClassCmds<L>, request: Request) -> Response {
    let Some(server) = module.server.get() else { return gone() };
    let config = server.serving().config().clone();
    let name = edit(&module.server, move |root| {
        let name = arguments::name(&request)?.to_owned();
        let Some(at) = find::<L>(root, &name) else {
            CLASS_CMDS_CLASS_DEL_EMPTY(&name);
            return Err(not_found(format!("Class '{name}' not found")));
        };
        if let Some(other) = L::user_of(&config, &name) {
            return Err(format!("Class '{name}' is used by class '{other}'").into());
        }
        Ok((with_list::<L>(root, CLASSES, |classes| _ = classes.remove(at)), name))
    });
    answer(
        name.await,
        |reason| CLASS_CMDS_CLASS_DEL_FAILED(reason),
        |name| {
            CLASS_CMDS_CLASS_DEL(&name);
            Response::success(format!("Class '{name}' deleted"))
        },
    )
}

const TEMPLATE: &str = "template-test";

/// A class that was changed.
struct Done {
    name: String,
    /// What the command brought, for the log.
    class: String,
}

impl Done {
    fn of(name: &str, class: &Map<String, Json>) -> Self {
        let mut class = Json::Object(class.clone());
        class.sort_all_objects();
        Self { name: name.to_owned(), class: format::text(&class, Shape::Line) }
    }
}

fn classes<L: Classed>(root: &Value) -> &[Value] {
    edit::list::<L>(root, CLASSES)
}

fn name(class: &Value) -> &str {
    class.get("name").and_then(Value::as_str).unwrap_or_default()
}

fn find<L: Classed>(root: &Value, wanted: &str) -> Option<usize> {
    classes::<L>(root).iter().position(|class| name(class) == wanted)
}
