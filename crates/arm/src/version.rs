//! `api-version`: which dialect of the API the caller speaks.

use std::fmt;

use crate::{Code, Error, Result};

/// The versions of `Microsoft.ApiManagement` that are answered, oldest first.
pub const SUPPORTED: &[&str] = &[
    "2021-08-01",
    "2021-12-01-preview",
    "2022-04-01-preview",
    "2022-08-01",
    "2022-09-01-preview",
    "2023-03-01-preview",
    "2023-05-01-preview",
    "2023-09-01-preview",
    "2024-05-01",
    "2024-06-01-preview",
    "2024-10-01-preview",
];

/// A version, ordered by date.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiVersion(String);

impl ApiVersion {
    /// The newest stable one: what stands in ids and links that no caller asked for.
    pub const LATEST: &'static str = "2024-05-01";

    /// For the resource manager's own surface: every well-formed version will do.
    pub fn any(text: Option<&str>) -> Result<Self> {
        let text = text.map(str::trim).filter(|text| !text.is_empty()).ok_or_else(|| {
            Error::new(
                Code::MissingApiVersionParameter,
                "The api-version query parameter (?api-version=) is required for all requests.",
            )
        })?;
        let date = text.strip_suffix("-preview").unwrap_or(text);
        let digits = |range| date.get(range).is_some_and(|part: &str| part.bytes().all(|byte| byte.is_ascii_digit()));
        let dashes = date.as_bytes().get(4) == Some(&b'-') && date.as_bytes().get(7) == Some(&b'-');
        if date.len() == 10 && dashes && digits(0..4) && digits(5..7) && digits(8..10) {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::new(
            Code::InvalidApiVersionParameter,
            format!("The api-version '{text}' is invalid. The supported versions are '{}'.", SUPPORTED.join(",")),
        ))
    }

    /// For `Microsoft.ApiManagement`: one of [`SUPPORTED`]. `kind` is named in the refusal.
    pub fn supported(text: Option<&str>, kind: &str) -> Result<Self> {
        let version = Self::any(text)?;
        if let Some(known) = SUPPORTED.iter().find(|known| known.eq_ignore_ascii_case(&version.0)) {
            return Ok(Self((*known).to_owned()));
        }
        Err(Error::new(
            Code::NoRegisteredProviderFound,
            format!(
                "No registered resource provider found for API version '{version}' and type '{kind}'. \
                 The supported api-versions are '{}'.",
                SUPPORTED.join(", ")
            ),
        ))
    }

    /// Whether this version has the contract of 2024-05-01, in which deleting an API or a user is long-running.
    pub fn deletes_take_time(&self) -> bool {
        self.0.as_str() >= "2024-05-01"
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mistake_has_its_code() {
        let code = |text| ApiVersion::supported(text, "service").unwrap_err().code;
        assert_eq!(code(None), Code::MissingApiVersionParameter);
        assert_eq!(code(Some("v1")), Code::InvalidApiVersionParameter);
        assert_eq!(code(Some("2019-01-01")), Code::NoRegisteredProviderFound);
        assert!(ApiVersion::supported(Some("2019-01-01"), "x").unwrap_err().message.contains("2022-08-01"));
    }

    #[test]
    fn versions_order_by_date() {
        let deletes = |text| ApiVersion::supported(Some(text), "x").unwrap().deletes_take_time();
        assert_eq!([deletes("2022-08-01"), deletes("2024-05-01"), deletes("2024-06-01-preview")], [false, true, true]);
    }
}
