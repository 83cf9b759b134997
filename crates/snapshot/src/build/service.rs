//! The service itself and its workspaces.

use policy::entity::{Directory, Service, Workspace};

use crate::docs::Doc;

/// The service as requests see it.
pub(crate) fn service(doc: &Doc, directory: Directory) -> Service {
    Service {
        name: doc.name().into(),
        id: doc.id.as_str().into(),
        region: doc.body["location"].as_str().unwrap_or_default().into(),
        gateway_id: "managed".into(),
        gateway_is_managed: true,
        directory,
        ..Service::default()
    }
}

/// A workspace as requests see it.
pub(crate) fn workspace(doc: &Doc, directory: Directory) -> Workspace {
    Workspace { id: doc.name().into(), name: doc.shared("displayName"), directory }
}

/// The host names at which the service's gateway answers, besides its own under `localhost`.
pub(crate) fn hosts(doc: &Doc) -> Vec<String> {
    let configurations = doc.get("hostnameConfigurations").as_array().into_iter().flatten();
    let proxies = configurations.filter(|host| host["type"] == "Proxy");
    proxies.filter_map(|host| host["hostName"].as_str()).map(str::to_lowercase).collect()
}
