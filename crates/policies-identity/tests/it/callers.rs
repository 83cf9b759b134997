//! `ip-filter` and `check-header`.

use crate::bed::{refused, run, verdict};

#[test]
fn callers_are_let_in_or_kept_out_by_their_address() {
    // The stage's caller is 203.0.113.7.
    let filter = |action: &str, what: &str| {
        verdict(&run(&format!(r#"<ip-filter action="{action}">{what}</ip-filter>"#), "GET / HTTP/1.1"))
    };
    let (own, other) = ("<address>203.0.113.7</address>", "<address>203.0.113.8</address>");
    assert_eq!(filter("allow", own), "ok");
    assert_eq!(filter("allow", "<address>::ffff:203.0.113.7</address>"), "ok");
    assert_eq!(filter("allow", other), "403 CallerIpNotAllowed Forbidden");
    assert_eq!(filter("forbid", own), "403 CallerIpBlocked Forbidden");
    assert_eq!(filter("forbid", other), "ok");
    let range = |from: &str, to: &str| filter("allow", &format!(r#"<address-range from="{from}" to="{to}" />"#));
    assert_eq!(range("203.0.113.7", "203.0.113.7"), "ok");
    assert_eq!(range("203.0.112.255", "203.0.114.0"), "ok");
    assert_eq!(range("203.0.113.8", "203.0.113.9"), "403 CallerIpNotAllowed Forbidden");
    // Families have no order between them.
    assert_eq!(range("::", "ffff::"), "403 CallerIpNotAllowed Forbidden");
    assert_eq!(filter(r#"@("al" + "low")"#, own), "ok");
}

#[test]
fn a_filter_that_holds_nothing_is_refused() {
    let wrong = |what: &str| refused(&format!(r#"<ip-filter action="forbid">{what}</ip-filter>"#)).remove(0);
    assert!(wrong("").starts_with("PX0108"));
    assert!(wrong("<address>10.0.0.0/8</address>").starts_with("PX0107"));
    assert_eq!(
        wrong(r#"<address-range from="10.0.0.9" to="10.0.0.1" />"#),
        "PX0107 No address lies between 10.0.0.9 and 10.0.0.1."
    );
    assert_eq!(
        wrong(r#"<address-range from="10.0.0.1" to="::1" />"#),
        "PX0107 No address lies between 10.0.0.1 and ::1."
    );
}

#[test]
fn a_header_must_be_there_and_have_a_value_that_is_listed() {
    let check = |attributes: &str, values: &str, given: &str| {
        let policy = format!(
            r#"<check-header name="X-Tenant" failed-check-httpcode="@(400 + 12)" failed-check-error-message="No." {attributes}>{values}</check-header>"#
        );
        verdict(&run(&policy, &format!("GET / HTTP/1.1{given}")))
    };
    let (exact, any) = (r#"ignore-case="false""#, r#"ignore-case="true""#);
    let values = "<value>north</value><value>@(\"so\" + \"uth\")</value>";
    assert_eq!(check(exact, "", ""), "412 HeaderNotFound No.");
    assert_eq!(check(exact, "", "\nx-tenant: anything"), "ok");
    assert_eq!(check(exact, values, "\nX-Tenant: south"), "ok");
    assert_eq!(check(exact, values, "\nX-Tenant: South"), "412 HeaderValueNotAllowed No.");
    assert_eq!(check(any, values, "\nX-Tenant: South"), "ok");
}
