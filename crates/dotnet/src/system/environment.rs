//! `System.Environment` and `System.Buffer`: the little of both that policies can use.

use csharp::{
    Args, Cx, Result, Value, exception,
    surface::{Kind, TypeDef, acts, pure},
    value::{Array, Items},
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Environment",
    kind: Kind::Static,
    members: &[pure("static string NewLine { get; }", |_, _| Ok(Value::str("\n")), "`\\n`.")],
    doc: "The environment of a program: its line break.",
    ..TypeDef::CLASS
};

pub(crate) static BUFFER: TypeDef = TypeDef {
    name: "System.Buffer",
    kind: Kind::Static,
    members: &[
        acts(
            "static void BlockCopy(Array src, int srcOffset, Array dst, int dstOffset, int count)",
            block_copy,
            "Copies bytes between byte arrays.",
        ),
        pure("static int ByteLength(Array array)", byte_length, "The length of a byte array."),
    ],
    doc: "Arrays as bytes.",
    ..TypeDef::CLASS
};

fn only_bytes() -> csharp::Raise {
    exception::not_supported("Only byte arrays can be copied as bytes here.")
}

fn bytes(args: &Args<'_>, index: usize, param: &str) -> Result<Vec<u8>> {
    match &*args.object_or::<Array>(index, param)?.items.borrow() {
        Items::Bytes(bytes) => Ok(bytes.clone()),
        Items::Values(_) => Err(only_bytes()),
    }
}

fn block_copy(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let source = bytes(&args, 0, "src")?;
    let range = |at: usize| {
        let (start, count) = (usize::try_from(args.int(at)), usize::try_from(args.int(4)));
        let param = if at == 1 { "srcOffset" } else { "dstOffset" };
        let start = start.map_err(|_| exception::out_of_range("Non-negative number required.", param))?;
        let count = count.map_err(|_| exception::out_of_range("Non-negative number required.", "count"))?;
        Ok(start..start.saturating_add(count))
    };
    let (from, to) = (range(1)?, range(3)?);
    let too_long = || {
        exception::argument(
            "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.",
            "",
        )
    };
    let part = source.get(from).ok_or_else(too_long)?;
    match &mut *args.object_or::<Array>(2, "dst")?.items.borrow_mut() {
        Items::Bytes(bytes) => bytes.get_mut(to).ok_or_else(too_long)?.copy_from_slice(part),
        Items::Values(_) => return Err(only_bytes()),
    }
    Ok(Value::Null)
}

fn byte_length(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Int(bytes(&args, 0, "array")?.len() as i32))
}
