//! `service/products`: APIs that are offered together.

use arm::Error;

use crate::{Field, NameRule, ResourceDef, Rule};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "products",
    title: "Product",
    name: NameRule::any(256),
    fields: &[
        Field::required("displayName", Rule::Text(1, 300)),
        Field::new("description", Rule::Text(0, 1000)),
        Field::new("terms", Rule::Text(0, 100_000)),
        Field::new("subscriptionRequired", Rule::Bool),
        Field::new("approvalRequired", Rule::Bool),
        Field::new("subscriptionsLimit", Rule::Int(1, 1_000_000)),
        Field::new("state", Rule::Words(&["notPublished", "published"])),
    ],
    defaults: &[("subscriptionRequired", "true"), ("state", "\"notPublished\"")],
    admit: |product| {
        if product.get("subscriptionRequired") == false && product.get("approvalRequired") == true {
            return Err(Error::invalid(
                "approvalRequired",
                "'approvalRequired' may be true only where 'subscriptionRequired' is true.",
            ));
        }
        if product.get("subscriptionRequired") == true {
            product.set_default("approvalRequired", false);
        }
        Ok(())
    },
    ..ResourceDef::BASE
};
