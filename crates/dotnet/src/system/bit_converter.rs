//! `System.BitConverter`: little-endian.

use csharp::{
    Args, Cx, Result, Value, exception,
    surface::{Kind, TypeDef, pure, reads},
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.BitConverter",
    kind: Kind::Static,
    members: &[
        pure("static readonly bool IsLittleEndian", |_, _| Ok(Value::Bool(true)), "Always: the low byte comes first."),
        pure("static byte[] GetBytes(bool value)", bytes, "Its bytes, the low one first."),
        pure("static byte[] GetBytes(char value)", bytes, "Its bytes, the low one first."),
        pure("static byte[] GetBytes(short value)", bytes, "Its bytes, the low one first."),
        pure("static byte[] GetBytes(ushort value)", bytes, "Its bytes, the low one first."),
        pure("static byte[] GetBytes(int value)", bytes, "Its bytes, the low one first."),
        pure("static byte[] GetBytes(uint value)", bytes, "Its bytes, the low one first."),
        pure("static byte[] GetBytes(long value)", bytes, "Its bytes, the low one first."),
        pure("static byte[] GetBytes(ulong value)", bytes, "Its bytes, the low one first."),
        pure("static byte[] GetBytes(float value)", bytes, "Its bytes, the low one first."),
        pure("static byte[] GetBytes(double value)", bytes, "Its bytes, the low one first."),
        reads(
            "static bool ToBoolean(byte[] value, int startIndex)",
            |_, args| Ok(Value::Bool(read::<1>(&args)? != [0])),
            "Whether the byte is not zero.",
        ),
        reads(
            "static char ToChar(byte[] value, int startIndex)",
            |_, args| Ok(Value::Char(u16::from_le_bytes(read(&args)?))),
            "From two bytes.",
        ),
        reads(
            "static short ToInt16(byte[] value, int startIndex)",
            |_, args| Ok(Value::Short(i16::from_le_bytes(read(&args)?))),
            "From two bytes.",
        ),
        reads(
            "static ushort ToUInt16(byte[] value, int startIndex)",
            |_, args| Ok(Value::UShort(u16::from_le_bytes(read(&args)?))),
            "From two bytes.",
        ),
        reads(
            "static int ToInt32(byte[] value, int startIndex)",
            |_, args| Ok(Value::Int(i32::from_le_bytes(read(&args)?))),
            "From four bytes.",
        ),
        reads(
            "static uint ToUInt32(byte[] value, int startIndex)",
            |_, args| Ok(Value::UInt(u32::from_le_bytes(read(&args)?))),
            "From four bytes.",
        ),
        reads(
            "static long ToInt64(byte[] value, int startIndex)",
            |_, args| Ok(Value::Long(i64::from_le_bytes(read(&args)?))),
            "From eight bytes.",
        ),
        reads(
            "static ulong ToUInt64(byte[] value, int startIndex)",
            |_, args| Ok(Value::ULong(u64::from_le_bytes(read(&args)?))),
            "From eight bytes.",
        ),
        reads(
            "static float ToSingle(byte[] value, int startIndex)",
            |_, args| Ok(Value::Float(f32::from_le_bytes(read(&args)?))),
            "From four bytes.",
        ),
        reads(
            "static double ToDouble(byte[] value, int startIndex)",
            |_, args| Ok(Value::Double(f64::from_le_bytes(read(&args)?))),
            "From eight bytes.",
        ),
        reads("static string ToString(byte[] value)", to_string, "In hexadecimal: `0A-FF`."),
        reads(
            "static string ToString(byte[] value, int startIndex)",
            to_string,
            "The bytes from an index in hexadecimal: `0A-FF`.",
        ),
        reads(
            "static string ToString(byte[] value, int startIndex, int length)",
            to_string,
            "Some bytes in hexadecimal: `0A-FF`.",
        ),
        pure(
            "static long DoubleToInt64Bits(double value)",
            |_, args| Ok(Value::Long(args.double(0).to_bits() as i64)),
            "Its bits as a number.",
        ),
        pure(
            "static double Int64BitsToDouble(long value)",
            |_, args| Ok(Value::Double(f64::from_bits(args.ulong(0)))),
            "The number with these bits.",
        ),
        pure(
            "static int SingleToInt32Bits(float value)",
            |_, args| Ok(Value::Int((args.double(0) as f32).to_bits() as i32)),
            "Its bits as a number.",
        ),
        pure(
            "static float Int32BitsToSingle(int value)",
            |_, args| Ok(Value::Float(f32::from_bits(args.int(0) as u32))),
            "The number with these bits.",
        ),
    ],
    doc: "Numbers as bytes, and back.",
    ..TypeDef::CLASS
};

fn bytes(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::bytes(match args.value(0) {
        Value::Bool(value) => vec![u8::from(*value)],
        Value::Char(value) | Value::UShort(value) => value.to_le_bytes().to_vec(),
        Value::Short(value) => value.to_le_bytes().to_vec(),
        Value::Int(value) => value.to_le_bytes().to_vec(),
        Value::UInt(value) => value.to_le_bytes().to_vec(),
        Value::Long(value) => value.to_le_bytes().to_vec(),
        Value::ULong(value) => value.to_le_bytes().to_vec(),
        Value::Float(value) => value.to_le_bytes().to_vec(),
        Value::Double(value) => value.to_le_bytes().to_vec(),
        _ => Vec::new(),
    }))
}

fn read<const N: usize>(args: &Args<'_>) -> Result<[u8; N]> {
    let bytes = args.bytes(0, "value")?;
    let start = usize::try_from(args.int(1)).ok().filter(|start| *start < bytes.len());
    let start = start.ok_or_else(|| {
        exception::out_of_range(
            "Index was out of range. Must be non-negative and less than the size of the collection.",
            "startIndex",
        )
    })?;
    let found = bytes.get(start..).and_then(|rest| rest.first_chunk::<N>());
    found.copied().ok_or_else(|| {
        let message = "Destination array is not long enough to copy all the items in the collection. Check array index and length.";
        exception::argument(message, "value")
    })
}

fn to_string(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let bytes = args.bytes(0, "value")?;
    let start = if args.len() > 1 { args.int(1) } else { 0 };
    let length = if args.len() > 2 { args.int(2) } else { (bytes.len() as i32).saturating_sub(start) };
    let outside = |param| Err(exception::out_of_range("", param));
    let (Ok(start), true) = (usize::try_from(start), start == 0 || (start as usize) < bytes.len()) else {
        return outside("startIndex");
    };
    let Ok(length) = usize::try_from(length) else { return outside("length") };
    let Some(part) = start.checked_add(length).and_then(|end| bytes.get(start..end)) else {
        return Err(exception::argument(
            "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.",
            "",
        ));
    };
    cx.meter.text(part.len() * 3)?;
    Ok(Value::str(part.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join("-")))
}
