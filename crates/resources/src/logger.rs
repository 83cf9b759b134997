//! `service/loggers`: where diagnostics and `log-to-eventhub` write.

use arm::Error;

use crate::{Field, NameRule, ResourceDef, Rule, Secret, Shown};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "loggers",
    title: "Logger",
    name: NameRule::plain(256),
    fields: &[
        Field::required("loggerType", Rule::Words(&["azureEventHub", "applicationInsights", "azureMonitor"])),
        Field::new("description", Rule::Text(0, 256)),
        Field::new("credentials", Rule::Object),
        Field::new("credentials{}", Rule::Text(0, 4096)),
        Field::new("isBuffered", Rule::Bool),
        Field::new("resourceId", Rule::Text(0, 2000)),
    ],
    defaults: &[("isBuffered", "true")],
    secrets: &[Secret { path: "credentials{}", shown: Shown::Never }],
    admit: |logger| {
        let given = logger.get("credentials").as_object().is_some_and(|credentials| !credentials.is_empty());
        if logger.text("loggerType") != "azureMonitor" && !given {
            let message = format!("'credentials' is required for a logger of type {}.", logger.text("loggerType"));
            return Err(Error::invalid("credentials", message));
        }
        Ok(())
    },
    ..ResourceDef::BASE
};
