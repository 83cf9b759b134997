//! Fetches the documents that callers of the management API name by URL.

use std::time::Duration;

use control::Later;
use outbound::Fetcher;
use policy::Url;

/// How long fetching one document may take in all.
const PATIENCE: Duration = Duration::from_secs(20);

/// What control asks for links.
pub(crate) struct Links(pub(crate) Fetcher);

impl control::Fetch for Links {
    fn fetch<'a>(&'a self, url: &'a str, limit: usize) -> Later<'a, Result<Vec<u8>, String>> {
        Box::pin(async move {
            let target = Url::parse(url).ok_or_else(|| format!("`{url}` is not an absolute URL"))?;
            let wanted = outbound::Fetch::link(target, limit as u64, PATIENCE);
            let found = self.0.fetch(wanted).await.map_err(|error| format!("`{url}` cannot be fetched: {error}"))?;
            match found.status {
                200 => Ok(found.body.to_vec()),
                status => Err(format!("`{url}` answers {status}")),
            }
        })
    }
}
