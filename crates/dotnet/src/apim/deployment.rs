//! `context.Deployment`.

use csharp::{
    Args, Cx, Result, Ty, Value,
    host::{Certificate, Flag, Text},
    surface::{EnumDef, Kind, TypeDef, pure, reads},
};

use super::{flag, handle, text};
use crate::{
    collections::Dictionary,
    security::{CERTIFICATE_2, host_certificate},
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.IDeployment",
    kind: Kind::Interface,
    members: &[
        reads("string Region { get; }", |cx, _| text(cx, Text::DeploymentRegion), "Where the gateway runs."),
        reads("string ServiceName { get; }", |cx, _| text(cx, Text::DeploymentServiceName), "The service's name."),
        reads("string ServiceId { get; }", |cx, _| text(cx, Text::DeploymentServiceId), "The service's id."),
        reads(
            "string GatewayId { get; }",
            |cx, _| text(cx, Text::DeploymentGatewayId),
            "`managed`, or the id of a self-hosted gateway.",
        ),
        reads(
            "IReadOnlyDictionary<string, X509Certificate2> Certificates { get; }",
            certificates,
            "The certificates of the service, by id.",
        ),
        pure(
            "ISustainabilityInfo SustainabilityInfo { get; }",
            |_, _| Ok(handle(&SUSTAINABILITY, 0)),
            "How clean the power is where the gateway runs.",
        ),
        pure("IGateway Gateway { get; }", |_, _| Ok(handle(&GATEWAY, 0)), "The gateway."),
    ],
    doc: "The gateway and the service.",
    ..TypeDef::CLASS
};

pub(crate) static GATEWAY: TypeDef = TypeDef {
    name: "PolicyExpressions.IGateway",
    kind: Kind::Interface,
    members: &[
        reads("string Id { get; }", |cx, _| text(cx, Text::GatewayId), "Its id."),
        reads("string InstanceId { get; }", |cx, _| text(cx, Text::GatewayInstanceId), "The id of this node."),
        reads("bool IsManaged { get; }", |cx, _| flag(cx, Flag::GatewayIsManaged), "Whether the platform runs it."),
    ],
    doc: "A gateway.",
    ..TypeDef::CLASS
};

fn certificates(cx: &mut Cx<'_>, _args: Args<'_>) -> Result<Value> {
    let mut found = Vec::new();
    for id in cx.host.certificate_ids() {
        let certificate = host_certificate(cx, Certificate::Deployment(&id.to_text()))?;
        found.push((Value::Str(id), certificate));
    }
    Ok(Dictionary::of(Ty::STRING, Ty::named(&CERTIFICATE_2), found))
}

pub(crate) static SUSTAINABILITY: TypeDef = TypeDef {
    name: "PolicyExpressions.ISustainabilityInfo",
    kind: Kind::Interface,
    members: &[pure(
        "CarbonIntensityCategory CurrentCarbonIntensity { get; }",
        // Nothing measures it where anyone may run a gateway, and the platform has a word for that.
        |_, _| Ok(Value::enumeration(&CARBON_INTENSITY, 0)),
        "`NotAvailable`: the power grid is not asked.",
    )],
    doc: "How clean the power is where the gateway runs.",
    ..TypeDef::CLASS
};

pub(crate) static CARBON_INTENSITY: TypeDef = TypeDef {
    name: "PolicyExpressions.CarbonIntensityCategory",
    kind: EnumDef::of(&[
        ("NotAvailable", 0),
        ("VeryLow", 1),
        ("Low", 2),
        ("Moderate", 3),
        ("High", 4),
        ("VeryHigh", 5),
    ]),
    doc: "How much carbon a kilowatt hour costs.",
    ..TypeDef::CLASS
};
