//! The .NET surface of policy expressions: one file per type, one table row per member.
//!
//! # How to add a type
//!
//! 1. Make a file named after it in the folder of its namespace: `System.Text.StringBuilder` → `text/string_builder.rs`.
//! 2. Declare one `static DEF` and list it in the folder's `TYPES` (`mod.rs`):
//!
//! ```
//! use csharp::{Args, Cx, Result, Ty, Value, surface::*, value::Object};
//! use std::cell::Cell;
//!
//! pub(crate) static DEF: TypeDef = TypeDef {
//!     name: "System.Counter",
//!     members: &[
//!         pure("Counter(int start = 0)", new, "Starts to count."),
//!         reads("int Value { get; }", value, "The count."),
//!         acts("Counter Add(int by)", add, "Counts on."),
//!     ],
//!     doc: "Counts.",
//!     ..TypeDef::CLASS
//! };
//!
//! struct Counter(Cell<i32>);
//!
//! impl Object for Counter {
//!     fn ty(&self) -> Ty { Ty::named(&DEF) }
//! }
//!
//! fn new(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
//!     Ok(Value::object(Counter(Cell::new(args.int(0)))))
//! }
//!
//! fn value(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
//!     Ok(Value::Int(args.this::<Counter>()?.0.get()))
//! }
//!
//! fn add(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
//!     let count = &args.this::<Counter>()?.0;
//!     count.set(count.get().wrapping_add(args.int(1)));
//!     Ok(args.take(0))
//! }
//! ```
//!
//! Good to know:
//! - The forms of a signature are listed at [`csharp::surface::Member::new`]: methods, properties, indexers, operators,
//!   conversions, constants, extension methods (in a `Kind::Static` type), `out`, `params`, defaults, generics.
//! - Argument 0 of an instance member is the receiver, never null. Write `out` and `ref` arguments with [`csharp::Args::set`].
//!   Arguments have exactly the types of the signature: the binder has converted them, filled in defaults and packed `params`.
//! - [`csharp::Args::ty`] are the type arguments: of the declaring type, then of the method.
//! - Throw with the functions of [`csharp::exception`]: `Err(exception::format("…"))`. A new exception class is a row in
//!   `system/exceptions.rs`.
//! - Call a delegate with `cx.call(&delegate, &mut [a, b])?`, walk any `IEnumerable` with `cx.iterate(&value)?`, print with
//!   `cx.text(&value)?`. Inside your own loops call `cx.meter.step()?`; before building large text `cx.meter.text(bytes)?`.
//! - A struct of one machine word (`DateTime`, `TimeSpan`, every enum) is a `Value::Word(Def(&DEF), bits)` with
//!   [`csharp::surface::WordOps`] for text and comparison; enums need no code: `kind: EnumDef::of(&[("None", 0)])`.
//! - A generic object carries its type arguments and returns them from `Object::ty`. Lists, arrays and dictionaries show
//!   themselves as [`csharp::value::Collection`]; sequences implement `Object::iterate`. Mutable objects that a variable of
//!   the exchange can hold implement `Object::snapshot`.
//! - Purity decides what is computed when a policy is saved: `pure` rows are, if their arguments are constants.
//! - Whether a member is on the platform's allow-list stands in `listed.rs` alone.
//! - Add cases to `tests/md/<type>.md`, with results from a real .NET.

mod apim;
mod collections;
pub mod dynamic;
mod io;
mod json;
mod linq;
mod listed;
mod missing;
mod net;
mod security;
mod system;
mod text;
mod xml;

pub use missing::missing;

use std::sync::{Arc, OnceLock};

use csharp::{
    Const,
    surface::{Catalogue, Hooks, Surface, TypeDef},
    ty::Def,
};

pub use apim::{Authorization, Jwt, Response};
pub use json::{json_token, json_value};
pub use xml::{JsonAsXml, XmlAsJson, json_as_xml, xml_as_json};

/// A token of Newtonsoft's, as expressions see it.
pub fn token(token: ::json::JToken) -> csharp::Value {
    json::token::wrap(token)
}

/// Every type of the surface.
fn types() -> Vec<&'static TypeDef> {
    [
        system::TYPES,
        collections::TYPES,
        linq::TYPES,
        text::TYPES,
        io::TYPES,
        json::TYPES,
        xml::TYPES,
        security::TYPES,
        security::HASHES,
        net::TYPES,
        apim::TYPES,
    ]
    .concat()
}

/// Namespaces that a policy need not write. `System.Xml` is not among them, so that `Formatting` is Newtonsoft's.
static USINGS: &[&str] = &[
    "PolicyExpressions",
    "System",
    "System.Collections.Generic",
    "System.IO",
    "System.Linq",
    "System.Net",
    "System.Security.Cryptography",
    "System.Security.Cryptography.X509Certificates",
    "System.Text",
    "System.Text.RegularExpressions",
    "System.Xml.Linq",
    "Newtonsoft.Json",
    "Newtonsoft.Json.Linq",
];

/// The whole surface, read once. The error lists every row whose signature is wrong; a test keeps it empty.
pub fn surface() -> Result<Arc<Surface>, Vec<String>> {
    static SURFACE: OnceLock<Result<Arc<Surface>, Vec<String>>> = OnceLock::new();
    let build = || {
        Surface::build(&Catalogue {
            types: &types(),
            listed: listed::LISTED,
            usings: USINGS,
            globals: &[("context", "PolicyExpressions.IContext", Const::Word(Def(&apim::context::DEF), 0))],
            hooks: Hooks { text: system::text_of, format: system::format_of },
        })
        .map(Arc::new)
    };
    SURFACE.get_or_init(build).clone()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_signature_can_be_read() {
        if let Err(errors) = super::surface() {
            panic!("{}", errors.join("\n"));
        }
    }
}
