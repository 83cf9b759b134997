//! ARM resource ids: text with a casing to keep and a key to compare.

use std::fmt;

/// The resource provider that this product is.
pub const NAMESPACE: &str = "Microsoft.ApiManagement";

/// An absolute id such as `/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.ApiManagement/service/{n}`.
///
/// Two ids are the same resource when their [keys](ResourceId::key) are equal; the text keeps the casing of whoever
/// wrote it first. Segments come in pairs of type and name (`providers` and a namespace are such a pair too).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ResourceId(String);

impl ResourceId {
    /// Reads an absolute id; `None` if it does not start with `/`, has an empty segment or a type without a name.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('/');
        let segments: Vec<&str> = text.strip_prefix('/')?.split('/').collect();
        let whole = segments.len().is_multiple_of(2) && segments.iter().all(|segment| !segment.is_empty());
        whole.then(|| Self(text.to_owned()))
    }

    /// The subscription `id`.
    pub fn subscription(id: &str) -> Self {
        Self(format!("/subscriptions/{id}"))
    }

    /// The id of a child: type `segment`, name `name`.
    pub fn child(&self, segment: &str, name: &str) -> Self {
        Self(format!("{}/{segment}/{name}", self.0))
    }

    /// The service `name` in the resource group with this id.
    pub fn service_named(&self, name: &str) -> Self {
        self.child("providers", NAMESPACE).child("service", name)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the store knows the resource by.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The last segment.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The type segment of the last pair.
    pub fn segment(&self) -> &str {
        self.0.rsplit('/').nth(1).unwrap_or_default()
    }

    /// The id one pair up; `None` at the top. The pair of a provider belongs to what follows it.
    pub fn parent(&self) -> Option<Self> {
        let up = |text: &str| text.rsplitn(3, '/').nth(2).filter(|up| !up.is_empty()).map(|up| Self(up.to_owned()));
        let parent = up(&self.0)?;
        if parent.segment().eq_ignore_ascii_case("providers") { up(&parent.0) } else { Some(parent) }
    }

    /// The lower-cased type path without its provider: `service/apis/operations`, `subscriptions`, `resourcegroups`.
    pub fn kind(&self) -> String {
        self.types().join("/").to_ascii_lowercase()
    }

    /// The full type: `Microsoft.ApiManagement/service/apis`.
    pub fn resource_type(&self) -> String {
        let namespace = self.pairs().filter(|(kind, _)| kind.eq_ignore_ascii_case("providers")).last();
        let namespace = namespace.map_or("Microsoft.Resources", |(_, name)| name);
        format!("{namespace}/{}", self.types().join("/"))
    }

    /// The service that this lies in, or is.
    pub fn service(&self) -> Option<Self> {
        self.up_to("service")
    }

    /// The workspace that this lies in, or else the service: what names and references are relative to.
    pub fn scope(&self) -> Option<Self> {
        self.up_to("workspaces").or_else(|| self.service())
    }

    /// The subscription's id, where the id starts with one.
    pub fn subscription_id(&self) -> Option<&str> {
        let mut segments = self.0.split('/').skip(1);
        segments.next().filter(|first| first.eq_ignore_ascii_case("subscriptions"))?;
        segments.next()
    }

    /// The resource group that this lies in.
    pub fn resource_group(&self) -> Option<Self> {
        self.up_to("resourceGroups")
    }

    /// The name after the last pair of type `segment`.
    pub fn name_of(&self, segment: &str) -> Option<&str> {
        self.pairs().filter(|(kind, _)| kind.eq_ignore_ascii_case(segment)).last().map(|(_, name)| name)
    }

    /// What follows the scope: `/products/starter`. The whole id where there is no scope.
    pub fn relative(&self) -> &str {
        self.scope().and_then(|scope| self.0.get(scope.0.len()..)).unwrap_or(&self.0)
    }

    /// Reads a reference as the contract allows it inside this scope: a full id, or one relative to the scope
    /// (`/products/starter`, `products/starter`).
    pub fn refer(&self, reference: &str) -> Option<Self> {
        let reference = reference.trim().trim_matches('/');
        let full = reference.get(..14).is_some_and(|start| start.eq_ignore_ascii_case("subscriptions/"));
        match Self::parse(&format!("/{reference}"))? {
            // A subscription of the service is `subscriptions/{sid}`: full ids go on to a provider.
            whole if full && reference.to_ascii_lowercase().contains("/providers/") => Some(whole),
            relative => Self::parse(&format!("{}{relative}", self.0)),
        }
    }

    /// Whether `other` is this or lies beneath it.
    pub fn contains(&self, other: &Self) -> bool {
        let (this, other) = (self.key(), other.key());
        other.strip_prefix(&this).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut segments = self.0.split('/').skip(1);
        std::iter::from_fn(move || Some((segments.next()?, segments.next()?)))
    }

    fn types(&self) -> Vec<&str> {
        let mut types = Vec::new();
        for (kind, _) in self.pairs() {
            if kind.eq_ignore_ascii_case("providers") {
                types.clear();
            } else {
                types.push(kind);
            }
        }
        // `subscriptions/{s}/resourceGroups/{g}` is the type `resourceGroups`, as the contract's own kinds say.
        match types.as_slice() {
            [first, second]
                if first.eq_ignore_ascii_case("subscriptions") && second.eq_ignore_ascii_case("resourcegroups") =>
            {
                vec![second]
            }
            _ => types,
        }
    }

    fn up_to(&self, segment: &str) -> Option<Self> {
        let mut end = 0;
        for (kind, name) in self.pairs() {
            end += kind.len() + name.len() + 2;
            if kind.eq_ignore_ascii_case(segment) {
                return self.0.get(..end).map(|text| Self(text.to_owned()));
            }
        }
        None
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: &str = "/subscriptions/s/resourceGroups/G/providers/Microsoft.ApiManagement/service/Svc";

    fn id(rest: &str) -> ResourceId {
        ResourceId::parse(&format!("{SERVICE}{rest}")).unwrap()
    }

    #[test]
    fn an_id_knows_its_parts() {
        let operation = id("/apis/Echo;rev=2/operations/get");
        assert_eq!(operation.kind(), "service/apis/operations");
        assert_eq!(operation.resource_type(), "Microsoft.ApiManagement/service/apis/operations");
        assert_eq!(operation.parent().unwrap().name(), "Echo;rev=2");
        assert_eq!(operation.service().unwrap().as_str(), SERVICE);
        assert_eq!(operation.name_of("apis"), Some("Echo;rev=2"));
        assert_eq!(operation.relative(), "/apis/Echo;rev=2/operations/get");
        assert_eq!(operation.resource_group().unwrap().kind(), "resourcegroups");
        assert_eq!(operation.service().unwrap().parent().unwrap().name(), "G");
        assert_eq!(operation.subscription_id(), Some("s"));
    }

    #[test]
    fn a_workspace_is_the_scope_of_what_lies_in_it() {
        assert_eq!(id("/workspaces/w/apis/a").scope().unwrap(), id("/workspaces/w"));
        assert_eq!(id("/workspaces/w/apis/a").kind(), "service/workspaces/apis");
    }

    #[test]
    fn references_are_full_or_relative() {
        let scope = id("");
        assert_eq!(scope.refer("/products/p"), Some(id("/products/p")));
        assert_eq!(scope.refer("products/p/"), Some(id("/products/p")));
        assert_eq!(scope.refer(&format!("{SERVICE}/users/1")), Some(id("/users/1")));
        assert_eq!(scope.refer("/subscriptions/master"), Some(id("/subscriptions/master")));
        assert_eq!(scope.refer("products"), None);
        assert_eq!(scope.refer(""), None);
    }

    #[test]
    fn containment_counts_whole_segments() {
        assert!(id("/apis/a").contains(&id("/APIS/a/operations/o")));
        assert!(!id("/apis/a").contains(&id("/apis/ab")));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}", reference in "\\PC{0,60}") {
            if let Some(id) = ResourceId::parse(&text) {
                let _ = (id.kind(), id.parent(), id.scope(), id.relative(), id.refer(&reference), id.resource_type());
            }
        }
    }
}
