//! `ip-filter`: lets callers in, or keeps them out, by their address.

use std::net::IpAddr;

use policy::prelude::*;

words! {
    /// What happens to a caller that matches.
    enum Action { Allow = "allow", Forbid = "forbid" }
}

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "ip-filter",
    summary: "Lets callers in, or keeps them out, by their IP address.",
    notes: "The address is that of the connection; `X-Forwarded-For` does not count, because anybody can write it.",
    sections: Sections::INBOUND,
    attrs: &[Attr::required("action", Kind::OneOf(Action::WORDS), "Whether those listed are let in or kept out.").expr()],
    children: &[
        Child::texts("address", Kind::Text, "One address."),
        Child {
            name: "address-range",
            attrs: &[
                Attr::required("from", Kind::Text, "First address.").expr(),
                Attr::required("to", Kind::Text, "Last address.").expr(),
            ],
            doc: "All addresses between two, both included.",
            ..Child::BASE
        },
    ],
    examples: &[
        Example {
            title: "Only the office",
            policy: r#"<ip-filter action="allow"><address-range from="198.51.100.0" to="198.51.100.255" /></ip-filter>"#,
            then: "HTTP/1.1 403 Forbidden\nContent-Type: application/json\n\n{ \"statusCode\": 403, \"message\": \"Forbidden\" }",
            ..Example::BASE
        },
        Example {
            title: "A network of IPv6, and one address that an expression gives",
            policy: r#"<ip-filter action="allow"><address-range from="2001:db8::" to="2001:db8::ffff" /><address>@("203.0.113" + ".7")</address></ip-filter>"#,
            then: "GET / HTTP/1.1",
            ..Example::BASE
        },
        Example {
            title: "Everybody but one",
            policy: r#"<ip-filter action="forbid"><address>198.51.100.7</address></ip-filter>"#,
            then: "GET / HTTP/1.1",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let action = cx.attr(element, "action");
        let addresses = cx.texts::<Address>(element, "address");
        let ranges: Vec<_> = element
            .elements()
            .filter(|child| child.name == "address-range")
            .map(|range| {
                let (from, to) = (cx.attr::<Address>(range, "from"), cx.attr::<Address>(range, "to"));
                let (from, to) = (from?, to?);
                // A range that holds no address is a mistake, and under `forbid` one that lets everybody in.
                if let (Value::Literal(Address(first)), Value::Literal(Address(last))) = (&from, &to)
                    && (first.is_ipv4() != last.is_ipv4() || first > last)
                {
                    cx.error("PX0107", format!("No address lies between {first} and {last}."), range.span);
                    return None;
                }
                Some((from, to))
            })
            .collect();
        let ranges = ranges.into_iter().collect::<Option<Box<[_]>>>()?;
        let (action, addresses) = (action?, addresses?);
        if addresses.is_empty() && ranges.is_empty() {
            cx.error("PX0108", "<ip-filter> lists no <address> and no <address-range>.", element.span);
            return None;
        }
        Some(Step::now(IpFilter { action, addresses, ranges }))
    },
    ..PolicyDef::BASE
};

struct IpFilter {
    action: Value<Action>,
    addresses: Box<[Value<Address>]>,
    ranges: Box<[(Value<Address>, Value<Address>)]>,
}

impl Policy for IpFilter {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let action = *self.action.get(exchange)?;
        let Some(caller) = exchange.client.address.map(|address| address.to_canonical()) else {
            return Err(refusal("FailedToParseCallerIP", "Failed to establish IP address for the caller. Access denied."));
        };
        match (action, self.lists(caller, exchange)?) {
            (Action::Allow, false) => {
                let message = format!("Caller IP address {caller} is not allowed. Access denied.");
                Err(refusal("CallerIpNotAllowed", message))
            }
            (Action::Forbid, true) => Err(refusal("CallerIpBlocked", "Caller IP address is blocked. Access denied.")),
            (Action::Allow, true) | (Action::Forbid, false) => {
                exchange.note(|_| format!("The caller {caller} may call."));
                Ok(Flow::Continue)
            }
        }
    }
}

impl IpFilter {
    fn lists(&self, caller: IpAddr, exchange: &mut Exchange) -> Result<bool, Fault> {
        for address in &self.addresses {
            if address.get(exchange)?.0 == caller {
                return Ok(true);
            }
        }
        for (from, to) in &self.ranges {
            let (from, to) = (from.get(exchange)?.0, to.get(exchange)?.0);
            // Addresses of the two families have no order between them.
            if from.is_ipv4() == caller.is_ipv4() && to.is_ipv4() == caller.is_ipv4() && (from..=to).contains(&caller) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The client reads only that it may not, as the service answers; the reason is in `context.LastError`.
fn refusal(reason: &'static str, message: impl Into<String>) -> Fault {
    Fault::new("ip-filter", reason, message).with_status(Status::FORBIDDEN).shown("Forbidden")
}

/// An address in its own family: an IPv4 address inside an IPv6 one counts as IPv4.
#[derive(Clone, Copy, Debug)]
struct Address(IpAddr);

impl FromText for Address {
    fn from_text(text: &str) -> Result<Self, String> {
        let address: Result<IpAddr, _> = text.trim().parse();
        address.map(|address| Self(address.to_canonical())).map_err(|_| format!("\"{text}\" is no IP address"))
    }
}
