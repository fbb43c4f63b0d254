//! What is to be set, judged as a configuration with it would be: by the tables and checks of a file.

use kotare_config::json::Diagnostics;
use kotare_config::schema::File;
use kotare_config::v4::{self, Config4};
use kotare_config::v6::{self, Config6};
use kotare_config::{Candidate, Input, read};
use kotare_control::Command;
use kotare_model::{Lease4, Lease6};
use kotare_options::Definitions;
use kotare_store_sql::objects::{DependsOn, Protocol};
use serde_json::{Map, Value as Json, json};

use super::{COMMANDS4, COMMANDS6, CbCmds};
use crate::networked::Networked;
use crate::tree::NETWORKS;

/// A family whose configuration can be in databases. There are two of them.
pub(super) trait Remoted: Networked {
    /// The commands of its servers.
    const COMMANDS: &[Command<CbCmds<Self>>];
    /// Its tables in databases.
    const TABLES: Protocol;
    /// The form of its files.
    const FILE: File;

    /// The options that a configuration knows.
    fn definitions(config: &Self::Config) -> &Definitions;

    /// Which of these classes the class `name` depends on.
    fn depends_on(config: &Self::Config, name: &str, among: &[String]) -> Vec<String>;
}

/// Whether it is that of DHCPv4.
pub(super) fn is_v4<L: Remoted>() -> bool {
    matches!(L::TABLES, Protocol::V4)
}

macro_rules! of_configuration {
    ($config:ty) => {
        fn definitions(config: &$config) -> &Definitions {
            &config.definitions
        }

        fn depends_on(config: &$config, name: &str, among: &[String]) -> Vec<String> {
            let classes = &config.classes;
            let Some((_, class)) = classes.iter().find(|(_, class)| &*class.name == name) else {
                return Vec::new();
            };
            let depends =
                |other: &&String| classes.id(other).is_some_and(|id| class.depends_on.contains(&id));
            among.iter().filter(depends).cloned().collect()
        }
    };
}

impl Remoted for Lease4 {
    const COMMANDS: &[Command<CbCmds<Self>>] = COMMANDS4;
    const TABLES: Protocol = Protocol::V4;
    const FILE: File = v4::FILE;

    of_configuration!(Config4);
}

impl Remoted for Lease6 {
    const COMMANDS: &[Command<CbCmds<Self>>] = COMMANDS6;
    const TABLES: Protocol = Protocol::V6;
    const FILE: File = v6::FILE;

    of_configuration!(Config6);
}

/// What of a configuration is around something that is set.
#[derive(Debug, Default)]
pub(super) struct Around {
    /// Definitions of options in the database.
    pub(super) definitions: Vec<Map<String, Json>>,
    /// Classes in the database, in order.
    pub(super) classes: Vec<Map<String, Json>>,
}

/// A configuration of nothing but what is set and what that needs.
pub(super) struct Judged<L: Remoted> {
    candidate: Candidate<L::Config>,
    shown: Json,
}

impl<L: Remoted> Judged<L> {
    /// Judges what `map` says at the top of a configuration.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub(super) fn of(command: &str, around: &Around, map: Map<String, Json>) -> Result<Self, String> {
        Self::read(command, around, map).map_err(|refused| refused.error_lines().join("\n"))
    }

    /// The same, of global parameters.
    ///
    /// # Errors
    /// The name of one that there is not, or all that is wrong with them.
    pub(super) fn of_globals(command: &str, map: Map<String, Json>) -> Result<(), String> {
        let unknown = |refused: &Diagnostics| {
            let unknown = refused.errors().find(|error| error.message.starts_with("unknown keyword "))?;
            let (_, name) = unknown.path.split_once('/')?;
            Some(format!("unknown parameter '{}'", name.replace('/', ".")))
        };
        let read = Self::read(command, &Around::default(), map);
        read.map(drop)
            .map_err(|refused| unknown(&refused).unwrap_or_else(|| refused.error_lines().join("\n")))
    }

    fn read(command: &str, around: &Around, mut map: Map<String, Json>) -> Result<Self, Diagnostics> {
        let mut definitions: Vec<Json> = plain(&around.definitions);
        if let Some(Json::Array(own)) = map.get("option-def") {
            let key = |it: &Json| {
                (it.get("code").cloned(), it.get("space").cloned().unwrap_or_else(|| json!(L::SPACE)))
            };
            definitions.retain(|it| !own.iter().any(|own| key(own) == key(it)));
            definitions.splice(0..0, own.iter().cloned());
        }
        map.insert("option-def".to_owned(), Json::Array(definitions));
        map.entry("client-classes").or_insert_with(|| Json::Array(plain(&around.classes)));
        let written = json!({ (L::MAP): map });
        let file = L::FILE.with_libraries(crate::SCHEMAS);
        let candidate = read::<L::Config>(Input::Command(command, &written), &file)?;
        let mut shown = candidate.written.shown(L::definitions(&candidate.config));
        let shown = shown.get_mut(L::MAP).map(Json::take).unwrap_or_default();
        Ok(Self { candidate, shown })
    }

    pub(super) fn config(&self) -> &L::Config {
        &self.candidate.config
    }

    /// The first item of a list as `config-get` shows it.
    fn first(&self, keyword: &str) -> Json {
        self.shown.get(keyword).and_then(|list| list.get(0)).cloned().unwrap_or_default()
    }

    /// The definition that was judged.
    pub(super) fn definition(&self) -> Map<String, Json> {
        self.first("option-def").as_object().cloned().unwrap_or_default()
    }

    /// The option that was judged, in a shared network.
    pub(super) fn option(&self) -> Map<String, Json> {
        let network = self.first(NETWORKS);
        network["option-data"][0].as_object().cloned().unwrap_or_default()
    }

    /// The global option that was judged.
    pub(super) fn global_option(&self) -> Map<String, Json> {
        self.first("option-data").as_object().cloned().unwrap_or_default()
    }

    /// What is written, with options as `config-get` shows them: by code, with a text that can be read by it alone.
    pub(super) fn with_options(written: &Map<String, Json>, shown: &Json) -> Map<String, Json> {
        let mut map = written.clone();
        for keyword in ["option-data", "option-def"] {
            if let (Some(place), Some(options)) = (map.get_mut(keyword), shown.get(keyword)) {
                *place = options.clone();
            }
        }
        for keyword in ["pools", "pd-pools"] {
            let Some(Json::Array(pools)) = map.get_mut(keyword) else { continue };
            for (at, pool) in pools.iter_mut().enumerate() {
                let shown = &shown[keyword][at];
                if let Some(pool) = pool.as_object_mut() {
                    *pool = Self::with_options(pool, shown);
                }
            }
        }
        map
    }

    /// A subnet that was judged.
    pub(super) fn subnet(&self, written: &Map<String, Json>, network: bool) -> Map<String, Json> {
        let subnet = match network {
            true => self.first(NETWORKS)[L::SUBNETS][0].clone(),
            false => self.first(L::SUBNETS),
        };
        Self::with_options(written, &subnet)
    }

    /// A shared network that was judged.
    pub(super) fn network(&self, written: &Map<String, Json>) -> Map<String, Json> {
        Self::with_options(written, &self.first(NETWORKS))
    }

    /// A class that was judged, and what it depends on.
    pub(super) fn class(
        &self,
        written: &Map<String, Json>,
        name: &str,
        among: &[String],
    ) -> (Map<String, Json>, DependsOn) {
        let shown = self.shown.get("client-classes").and_then(Json::as_array);
        let shown = shown.and_then(|classes| classes.iter().find(|class| class["name"] == name)).cloned();
        let known = L::depends_on(self.config(), name, &["KNOWN".to_owned(), "UNKNOWN".to_owned()]);
        let depends_on =
            DependsOn { known: !known.is_empty(), classes: L::depends_on(self.config(), name, among) };
        (Self::with_options(written, &shown.unwrap_or_default()), depends_on)
    }
}

/// Maps as they would be written.
pub(super) fn plain(maps: &[Map<String, Json>]) -> Vec<Json> {
    let plain = |map: &Map<String, Json>| {
        let mut map = map.clone();
        map.remove("metadata");
        Json::Object(map)
    };
    maps.iter().map(plain).collect()
}
