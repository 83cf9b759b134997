//! [`Layer`]: the places that settings come from, and how they lie one over the other.

use serde::Deserialize;
use toml::{Table, Value};

use super::Settings;

/// One place settings come from: `name` says which in an error.
#[derive(Debug, Default)]
pub struct Layer {
    name: String,
    table: Table,
}

impl Layer {
    /// The text of a configuration file.
    ///
    /// # Errors
    /// What is wrong, in which file and line, and what is allowed there.
    pub fn file(name: &str, text: &str) -> Result<Self, String> {
        // Read twice: into the typed settings for errors with a line, into a table to lay over the defaults.
        toml::from_str::<Settings>(text).map_err(|error| format!("{name}: {error}"))?;
        let table = toml::from_str(text).map_err(|error| format!("{name}: {error}"))?;
        Ok(Self { name: name.to_owned(), table })
    }

    /// Settings from the environment: `[gateway] http` is `TOLLGATE_GATEWAY_HTTP`.
    pub fn environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let mut layer = Self { name: "environment".to_owned(), table: Table::new() };
        for (section, key) in known() {
            let name = ["TOLLGATE", &section, &key].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>();
            if let Some(text) = variable(&name.join("_").replace('-', "_").to_uppercase()) {
                layer.set(&section, &key, &text);
            }
        }
        // Azure's container is configured under these names.
        for (name, key) in [("config.service.endpoint", "endpoint"), ("config.service.auth", "auth")] {
            if let Some(text) = variable(name) {
                layer.set("config-service", key, &text);
            }
        }
        layer
    }

    /// Flags; [`Layer::set`] adds each.
    pub fn flags() -> Self {
        Self { name: "command line".to_owned(), table: Table::new() }
    }

    /// Sets `key` of `section` (empty for the top) to what `text` says: a number, a boolean, or else a string.
    pub fn set(&mut self, section: &str, key: &str, text: &str) {
        let value = text.parse().map(Value::Integer).or_else(|_| text.parse().map(Value::Boolean));
        let value = value.unwrap_or_else(|_| Value::String(text.to_owned()));
        let table = match section {
            "" => &mut self.table,
            _ => match self.table.entry(section).or_insert_with(|| Table::new().into()) {
                Value::Table(table) => table,
                _ => return,
            },
        };
        table.insert(key.to_owned(), value);
    }
}

impl Settings {
    /// The defaults with `layers` laid over them, later ones above earlier ones.
    ///
    /// # Errors
    /// What is wrong, in which layer, and what is allowed there.
    pub fn layered(layers: Vec<Layer>) -> Result<Self, String> {
        let mut merged = Table::new();
        for layer in layers {
            // Each layer is checked by itself, so that the error names the one that is wrong.
            Self::deserialize(layer.table.clone()).map_err(|error| format!("{}: {error}", layer.name))?;
            for (key, value) in layer.table {
                match (merged.get_mut(&key), value) {
                    (Some(Value::Table(below)), Value::Table(above)) => below.extend(above),
                    (_, value) => {
                        merged.insert(key, value);
                    }
                }
            }
        }
        Self::deserialize(merged).map_err(|error| error.to_string())
    }
}

/// Every key that can be set, as (section, key).
fn known() -> Vec<(String, String)> {
    let Ok(Value::Table(defaults)) = Value::try_from(Settings::default()) else { return Vec::new() };
    let mut keys = Vec::new();
    for (name, value) in defaults {
        match value {
            Value::Table(section) => keys.extend(section.into_iter().map(|(key, _)| (name.clone(), key))),
            _ => keys.push((String::new(), name)),
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{super::Management, *};

    fn refused(text: &str) -> String {
        Layer::file("tollgate.toml", text).unwrap_err()
    }

    #[test]
    fn a_later_layer_wins_key_by_key() {
        let file = Layer::file("f", "data = \"a\"\n[gateway]\nhttp = \"127.0.0.1:1\"\nworkers = 3\n").unwrap();
        let environment = Layer::environment(|name| (name == "TOLLGATE_GATEWAY_WORKERS").then(|| "5".to_owned()));
        let mut flags = Layer::flags();
        flags.set("", "data", "b");
        let settings = Settings::layered(vec![file, environment, flags]).unwrap();
        assert_eq!(settings.data, PathBuf::from("b"));
        assert_eq!((settings.gateway.http.to_string().as_str(), settings.gateway.workers), ("127.0.0.1:1", 5));
        assert_eq!(settings.management, Management::default());
    }

    #[test]
    fn an_unknown_key_is_named_with_its_file_its_line_and_what_is_allowed() {
        let message = refused("[gateway]\nhtp = \"x\"\n");
        for word in ["tollgate.toml", "line 2", "htp", "`http`"] {
            assert!(message.contains(word), "{message}");
        }
    }

    #[test]
    fn a_wrong_value_says_what_is_allowed() {
        assert!(refused("[gateway]\nhttp = \"nowhere\"\n").contains("127.0.0.1:8080"));
        assert!(refused("[log]\nformat = \"yaml\"\n").contains("`text`"));
        let wrong = Layer::environment(|name| (name == "TOLLGATE_LOG_FORMAT").then(|| "yaml".to_owned()));
        let message = Settings::layered(vec![wrong]).unwrap_err();
        assert!(message.contains("environment") && message.contains("`json`"), "{message}");
    }

    #[test]
    fn a_self_hosted_gateway_understands_the_names_of_azures_container() {
        let environment = Layer::environment(|name| match name {
            "config.service.endpoint" => Some("https://node.example:9443".to_owned()),
            "config.service.auth" => Some("GatewayKey edge&202612310000&AA==".to_owned()),
            _ => None,
        });
        let settings = Settings::layered(vec![environment]).unwrap().config_service;
        assert_eq!(settings.endpoint, "https://node.example:9443");
        assert_eq!(settings.auth.0.expose(), "GatewayKey edge&202612310000&AA==");
        assert!(!format!("{settings:?}").contains("AA=="));
    }

    #[test]
    fn every_key_has_a_variable() {
        let keys = known();
        assert!(
            keys.contains(&("sign-in".into(), "token-seconds".into()))
                && keys.contains(&(String::new(), "data".into()))
        );
        let seen = std::cell::RefCell::new(Vec::new());
        Layer::environment(|name| {
            seen.borrow_mut().push(name.to_owned());
            None
        });
        assert!(seen.borrow().contains(&"TOLLGATE_SIGN_IN_TOKEN_SECONDS".to_owned()));
        assert!(seen.borrow().contains(&"TOLLGATE_DATA".to_owned()));
    }
}
