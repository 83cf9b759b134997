//! `XName`: a local name and its namespace.

use std::fmt;
use std::rc::Rc;

use crate::chars::{described, in_name, starts_name};
use crate::error::{Error, ErrorKind, Result};

/// The namespace of the prefix `xml`.
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of the prefix `xmlns`, in which namespace declarations are.
pub const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// An expanded name. The default declaration `xmlns` is in no namespace; `xmlns:p` is in [`XMLNS`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct XName {
    /// The namespace name; empty for none.
    pub namespace: Rc<str>,
    /// The local name.
    pub local: Rc<str>,
}

impl XName {
    /// `XName.Get(expanded)`: `local` or `{namespace}local`.
    pub fn parse(expanded: &str) -> Result<XName> {
        let invalid = || Error::argument(format!("'{expanded}' is an invalid expanded name."));
        if expanded.is_empty() {
            return Err(invalid());
        }
        match expanded.strip_prefix('{') {
            None => XName::new("", expanded),
            Some(rest) => {
                let (namespace, local) = rest.rsplit_once('}').ok_or_else(invalid)?;
                if namespace.is_empty() || local.is_empty() {
                    return Err(invalid());
                }
                XName::new(namespace, local)
            }
        }
    }

    /// `namespace + local`.
    pub fn new(namespace: &str, local: &str) -> Result<XName> {
        check(local)?;
        Ok(XName { namespace: namespace.into(), local: local.into() })
    }

    /// Whether an attribute of this name declares a namespace.
    pub fn declares_namespace(&self) -> bool {
        &*self.namespace == XMLNS || (self.namespace.is_empty() && &*self.local == "xmlns")
    }

    pub(crate) fn is(&self, namespace: &str, local: &str) -> bool {
        &*self.local == local && &*self.namespace == namespace
    }
}

/// `XmlConvert.VerifyNCName`.
pub(crate) fn check(name: &str) -> Result<()> {
    let mut chars = name.chars();
    let xml = |message| Err(Error::new(ErrorKind::Xml, message));
    match chars.next() {
        None => return xml("The empty string '' is not a valid local name.".to_owned()),
        Some(c) if !starts_name(c) => {
            let (c, hex) = described(c);
            return xml(format!("Name cannot begin with the '{c}' character, hexadecimal value {hex}."));
        }
        Some(_) => {}
    }
    match chars.find(|c| !in_name(*c)) {
        None => Ok(()),
        Some(c) => {
            let (c, hex) = described(c);
            xml(format!("The '{c}' character, hexadecimal value {hex}, cannot be included in a name."))
        }
    }
}

impl fmt::Display for XName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            f.write_str(&self.local)
        } else {
            write!(f, "{{{}}}{}", self.namespace, self.local)
        }
    }
}
