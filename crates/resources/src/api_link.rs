//! Links: a product's APIs and groups, a group's users, the tags of APIs, operations and products.
//!
//! A link is one document below its owner, named like what it links. The newer `apiLinks`, `groupLinks`,
//! `operationLinks` and `productLinks` are other views of the same documents: see [`LinkView`].

use crate::{Link, NameRule, ResourceDef};

pub(crate) static PRODUCT_API: ResourceDef = link("apis", "API", &["service/products"]);
pub(crate) static PRODUCT_GROUP: ResourceDef = link("groups", "Group", &["service/products"]);
pub(crate) static GROUP_USER: ResourceDef = link("users", "User", &["service/groups"]);
pub(crate) static TAG: ResourceDef =
    link("tags", "Tag", &["service/apis", "service/apis/operations", "service/products"]);

pub(crate) const fn link(segment: &'static str, title: &'static str, parents: &'static [&'static str]) -> ResourceDef {
    let link = Some(Link { to: segment });
    ResourceDef { segment, title, parents, name: NameRule::any(256), link, ..ResourceDef::BASE }
}

/// A way to make and see links under a name of their own, with the linked id in the body.
#[derive(Debug)]
pub struct LinkView {
    /// The view's type segment, and its owner's: `products`, `apiLinks`.
    pub owner: &'static str,
    /// See `owner`.
    pub segment: &'static str,
    /// The property that holds the linked id.
    pub field: &'static str,
    /// The kind of the linked resource below its scope.
    pub to: &'static str,
    /// Whether the document lies below what is linked (tags) and not below the owner (products).
    pub inverted: bool,
}

/// Every view, workspace twins meant as well.
pub static LINK_VIEWS: &[LinkView] = &[
    LinkView { owner: "products", segment: "apiLinks", field: "apiId", to: "apis", inverted: false },
    LinkView { owner: "products", segment: "groupLinks", field: "groupId", to: "groups", inverted: false },
    LinkView { owner: "tags", segment: "apiLinks", field: "apiId", to: "apis", inverted: true },
    LinkView { owner: "tags", segment: "operationLinks", field: "operationId", to: "apis/operations", inverted: true },
    LinkView { owner: "tags", segment: "productLinks", field: "productId", to: "products", inverted: true },
];
