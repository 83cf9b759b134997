//! `System.Net.IPAddress` and `System.Net.Sockets.AddressFamily`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use csharp::{
    Args, Cx, Result, Str, Ty, Value, exception,
    parcel::{Packed, Packer},
    surface::{EnumDef, TypeDef, pure, reads},
    value::Object,
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Net.IPAddress",
    members: &[
        pure("static readonly IPAddress Any", |_, _| Ok(value(Ipv4Addr::UNSPECIFIED.into())), "`0.0.0.0`."),
        pure("static readonly IPAddress Loopback", |_, _| Ok(value(Ipv4Addr::LOCALHOST.into())), "`127.0.0.1`."),
        pure("static readonly IPAddress Broadcast", |_, _| Ok(value(Ipv4Addr::BROADCAST.into())), "`255.255.255.255`."),
        pure("static readonly IPAddress None", |_, _| Ok(value(Ipv4Addr::BROADCAST.into())), "`255.255.255.255`."),
        pure("static readonly IPAddress IPv6Any", |_, _| Ok(value(Ipv6Addr::UNSPECIFIED.into())), "`::`."),
        pure("static readonly IPAddress IPv6None", |_, _| Ok(value(Ipv6Addr::UNSPECIFIED.into())), "`::`."),
        pure("static readonly IPAddress IPv6Loopback", |_, _| Ok(value(Ipv6Addr::LOCALHOST.into())), "`::1`."),
        reads("IPAddress(byte[] address)", of_bytes, "From 4 or 16 bytes."),
        pure("IPAddress(long newAddress)", of_number, "From a number, the first byte lowest."),
        pure("static IPAddress Parse(string ipString)", parse, "Reads an address."),
        pure("static bool TryParse(string ipString, out IPAddress address)", try_parse, "Whether it is an address."),
        pure("static bool IsLoopback(IPAddress address)", is_loopback, "Whether it is this machine."),
        pure(
            "AddressFamily AddressFamily { get; }",
            |_, args| Ok(Value::enumeration(&ADDRESS_FAMILY, if at(&args)?.is_ipv4() { 2 } else { 23 })),
            "IPv4 or IPv6.",
        ),
        pure("byte[] GetAddressBytes()", |_, args| Ok(Value::bytes(bytes(at(&args)?))), "Its 4 or 16 bytes."),
        pure(
            "bool IsIPv4MappedToIPv6 { get; }",
            |_, args| Ok(Value::Bool(matches!(at(&args)?, IpAddr::V6(address) if address.to_ipv4_mapped().is_some()))),
            "Whether it is an IPv4 address in IPv6.",
        ),
        pure(
            "bool IsIPv6LinkLocal { get; }",
            |_, args| {
                Ok(Value::Bool(matches!(at(&args)?, IpAddr::V6(address) if address.segments()[0] & 0xffc0 == 0xfe80)))
            },
            "Whether it holds for one link.",
        ),
        pure(
            "bool IsIPv6SiteLocal { get; }",
            |_, args| {
                Ok(Value::Bool(matches!(at(&args)?, IpAddr::V6(address) if address.segments()[0] & 0xffc0 == 0xfec0)))
            },
            "Whether it holds for one site.",
        ),
        pure(
            "bool IsIPv6Multicast { get; }",
            |_, args| Ok(Value::Bool(matches!(at(&args)?, IpAddr::V6(address) if address.is_multicast()))),
            "Whether it names a group.",
        ),
        pure(
            "IPAddress MapToIPv4()",
            |_, args| {
                Ok(value(match at(&args)? {
                    IpAddr::V6(address) => low(address).into(),
                    address @ IpAddr::V4(_) => address,
                }))
            },
            "Its last four bytes.",
        ),
        pure(
            "IPAddress MapToIPv6()",
            |_, args| {
                Ok(value(match at(&args)? {
                    IpAddr::V4(address) => address.to_ipv6_mapped().into(),
                    address @ IpAddr::V6(_) => address,
                }))
            },
            "As IPv6.",
        ),
        pure("string ToString()", crate::system::to_string, "The address as text."),
    ],
    doc: "An IP address.",
    ..TypeDef::CLASS
};

pub(crate) static ADDRESS_FAMILY: TypeDef = TypeDef {
    name: "System.Net.Sockets.AddressFamily",
    kind: EnumDef::of(&[("Unknown", -1), ("Unspecified", 0), ("Unix", 1), ("InterNetwork", 2), ("InterNetworkV6", 23)]),
    doc: "Kinds of address.",
    ..TypeDef::CLASS
};

struct Address(IpAddr);

impl Object for Address {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }

    fn pack(&self, _packer: &mut Packer) -> Option<Packed> {
        let inner = self.0;
        Some(Packed::new(move |_| Value::object(Address(inner))))
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.0.to_string().into())
    }

    fn equals(&self, other: &Value) -> bool {
        other.downcast::<Address>().is_some_and(|other| self.0 == other.0)
    }

    fn hash(&self) -> Option<u64> {
        Some(bytes(self.0).iter().fold(17, |hash: u64, byte| hash.wrapping_mul(31).wrapping_add(u64::from(*byte))))
    }
}

fn value(address: IpAddr) -> Value {
    Value::object(Address(address))
}

fn at(args: &Args<'_>) -> Result<IpAddr> {
    Ok(args.this::<Address>()?.0)
}

fn bytes(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

fn low(address: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = address.octets();
    Ipv4Addr::new(a, b, c, d)
}

fn of_bytes(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let bytes = args.bytes(0, "address")?;
    let v4 = <[u8; 4]>::try_from(&*bytes).map(IpAddr::from);
    let address = v4.or_else(|_| <[u8; 16]>::try_from(&*bytes).map(IpAddr::from));
    address.map(value).map_err(|_| exception::argument("An invalid IP address was specified.", "address"))
}

fn of_number(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let number = u32::try_from(args.long(0)).map_err(|_| exception::out_of_range("", "newAddress"))?;
    Ok(value(IpAddr::from(number.to_le_bytes())))
}

/// Dotted decimal with one to four parts, each decimal, octal (`010`) or hexadecimal (`0x1f`); the last part fills the
/// bytes that are left.
fn read_v4(text: &str) -> Option<Ipv4Addr> {
    let part = |text: &str| {
        let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        let (digits, base) = match hex {
            Some(digits) => (digits, 16),
            None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
            None => (text, 10),
        };
        let plain = !digits.is_empty() && digits.chars().all(|c| c.is_digit(base));
        if plain { u64::from_str_radix(digits, base).ok() } else { None }
    };
    let parts: Vec<u64> = text.split('.').map(part).collect::<Option<_>>()?;
    let (last, first) = parts.split_last().filter(|_| parts.len() <= 4)?;
    let room = 8 * (4 - first.len() as u32);
    if first.iter().any(|part| *part > 255) || *last >= 1 << room {
        return None;
    }
    let high = first.iter().enumerate().map(|(at, part)| part << (24 - 8 * at)).sum::<u64>();
    u32::try_from(high | last).ok().map(Ipv4Addr::from)
}

fn read(text: &str) -> Option<IpAddr> {
    if !text.contains(':') {
        return read_v4(text).map(IpAddr::V4);
    }
    let bare = text.strip_prefix('[').map_or(text, |rest| rest.split(']').next().unwrap_or_default());
    // The scope says which link a local address is meant on: the address is the same.
    let bare = bare.split('%').next().unwrap_or_default();
    bare.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
}

fn parse(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let address = read(&args.str(0, "ipString")?.to_text());
    address.map(value).ok_or_else(|| exception::format("An invalid IP address was specified."))
}

fn try_parse(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let found = args.opt_str(0).and_then(|text| read(&text.to_text()));
    args.set(1, found.map_or(Value::Null, value));
    Ok(Value::Bool(found.is_some()))
}

fn is_loopback(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let address = args.object_or::<Address>(0, "address")?.0;
    let mapped =
        matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some_and(|address| address.is_loopback()));
    Ok(Value::Bool(address.is_loopback() || mapped))
}
