//! `validate-azure-ad-token`, against a sign-in service that behaves like Microsoft's.

use std::sync::Arc;

use base::Timestamp;
use crypto::jws::SigningKey;
use serde_json::{Value, json};
use testkit::{Documents, FakeBackend, Gateway, ManualClock, Reply, Setup};

use crate::bed::{CATALOGUE, NOW, refused};

const TENANT: &str = "9dd35a29-1c47-4e5c-b0a7-0f1d4d2f7c11";
const OTHER: &str = "11111111-2222-3333-4444-555555555555";
const APP: &str = "3f6b9a0d-52a8-4a92-9e2b-6f4a5f1f0c55";

struct Bed {
    gateway: Gateway,
    login: FakeBackend,
    key: SigningKey,
}

impl Bed {
    fn start() -> Self {
        let key = SigningKey::generate_ec().unwrap();
        let jwk = key.jwk();
        let login = FakeBackend::with(move |seen| {
            let host = format!("http://{}", seen.header("host").unwrap());
            let (tenant, rest) = seen.target.trim_start_matches('/').split_once('/')?;
            match rest {
                "v2.0/.well-known/openid-configuration" => {
                    let place = match tenant {
                        "common" | "organizations" => "{tenantid}",
                        _ => TENANT,
                    };
                    let issuer = format!("{host}/{place}/v2.0");
                    Some(Reply::new(
                        200,
                        json!({ "issuer": issuer, "jwks_uri": format!("{host}/{tenant}/keys") }).to_string(),
                    ))
                }
                "keys" => Some(Reply::new(200, json!({ "keys": [jwk] }).to_string())),
                _ => None,
            }
        });
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(NOW)));
        let setup = Setup { clock, ..Setup::with(Arc::clone(&CATALOGUE)) };
        let gateway = Gateway::start(setup, Documents::service("contoso").open_api("echo", "echo", &login.url()));
        Self { gateway, login, key }
    }

    fn policy(&self, tenant: &str, children: &str) {
        let endpoint = self.login.url();
        let policy = format!(
            r#"<policies><inbound><base /><validate-azure-ad-token tenant-id="{tenant}" authentication-endpoint="{endpoint}">{children}</validate-azure-ad-token></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /><set-header name="x-reason" exists-action="override"><value>@(context.LastError.Reason)</value></set-header></on-error></policies>"#
        );
        self.gateway.write(Documents::of("contoso").policy("apis/echo", &policy));
        assert_eq!(self.gateway.problems(), Vec::<String>::new());
    }

    /// `ok`, or why the token of these claims was refused.
    fn verdict(&self, mut claims: Value) -> String {
        claims["exp"] = (NOW + 60).into();
        let token = self.key.sign(&claims).unwrap();
        let request = format!(
            "GET /echo/a/b HTTP/1.1\nHost: contoso.localhost\nAuthorization: Bearer {token}\nConnection: close\n\n"
        );
        let answer = self.gateway.exchange(&request);
        if answer.starts_with("HTTP/1.1 200") {
            return "ok".into();
        }
        assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("x-reason"), "{answer}");
        answer.lines().find_map(|line| line.strip_prefix("x-reason: ")).unwrap().to_owned()
    }

    fn v2(&self, tenant: &str) -> Value {
        json!({ "iss": format!("{}/{tenant}/v2.0", self.login.url()), "tid": tenant, "azp": APP, "aud": "orders" })
    }
}

fn clients() -> String {
    format!("<client-application-ids><application-id>{APP}</application-id></client-application-ids>")
}

#[test]
fn both_versions_of_tokens_of_the_tenant_pass() {
    let bed = Bed::start();
    let v1 = |tenant: &str| json!({ "iss": format!("https://sts.windows.net/{tenant}/"), "tid": tenant, "appid": APP, "aud": "orders" });
    for tenant in [TENANT, "contoso.onmicrosoft.com", &format!("{}/{TENANT}", bed.login.url())] {
        bed.policy(tenant, &clients());
        assert_eq!([bed.verdict(bed.v2(TENANT)), bed.verdict(v1(TENANT))], ["ok", "ok"], "{tenant}");
        assert_eq!(bed.verdict(bed.v2(OTHER)), "TokenIssuerNotAllowed");
        assert_eq!(bed.verdict(v1(OTHER)), "TokenIssuerNotAllowed");
    }
}

#[test]
fn any_tenant_passes_where_the_document_says_so() {
    let bed = Bed::start();
    let consumers = policy::login::CONSUMERS;
    bed.policy("common", &clients());
    assert_eq!([TENANT, OTHER, consumers].map(|tenant| bed.verdict(bed.v2(tenant))), ["ok"; 3]);
    bed.policy("organizations", &clients());
    let seen = [TENANT, OTHER, consumers].map(|tenant| bed.verdict(bed.v2(tenant)));
    assert_eq!(seen, ["ok", "ok", "TokenIssuerNotAllowed"]);
    // What a token calls its tenant may not lead its issuer elsewhere.
    let mut claims = bed.v2(TENANT);
    claims["tid"] = "../x".into();
    claims["iss"] = format!("{}/../x/v2.0", bed.login.url()).into();
    assert_eq!(bed.verdict(claims), "TokenIssuerNotAllowed");
}

#[test]
fn the_application_that_calls_and_the_one_that_is_called_must_be_listed() {
    let bed = Bed::start();
    let with = |name: &str, value: &str| {
        let mut claims = bed.v2(TENANT);
        claims[name] = value.into();
        claims
    };
    bed.policy(TENANT, &clients());
    assert_eq!(bed.verdict(with("azp", OTHER)), "TokenClaimValueNotAllowed");
    let mut nobody = bed.v2(TENANT);
    nobody.as_object_mut().unwrap().remove("azp");
    assert_eq!(bed.verdict(nobody), "TokenClaimNotFound");
    bed.policy(
        TENANT,
        &format!("<backend-application-ids><application-id>{APP}</application-id></backend-application-ids>"),
    );
    assert_eq!(bed.verdict(with("aud", APP)), "ok");
    assert_eq!(bed.verdict(with("aud", &format!("api://{APP}"))), "ok");
    assert_eq!(bed.verdict(with("aud", "orders")), "TokenAudienceNotAllowed");
    let more = r#"<audiences><audience>orders</audience></audiences><required-claims><claim name="roles" match="any"><value>reader</value></claim></required-claims>"#;
    bed.policy(TENANT, more);
    assert_eq!(bed.verdict(bed.v2(TENANT)), "TokenClaimNotFound");
    assert_eq!(bed.verdict(with("roles", "reader")), "ok");
}

#[test]
fn a_document_that_lets_every_application_in_is_refused() {
    let policy = format!(r#"<validate-azure-ad-token tenant-id="{TENANT}" />"#);
    assert_eq!(refused(&policy), ["PX0109 <validate-azure-ad-token> must list client-application-ids or audiences."]);
    let policy = format!(r#"<validate-azure-ad-token tenant-id="a b">{}</validate-azure-ad-token>"#, clients());
    assert_eq!(refused(&policy), ["PX0107 The value of tenant-id: \"a b\" is no tenant."]);
}
