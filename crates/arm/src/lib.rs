//! The Azure Resource Manager dialect as values: ids, envelopes, ETags, errors, paging, filters, versions, operations
//! and actions. It knows no HTTP library, no store and no resource kind.

mod action;
mod duration;
mod envelope;
mod error;
mod etag;
mod filter;
mod id;
mod method;
mod operation;
mod page;
mod time;
mod version;

pub use action::{Action, ActionPattern};
pub use duration::parse_duration;
pub use envelope::{envelope, patched};
pub use error::{Code, Detail, Error, Result};
pub use etag::{Condition, ETag};
pub use filter::Filter;
pub use id::{NAMESPACE, ResourceId};
pub use method::Method;
pub use operation::{Matched, OPERATIONS, Operation, find};
pub use page::Page;
pub use time::{parse_time, rfc3339};
pub use version::{ApiVersion, SUPPORTED};
