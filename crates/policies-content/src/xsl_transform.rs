//! `xsl-transform`: rewrites an XML body by a stylesheet.

use policy::prelude::*;

const PARAMETER: Child = Child {
    name: "parameter",
    attrs: &[
        Attr::optional("parameter-name", Kind::Name, "The name of the parameter."),
        Attr::optional("name", Kind::Name, "The name of the parameter, as older documents have it."),
    ],
    content: Content::Text(Kind::Text, true),
    doc: "A parameter of the stylesheet.",
    ..Child::BASE
};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "xsl-transform",
    summary: "Rewrites an XML body by an XSLT 1.0 stylesheet.",
    sections: Sections::INBOUND.or(Sections::OUTBOUND),
    once: Once::PerSection,
    children: &[
        PARAMETER,
        Child {
            name: "xsl:stylesheet",
            count: (0, 1),
            content: Content::Verbatim,
            attrs: STYLESHEET,
            doc: "The stylesheet.",
            ..Child::BASE
        },
        Child {
            name: "xsl:transform",
            count: (0, 1),
            content: Content::Verbatim,
            attrs: STYLESHEET,
            doc: "The stylesheet, by its other name.",
            ..Child::BASE
        },
    ],
    examples: &[Example {
        title: "Rename the root",
        section: Section::Outbound,
        policy: "<xsl-transform>\n  <parameter name=\"user\">@(context.User.Email)</parameter>\n  \
                 <xsl:stylesheet version=\"1.0\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\">\n    \
                 <xsl:param name=\"user\" />\n    \
                 <xsl:template match=\"/old\"><new by=\"{$user}\"><xsl:copy-of select=\"*\" /></new></xsl:template>\n  \
                 </xsl:stylesheet>\n</xsl-transform>",
        ..Example::BASE
    }],
    ..PolicyDef::NOT_YET
};

const STYLESHEET: &[Attr] = &[
    Attr::required("version", Kind::Name, "The version of XSLT."),
    Attr::optional("exclude-result-prefixes", Kind::Text, "Prefixes that the result does not declare."),
    Attr::optional("extension-element-prefixes", Kind::Text, "Prefixes of extension elements."),
];
