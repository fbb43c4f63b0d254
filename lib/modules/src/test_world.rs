//! Servers with modules, from the text of their configuration.

use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_config::v4::{Config4, FILE};
use kotare_config::{Input, read};
use kotare_testkit::World;
use serde_json::{Value as Json, json};
use tokio::runtime::Handle;

use crate::{Environment, Modules4, ServerLink};

/// The server of what is in `Dhcp4`, or what is wrong with it.
pub(crate) fn world(dhcp4: &Json) -> Result<World, Vec<String>> {
    with_modules(dhcp4).map(|(world, _)| world)
}

/// The same with its modules, which do nothing beside its messages.
pub(crate) fn with_modules(dhcp4: &Json) -> Result<(World, Modules4), Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    with_modules_on(dhcp4, runtime.handle())
}

/// The same with modules whose tasks run there.
pub(crate) fn with_modules_on(dhcp4: &Json, runtime: &Handle) -> Result<(World, Modules4), Vec<String>> {
    with_modules_after(dhcp4, runtime, None)
}

/// The same after a configuration with these modules.
pub(crate) fn with_modules_after(
    dhcp4: &Json,
    runtime: &Handle,
    former: Option<&Modules4>,
) -> Result<(World, Modules4), Vec<String>> {
    let written = json!({"Dhcp4": dhcp4});
    let candidate =
        read::<Config4>(Input::Command("config-set", &written), &FILE.with_libraries(crate::SCHEMAS))
            .map_err(|refused| refused.error_lines())?;
    let environment = Environment {
        runtime: runtime.clone(),
        seed: 1,
        server: ServerLink::new(),
        config_databases: Arc::default(),
        places: Arc::new(crate::Anywhere),
        commands: Arc::default(),
    };
    let (config, mut diagnostics) = (candidate.config, Diagnostics::new());
    let modules = Modules4::build(&config, &environment, former, &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(diagnostics.error_lines());
    }
    let mut world = World::new(config);
    world.hook(modules.hooks.clone());
    Ok((world, modules))
}
