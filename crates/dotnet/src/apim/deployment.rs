//! `context.Deployment`.

use csharp::{
    host::{Flag, Text},
    surface::{Kind, TypeDef, pure, reads},
};

use super::{flag, handle, text};

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
