//! `System.Security.Cryptography.RNGCryptoServiceProvider` and what stands behind it.

use csharp::{
    Args, Cx, Result, Ty, Value,
    surface::{TypeDef, acts, reads},
    value::{Array, Items, Object},
};

pub(crate) static GENERATOR: TypeDef = TypeDef {
    name: "System.Security.Cryptography.RandomNumberGenerator",
    bases: &["IDisposable"],
    members: &[
        reads("static RandomNumberGenerator Create()", |_, _| Ok(Value::object(Generator)), "A generator."),
        acts("void GetBytes(byte[] data)", |cx, args| fill(cx, &args, false), "Fills an array with random bytes."),
        acts(
            "void GetNonZeroBytes(byte[] data)",
            |cx, args| fill(cx, &args, true),
            "Fills an array with random bytes other than zero.",
        ),
        acts("void Dispose()", |_, _| Ok(Value::Null), "Ends the use."),
    ],
    doc: "A generator of unpredictable bytes.",
    ..TypeDef::CLASS
};

pub(crate) static PROVIDER: TypeDef = TypeDef {
    name: "System.Security.Cryptography.RNGCryptoServiceProvider",
    bases: &["RandomNumberGenerator"],
    members: &[reads("RNGCryptoServiceProvider()", |_, _| Ok(Value::object(Generator)), "A generator.")],
    doc: "A generator of unpredictable bytes.",
    ..TypeDef::CLASS
};

struct Generator;

impl Object for Generator {
    fn ty(&self) -> Ty {
        Ty::named(&PROVIDER)
    }
}

fn fill(cx: &mut Cx<'_>, args: &Args<'_>, no_zeros: bool) -> Result<Value> {
    if let Items::Bytes(bytes) = &mut *args.object_or::<Array>(1, "data")?.items.borrow_mut() {
        cx.host.entropy(bytes);
        for byte in bytes.iter_mut().filter(|byte| no_zeros && **byte == 0) {
            let mut more = [0; 16];
            cx.host.entropy(&mut more);
            *byte = more.into_iter().find(|byte| *byte != 0).unwrap_or(1);
        }
    }
    Ok(Value::Null)
}
