//! What may an operator set? Each room declares its own settings; this nests them.
//!
//! They come from the commented defaults (`defaults.toml`), a file, the environment (`GLOSSATOR_SERVE__LISTEN`), and flags, each over
//! the one before.

use std::path::{Path, PathBuf};

use figment::{
    Figment,
    providers::{Env, Format as _, Serialized, Toml},
};
use serde::{Deserialize, Serialize};

use crate::{enrichment, images, jobs, model, net, publication::Policy, rdf::Base, records, serve, store};

/// The commented defaults: also the documentation.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// The file that is read where none is named.
pub const FILE: &str = "glossator.toml";

/// Everything that may be set.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The base under which our IRIs stand.
    pub base: String,
    /// The store's folder.
    pub store: PathBuf,
    /// Logs: `human` or `json`, and what to log.
    pub log: Log,
    /// The triple store.
    pub quads: store::Settings,
    /// Queries from outside.
    pub query: store::query::Settings,
    /// Fetching.
    pub net: net::Settings,
    /// Reading records.
    pub records: records::ReadSettings,
    /// Pictures.
    pub images: images::Settings,
    /// Networks.
    pub model: model::Settings,
    /// How tagging's stages run side by side.
    pub stages: jobs::StageSettings,
    /// Facets and properties.
    pub enrichment: enrichment::Settings,
    /// The publication policy.
    pub policy: Policy,
    /// The server.
    pub serve: serve::Settings,
}

/// How we are heard.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// `human` or `json`.
    pub format: LogFormat,
    /// What is logged, in `tracing`'s directives: `info`, `glossator=debug,warn`.
    pub filter: String,
}

/// For whom the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Human,
    /// For machines: a JSON object a line.
    Json,
}

/// The environment's short word for `query.union_default_graph`.
const DEFAULT_GRAPH: &str = "GLOSSATOR_SPARQL_DEFAULT_GRAPH";

/// Settings that do not hold together.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that was named is not there.
    #[error("there is no configuration file {}", .0.display())]
    Missing(PathBuf),
    /// A value that cannot be used.
    #[error("the configuration cannot be used: {0}")]
    Value(#[from] Box<figment::Error>),
    /// A word for the default graph that is none.
    #[error("GLOSSATOR_SPARQL_DEFAULT_GRAPH is `real` or `union`, not `{0}`")]
    DefaultGraph(String),
    /// The base.
    #[error(transparent)]
    Base(#[from] crate::rdf::RdfError),
}

impl Settings {
    /// Gathers the settings: defaults, file, environment, and what the command line says of the store.
    pub fn gather(file: Option<&Path>, store: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if let Some(file) = file {
            if !file.exists() {
                return Err(ConfigError::Missing(file.to_path_buf()));
            }
            figment = figment.merge(Toml::file_exact(file));
        } else {
            figment = figment.merge(Toml::file(FILE));
        }
        // Secrets and the logs' filter have names without a section, and never stand in a printed configuration.
        figment = figment
            .merge(Env::prefixed("GLOSSATOR_").filter(|key| key == "store" || key == "base" || key.as_str().contains("__")).split("__"));
        if let Some(union) = union_default_graph(std::env::var(DEFAULT_GRAPH).ok().as_deref())? {
            figment = figment.merge(Serialized::default("query.union_default_graph", union));
        }
        if let Some(store) = store {
            figment = figment.merge(Serialized::default("store", store));
        }
        figment.extract().map_err(|e| ConfigError::Value(Box::new(e)))
    }

    /// The base, checked.
    pub fn base(&self) -> Result<Base, ConfigError> {
        Ok(Base::new(&self.base)?)
    }

    /// What the jobs need of it.
    pub fn for_jobs(&self) -> jobs::Settings {
        jobs::Settings {
            net: self.net.clone(),
            records: self.records.clone(),
            images: self.images.clone(),
            model: self.model.clone(),
            enrichment: self.enrichment.clone(),
            stages: self.stages.clone(),
        }
    }
}

/// Whether queries that name no graph see the union of all, where the environment says so.
fn union_default_graph(word: Option<&str>) -> Result<Option<bool>, ConfigError> {
    match word {
        None | Some("") => Ok(None),
        Some("real") => Ok(Some(false)),
        Some("union") => Ok(Some(true)),
        Some(other) => Err(ConfigError::DefaultGraph(other.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commented_defaults_say_everything_and_nothing_else() {
        let said: toml::Table = toml::from_str(DEFAULTS).unwrap();
        let settings: Settings = toml::from_str(DEFAULTS).unwrap();
        let back = toml::Table::try_from(&settings).unwrap();
        let keys = |table: &toml::Table| {
            let mut all = Vec::new();
            for (section, value) in table {
                match value {
                    toml::Value::Table(inner) => all.extend(inner.keys().map(|k| format!("{section}.{k}"))),
                    _ => all.push(section.clone()),
                }
            }
            all
        };
        assert_eq!(keys(&said), keys(&back));
    }

    #[test]
    fn the_default_graph_has_a_short_word() {
        assert_eq!(union_default_graph(None).unwrap(), None);
        assert_eq!(union_default_graph(Some("real")).unwrap(), Some(false));
        assert_eq!(union_default_graph(Some("union")).unwrap(), Some(true));
        assert!(union_default_graph(Some("none")).is_err());
    }

    #[test]
    fn rooms_have_the_defaults_that_the_file_tells() {
        let settings: Settings = toml::from_str(DEFAULTS).unwrap();
        let same = |a: toml::Value, b: toml::Value| assert_eq!(a, b);
        same(toml::Value::try_from(&settings.quads).unwrap(), toml::Value::try_from(store::Settings::default()).unwrap());
        same(toml::Value::try_from(&settings.query).unwrap(), toml::Value::try_from(store::query::Settings::default()).unwrap());
        same(toml::Value::try_from(&settings.net).unwrap(), toml::Value::try_from(net::Settings::default()).unwrap());
        same(toml::Value::try_from(&settings.images).unwrap(), toml::Value::try_from(images::Settings::default()).unwrap());
        same(toml::Value::try_from(&settings.records).unwrap(), toml::Value::try_from(records::ReadSettings::default()).unwrap());
        same(toml::Value::try_from(&settings.stages).unwrap(), toml::Value::try_from(jobs::StageSettings::default()).unwrap());
        same(toml::Value::try_from(&settings.enrichment).unwrap(), toml::Value::try_from(enrichment::Settings::default()).unwrap());
        same(toml::Value::try_from(&settings.policy).unwrap(), toml::Value::try_from(Policy::default()).unwrap());
    }
}
