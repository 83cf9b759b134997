//! `System.Text.Encoding` and the encodings there are.

use csharp::{
    Args, Cx, Result, Str, Ty, Value, exception,
    surface::{TypeDef, pure, reads},
    value::{Array, Object},
};

use crate::system::{exceptions::DECODER_FALLBACK, exceptions::ENCODER_FALLBACK, part, units};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Text.Encoding",
    members: &[
        pure("static Encoding UTF8 { get; }", |_, _| Ok(Value::object(Encoding { bom: true, ..UTF8 })), "UTF-8."),
        pure("static Encoding Default { get; }", |_, _| Ok(Value::object(UTF8)), "UTF-8."),
        pure(
            "static Encoding ASCII { get; }",
            |_, _| Ok(Value::object(Encoding::of(Form::Ascii))),
            "ASCII; anything else becomes `?`.",
        ),
        pure(
            "static Encoding Unicode { get; }",
            |_, _| Ok(Value::object(Encoding::of(Form::Utf16))),
            "UTF-16, low byte first.",
        ),
        pure(
            "static Encoding BigEndianUnicode { get; }",
            |_, _| Ok(Value::object(Encoding::of(Form::Utf16BigEndian))),
            "UTF-16, high byte first.",
        ),
        pure(
            "static Encoding UTF32 { get; }",
            |_, _| Ok(Value::object(Encoding::of(Form::Utf32))),
            "UTF-32, low byte first.",
        ),
        pure("static Encoding GetEncoding(string name)", by_name, "An encoding by name."),
        pure("static Encoding GetEncoding(int codepage)", by_page, "An encoding by code page."),
        reads(
            "static byte[] Convert(Encoding srcEncoding, Encoding dstEncoding, byte[] bytes)",
            convert,
            "Bytes of one encoding as those of another.",
        ),
        reads("byte[] GetBytes(string s)", bytes, "The bytes of a text."),
        reads("byte[] GetBytes(char[] chars)", bytes, "The bytes of a text."),
        reads("byte[] GetBytes(char[] chars, int index, int count)", bytes, "The bytes of a part of a text."),
        reads("byte[] GetBytes(string s, int index, int count)", bytes, "The bytes of a part of a text."),
        reads("int GetByteCount(string s)", byte_count, "How many bytes a text takes."),
        reads("int GetByteCount(char[] chars)", byte_count, "How many bytes a text takes."),
        reads("string GetString(byte[] bytes)", string, "The text of bytes."),
        reads("string GetString(byte[] bytes, int index, int count)", string, "The text of some bytes."),
        reads("char[] GetChars(byte[] bytes)", chars, "The text of bytes, as units."),
        reads("char[] GetChars(byte[] bytes, int index, int count)", chars, "The text of some bytes, as units."),
        reads("int GetCharCount(byte[] bytes)", char_count, "How many units the text of bytes has."),
        pure("int GetMaxByteCount(int charCount)", max_byte_count, "How many bytes so many units take at most."),
        pure("byte[] GetPreamble()", preamble, "The byte order mark."),
        pure(
            "string WebName { get; }",
            |_, args| Ok(Value::str(this(&args)?.form.web_name())),
            "The name of the Internet.",
        ),
        pure(
            "string BodyName { get; }",
            |_, args| Ok(Value::str(this(&args)?.form.web_name())),
            "The name of the Internet.",
        ),
        pure(
            "string HeaderName { get; }",
            |_, args| Ok(Value::str(this(&args)?.form.web_name())),
            "The name of the Internet.",
        ),
        pure(
            "string EncodingName { get; }",
            |_, args| Ok(Value::str(this(&args)?.form.title())),
            "The name for people.",
        ),
        pure("int CodePage { get; }", |_, args| Ok(Value::Int(this(&args)?.form.page())), "The code page."),
    ],
    doc: "How text becomes bytes.",
    ..TypeDef::CLASS
};

macro_rules! encodings {
    ($($name:ident = $class:literal [$($row:expr),* $(,)?];)*) => {$(
        pub(crate) static $name: TypeDef = TypeDef {
            name: concat!("System.Text.", $class),
            bases: &["Encoding"],
            members: &[$($row),*],
            doc: "An encoding.",
            ..TypeDef::CLASS
        };
    )*};
}

encodings! {
    UTF8_ENCODING = "UTF8Encoding" [
        pure("UTF8Encoding()", |_, _| Ok(Value::object(UTF8)), "Without a byte order mark."),
        pure("UTF8Encoding(bool encoderShouldEmitUTF8Identifier)", new_utf8, "Perhaps with a byte order mark."),
        pure("UTF8Encoding(bool encoderShouldEmitUTF8Identifier, bool throwOnInvalidBytes)", new_utf8, "Perhaps strict."),
    ];
    ASCII_ENCODING = "ASCIIEncoding" [
        pure("ASCIIEncoding()", |_, _| Ok(Value::object(Encoding::of(Form::Ascii))), "ASCII."),
    ];
    UNICODE_ENCODING = "UnicodeEncoding" [
        pure("UnicodeEncoding()", |_, _| Ok(Value::object(Encoding::of(Form::Utf16))), "UTF-16, low byte first."),
    ];
    UTF32_ENCODING = "UTF32Encoding" [
        pure("UTF32Encoding()", |_, _| Ok(Value::object(Encoding::of(Form::Utf32))), "UTF-32, low byte first."),
    ];
    LATIN1_ENCODING = "Latin1Encoding" [];
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Utf8,
    Ascii,
    Latin1,
    Utf16,
    Utf16BigEndian,
    Utf32,
    Utf32BigEndian,
}

/// Names as the Internet has them, code page, and the names beside them.
const FORMS: [(Form, &str, i32, &str, &[&str]); 7] = [
    (
        Form::Utf8,
        "utf-8",
        65001,
        "Unicode (UTF-8)",
        &["unicode-1-1-utf-8", "unicode-2-0-utf-8", "x-unicode-1-1-utf-8", "x-unicode-2-0-utf-8"],
    ),
    (
        Form::Ascii,
        "us-ascii",
        20127,
        "US-ASCII",
        &[
            "ascii",
            "ansi_x3.4-1968",
            "ansi_x3.4-1986",
            "cp367",
            "csascii",
            "ibm367",
            "iso-ir-6",
            "iso646-us",
            "iso_646.irv:1991",
            "us",
        ],
    ),
    (
        Form::Latin1,
        "iso-8859-1",
        28591,
        "Western European (ISO)",
        &["latin1", "l1", "cp819", "csisolatin1", "ibm819", "iso-ir-100", "iso8859-1", "iso_8859-1", "iso_8859-1:1987"],
    ),
    (Form::Utf16, "utf-16", 1200, "Unicode", &["unicode", "utf-16le", "ucs-2", "csunicode11utf7", "iso-10646-ucs-2"]),
    (Form::Utf16BigEndian, "utf-16BE", 1201, "Unicode (Big-Endian)", &["unicodefffe"]),
    (Form::Utf32, "utf-32", 12000, "Unicode (UTF-32)", &["utf-32le"]),
    (Form::Utf32BigEndian, "utf-32BE", 12001, "Unicode (UTF-32 Big-Endian)", &[]),
];

impl Form {
    fn row(self) -> &'static (Form, &'static str, i32, &'static str, &'static [&'static str]) {
        FORMS.iter().find(|(form, ..)| *form == self).unwrap_or(&FORMS[0])
    }

    fn web_name(self) -> &'static str {
        self.row().1
    }

    fn page(self) -> i32 {
        self.row().2
    }

    fn title(self) -> &'static str {
        self.row().3
    }
}

#[derive(Clone, Copy)]
struct Encoding {
    form: Form,
    /// Whether `GetPreamble` gives a byte order mark.
    bom: bool,
    /// Whether invalid bytes raise.
    strict: bool,
}

const UTF8: Encoding = Encoding { form: Form::Utf8, bom: false, strict: false };

impl Object for Encoding {
    fn ty(&self) -> Ty {
        Ty::named(match self.form {
            Form::Utf8 => &UTF8_ENCODING,
            Form::Ascii => &ASCII_ENCODING,
            Form::Latin1 => &LATIN1_ENCODING,
            Form::Utf16 | Form::Utf16BigEndian => &UNICODE_ENCODING,
            Form::Utf32 | Form::Utf32BigEndian => &UTF32_ENCODING,
        })
    }

    fn equals(&self, other: &Value) -> bool {
        other
            .downcast::<Encoding>()
            .is_some_and(|other| self.form == other.form && self.bom == other.bom && self.strict == other.strict)
    }

    fn hash(&self) -> Option<u64> {
        Some(self.form.page() as u64)
    }
}

impl Encoding {
    /// One with its byte order mark that never raises.
    fn of(form: Form) -> Self {
        Self { form, bom: true, strict: false }
    }

    fn encode(self, text: &Str) -> Result<Vec<u8>> {
        if self.strict && text.as_str().is_none() {
            let message = "Unable to translate Unicode character at an index to specified code page.";
            return Err(exception::raise(&ENCODER_FALLBACK, message));
        }
        let narrow =
            |most: u16| text.units().into_iter().map(|unit| if unit <= most { unit as u8 } else { b'?' }).collect();
        let plain = text.to_text();
        Ok(match self.form {
            Form::Utf8 => plain.as_bytes().to_vec(),
            Form::Ascii => narrow(0x7f),
            Form::Latin1 => narrow(0xff),
            Form::Utf16 => plain.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Form::Utf16BigEndian => plain.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Form::Utf32 => plain.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
            Form::Utf32BigEndian => plain.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
        })
    }

    fn decode(self, bytes: &[u8]) -> Result<Str> {
        let wide = |read: fn([u8; 2]) -> u16| {
            let mut text =
                String::from_utf16_lossy(&bytes.as_chunks::<2>().0.iter().map(|pair| read(*pair)).collect::<Vec<_>>());
            text.extend((bytes.len() % 2 == 1).then_some('\u{fffd}'));
            text
        };
        let full = |read: fn([u8; 4]) -> u32| {
            let chars = bytes.as_chunks::<4>().0.iter().map(|unit| char::from_u32(read(*unit)).unwrap_or('\u{fffd}'));
            let mut text: String = chars.collect();
            text.extend((!bytes.len().is_multiple_of(4)).then_some('\u{fffd}'));
            text
        };
        Ok(match self.form {
            Form::Utf8 => match std::str::from_utf8(bytes) {
                Ok(text) => text.into(),
                Err(error) if self.strict => {
                    let at = error.valid_up_to();
                    let byte = bytes.get(at).copied().unwrap_or_default();
                    let message = format!(
                        "Unable to translate bytes [{byte:02X}] at index {at} from specified code page to Unicode."
                    );
                    return Err(exception::raise(&DECODER_FALLBACK, message));
                }
                Err(_) => String::from_utf8_lossy(bytes).into_owned().into(),
            },
            Form::Ascii => bytes
                .iter()
                .map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' })
                .collect::<String>()
                .into(),
            Form::Latin1 => bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into(),
            Form::Utf16 => wide(u16::from_le_bytes).into(),
            Form::Utf16BigEndian => wide(u16::from_be_bytes).into(),
            Form::Utf32 => full(u32::from_le_bytes).into(),
            Form::Utf32BigEndian => full(u32::from_be_bytes).into(),
        })
    }
}

fn this(args: &Args<'_>) -> Result<Encoding> {
    args.this::<Encoding>().copied()
}

fn by_name(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let name = args.str(0, "name")?.to_text().trim().to_lowercase();
    let found =
        FORMS.iter().find(|(_, web, _, _, others)| web.to_lowercase() == name || others.contains(&name.as_str()));
    found.map(|(form, ..)| Value::object(Encoding::of(*form))).ok_or_else(|| {
        let message = format!("'{name}' is not a supported encoding name. For information on defining a custom encoding, see the documentation for the Encoding.RegisterProvider method.");
        exception::argument(&message, "name")
    })
}

fn by_page(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let page = args.int(0);
    if !(0..=65535).contains(&page) {
        return Err(exception::out_of_range("Valid values are between 0 and 65535, inclusive.", "codepage"));
    }
    let found = FORMS.iter().find(|(_, _, known, ..)| *known == page || (page == 0 && *known == 65001));
    found.map(|(form, ..)| Value::object(Encoding::of(*form))).ok_or_else(|| {
        exception::not_supported(format!("No data is available for encoding {page}. For information on defining a custom encoding, see the documentation for the Encoding.RegisterProvider method."))
    })
}

fn new_utf8(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::object(Encoding { bom: args.bool(0), strict: args.bool(1), ..UTF8 }))
}

fn convert(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (from, to) = (args.object_or::<Encoding>(0, "srcEncoding")?, args.object_or::<Encoding>(1, "dstEncoding")?);
    let text = from.decode(&args.bytes(2, "bytes")?)?;
    cx.meter.allocate(text.byte_len() * 4)?;
    Ok(Value::bytes(to.encode(&text)?))
}

/// The text at 1: a string, or units and perhaps a range of them.
fn text_of(args: &Args<'_>, param: &str) -> Result<Str> {
    let units = match args.some(1, param)? {
        Value::Str(text) if args.len() < 4 => return Ok(text.clone()),
        Value::Str(text) => text.units(),
        _ => units(args.object_or::<Array>(1, param)?),
    };
    if args.len() < 4 {
        return Ok(Str::from_units(&units));
    }
    let range = usize::try_from(args.int(2)).ok().zip(usize::try_from(args.int(3)).ok());
    let part = range.and_then(|(start, count)| units.get(start..start.checked_add(count)?));
    part.map(Str::from_units)
        .ok_or_else(|| exception::out_of_range("Index and count must refer to a location within the buffer.", "chars"))
}

fn bytes(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = text_of(&args, if matches!(args.value(1), Value::Object(_)) { "chars" } else { "s" })?;
    cx.meter.allocate(text.byte_len() * 2)?;
    Ok(Value::bytes(this(&args)?.encode(&text)?))
}

fn byte_count(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = text_of(&args, "chars")?;
    cx.meter.allocate(text.byte_len() * 2)?;
    Ok(Value::Int(this(&args)?.encode(&text)?.len() as i32))
}

fn decoded(cx: &mut Cx<'_>, args: &Args<'_>) -> Result<Str> {
    let bytes = args.bytes(1, "bytes")?;
    let part = if args.len() > 2 { part(&bytes, args.int(2), args.int(3))? } else { &bytes };
    cx.meter.text(part.len())?;
    this(args)?.decode(part)
}

fn string(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    decoded(cx, &args).map(Value::Str)
}

fn chars(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let units = decoded(cx, &args)?.units();
    cx.meter.allocate(units.len() * size_of::<Value>())?;
    Ok(Value::array(Ty::CHAR, units.into_iter().map(Value::Char).collect()))
}

fn char_count(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Int(decoded(cx, &args)?.len() as i32))
}

fn max_byte_count(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let per_unit = match this(&args)?.form {
        Form::Utf8 => 3,
        Form::Ascii | Form::Latin1 => 1,
        Form::Utf16 | Form::Utf16BigEndian => 2,
        Form::Utf32 | Form::Utf32BigEndian => 4,
    };
    let count = i32::try_from((i64::from(args.int(1)) + 1) * per_unit).ok().filter(|_| args.int(1) >= 0);
    count.map(Value::Int).ok_or_else(|| {
        exception::out_of_range(
            "Too many characters. The resulting number of bytes is larger than what can be returned as an int.",
            "charCount",
        )
    })
}

fn preamble(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let encoding = this(&args)?;
    let wanted = encoding.bom && !matches!(encoding.form, Form::Ascii | Form::Latin1);
    Ok(Value::bytes(if wanted { encoding.encode(&"\u{feff}".into())? } else { Vec::new() }))
}
