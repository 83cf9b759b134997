"""Identity: tokens of a real OpenID provider, client certificates, and tokens for backends. Nothing here is faked."""

import base64
import http.client
import json
import os
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.parse
from pathlib import Path

from harness import HERE, Backend, Management, Tollgate, check, equal, finished, free_ports, heading

SERVICE = "identity"


class Provider:
    """npm oidc-provider, with keys that the test chooses."""

    def __init__(self):
        self.port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        self.configuration = f"{self.url}/.well-known/openid-configuration"
        self.folder = Path(tempfile.mkdtemp(prefix="tollgate-provider-"))
        self.process = None
        # The first start has a key of no use, to make the real ones with.
        self.keys = [{"kty": "RSA", "alg": "RS256", "kid": "none"}]

    def start(self, keys):
        self.keys = keys
        (self.folder / "keys.json").write_text(json.dumps({"keys": keys}), encoding="utf-8")
        self.process = subprocess.Popen(
            [os.environ.get("NODE", "node"), HERE / "provider" / "provider.mjs", str(self.port), self.folder / "keys.json"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise SystemExit("the OpenID provider did not start")

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()

    def post(self, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise SystemExit(f"{path} of the provider answered {answer.status}: {text}")
        return json.loads(text)

    def generate(self, alg, kid):
        return self.post("/generate", json.dumps({"alg": alg, "kid": kid}))

    def token(self, scope="read"):
        """A token as any client gets it."""
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": scope, "client_id": "client_secret_post",
                                       "client_secret": "a secret, with spaces & signs"})
        return self.post("/token", form)["access_token"]

    def make(self, claims, jwk=None, encrypt=None, **header):
        """Whatever the test wants, signed by a key of the provider."""
        jwk = jwk or self.keys[0]
        header = {"alg": jwk["alg"], "kid": jwk["kid"], **header}
        now = int(time.time())
        claims = {"iss": self.url, "aud": "orders", "iat": now, "exp": now + 300, **claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.post("/make", json.dumps({"claims": claims, "header": header, "jwk": jwk, "encrypt": encrypt}))


def static_keys():
    """Keys for the first start: made by the provider's own libraries, before there is a provider."""
    script = ("import { createRequire } from 'node:module'; import { pathToFileURL } from 'node:url';"
              "const require = createRequire(process.env.PROVIDER_MODULES + '/');"
              "const jose = await import(pathToFileURL(require.resolve('jose')));"
              "const { privateKey } = await jose.generateKeyPair('RS256', { extractable: true });"
              "console.log(JSON.stringify({ ...(await jose.exportJWK(privateKey)), alg: 'RS256', kid: 'one', use: 'sig' }));")
    made = subprocess.run([os.environ.get("NODE", "node"), "--input-type=module", "-e", script], capture_output=True, text=True)
    if made.returncode != 0:
        raise SystemExit(made.stderr)
    return [json.loads(made.stdout)]


class Bed:
    """A service with one API, whose policy the test changes."""

    def __init__(self, tollgate, backend):
        self.tollgate = tollgate
        self.management = Management(tollgate)
        _, _, subscriptions = self.management.arm("GET", "/subscriptions")
        root = subscriptions["value"][0]["id"]
        self.management.arm("PUT", f"{root}/resourceGroups/identity", {"location": "westeurope"})
        self.path = f"{root}/resourceGroups/identity/providers/Microsoft.ApiManagement/service/{SERVICE}"
        self.service = {"location": "westeurope", "sku": {"name": "Developer", "capacity": 1},
                        "identity": {"type": "SystemAssigned"},
                        "properties": {"publisherEmail": "a@b.example", "publisherName": "b"}}
        self.put("", self.service)
        self.put("/apis/orders", {"properties": {"displayName": "Orders", "path": "orders", "protocols": ["http", "https"],
                                                 "serviceUrl": backend.url, "subscriptionRequired": False}})
        self.put("/apis/orders/operations/get", {"properties": {"displayName": "Get", "method": "GET", "urlTemplate": "/*"}})

    def put(self, path, body, expected=(200, 201)):
        status, _, answer = self.management.arm("PUT", self.path + path, body)
        check(f"PUT {path or 'the service'}", status in expected, f"{status} {answer}")
        return answer

    def policy(self, inbound):
        text = (f"<policies><inbound><base />{inbound}</inbound><backend><base /></backend><outbound><base /></outbound>"
                "<on-error><base /><set-header name=\"x-reason\" exists-action=\"override\"><value>@(context.LastError.Source + \" \" + context.LastError.Reason)"
                "</value></set-header></on-error></policies>")
        self.put("/apis/orders/policies/policy", {"properties": {"format": "rawxml", "value": text}})

    def get(self, token=None):
        """Status and reason; and what the backend got."""
        connection = http.client.HTTPConnection("127.0.0.1", self.tollgate.ports[0], timeout=30)
        headers = {"Host": f"{SERVICE}.localhost"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection.request("GET", "/orders/1", headers=headers)
        answer = connection.getresponse()
        body = json.loads(answer.read() or "null")
        connection.close()
        return answer.status, answer.headers.get("x-reason"), body

    def verdict(self, token):
        status, reason, _ = self.get(token)
        return status if status == 200 else f"{status} {(reason or '').split(' ')[-1]}"


def main():
    provider = Provider()
    backend = Backend()
    tollgate = Tollgate()
    try:
        provider.start(static_keys())
        bed = Bed(tollgate, backend)
        tokens(bed, provider)
        algorithms(bed, provider)
        encrypted(bed, provider)
        clock_skew(bed, provider)
        down_and_back(bed, provider)
        rotation(bed, provider)
        credentials(bed, provider)
        certificates(bed)
    finally:
        provider.stop()
        tollgate.process.kill()
        backend.stop()
    finished("identity")


def validate(provider, attributes="", children=""):
    return (f'<validate-jwt header-name="Authorization" require-scheme="Bearer" output-token-variable-name="jwt" {attributes}>'
            f'<openid-config url="{provider.configuration}" /><audiences><audience>orders</audience></audiences>{children}</validate-jwt>'
            '<set-header name="x-user" exists-action="override"><value>@(((Jwt)context.Variables["jwt"]).Subject)</value></set-header>')


def tokens(bed, provider):
    heading("tokens of the provider")
    bed.policy(validate(provider))
    token = provider.token()
    status, _, received = bed.get(token)
    equal("the provider's own token passes", status, 200)
    equal("the backend learns who calls", received["headers"]["x-user"], "client_secret_post")
    equal("no token", bed.get()[:2], (401, "validate-jwt TokenNotPresent"))
    equal("no token: what the client reads", bed.get()[2], {"statusCode": 401, "message": "JWT not present."})
    head, body, signature = token.split(".")
    equal("a changed signature", bed.verdict(f"{head}.{body}.{signature[:-8]}AAAAAAAA"), "401 TokenSignatureInvalid")
    equal("another audience", bed.verdict(provider.make({"aud": "invoices"})), "401 TokenAudienceNotAllowed")
    equal("another issuer", bed.verdict(provider.make({"iss": "https://evil.example"})), "401 TokenIssuerNotAllowed")
    bed.policy(validate(provider, children='<required-claims><claim name="scope" separator=" "><value>write</value></claim></required-claims>'))
    equal("without the scope", bed.verdict(token), "401 TokenClaimValueNotAllowed")
    equal("with the scope", bed.verdict(provider.token("read write")), 200)
    bed.policy(validate(provider))


def algorithms(bed, provider):
    heading("algorithms that others sign with")
    names = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
    keys = [provider.generate(name, name.lower()) for name in names]
    one = provider.keys
    provider.stop()
    provider.start(one + keys)
    for name, key in zip(names, keys):
        equal(name, bed.verdict(provider.make({"sub": "x"}, jwk=key)), 200)
        equal(f"{name} without a key id", bed.verdict(provider.make({"sub": "x"}, jwk=key, kid=None)), 200)
    stranger = provider.generate("ES256", "stranger")
    equal("an unknown key", bed.verdict(provider.make({}, jwk=stranger)), "401 TokenSignatureKeyNotFound")
    equal("its name, another key", bed.verdict(provider.make({}, jwk=stranger, kid="es256")), "401 TokenSignatureInvalid")


def encrypted(bed, provider):
    heading("encrypted tokens")
    secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    bed.policy(validate(provider, children=f"<decryption-keys><key>{secret}=</key></decryption-keys>"))
    for enc in ["A128CBC-HS256", "A256GCM"]:
        encrypt = {"header": {"alg": "dir", "enc": enc}, "jwk": {"kty": "oct", "k": secret, "alg": "dir"}}
        equal(f"dir with {enc}", bed.verdict(provider.make({}, encrypt=encrypt)), 200)
    other = {"header": {"alg": "dir", "enc": "A256GCM"}, "jwk": {"kty": "oct", "k": "B" + secret[1:], "alg": "dir"}}
    equal("another key", bed.verdict(provider.make({}, encrypt=other)), "401 JwtInvalid")


def clock_skew(bed, provider):
    heading("clocks that differ")
    now = int(time.time())
    late, early = provider.make({"exp": now - 20}), provider.make({"nbf": now + 20})
    bed.policy(validate(provider))
    equal("ended 20 seconds ago", bed.verdict(late), "401 TokenExpired")
    equal("begins in 20 seconds", bed.verdict(early), "401 JwtInvalid")
    bed.policy(validate(provider, 'clock-skew="120"'))
    equal("ended, within the skew", bed.verdict(late), 200)
    equal("not begun, within the skew", bed.verdict(early), 200)
    bed.policy(validate(provider))
    equal("without an end", bed.verdict(provider.make({"exp": None})), "401 JwtInvalid")
    bed.policy(validate(provider, 'require-expiration-time="false"'))
    equal("without an end, where that is allowed", bed.verdict(provider.make({"exp": None})), 200)
    bed.policy(validate(provider))


def down_and_back(bed, provider):
    heading("the provider goes away and comes back")
    token = provider.token()
    keys = provider.keys
    provider.stop()
    equal("while it is down, its tokens pass", [bed.verdict(token) for _ in range(3)], [200] * 3)
    bed.policy(validate(provider, children="<issuers><issuer>https://other.example</issuer></issuers>"))
    equal("also after the policy was saved anew", bed.verdict(token), 200)
    provider.start(keys)
    equal("when it is back, a new token passes", bed.verdict(provider.token()), 200)


def rotation(bed, provider):
    heading("the provider changes its keys")
    # A second provider at another address: the first one's budget for unknown keys is spent.
    second = Provider()
    second.start([provider.generate("RS256", "first")])
    try:
        bed.policy(validate(second))
        old = second.token()
        equal("a token of the first key", bed.verdict(old), 200)
        keys = [second.generate("PS384", "second"), *second.keys]
        second.stop()
        second.start(keys)
        equal("a token of the new key, at once", bed.verdict(second.token()), 200)
        equal("a token of the old key", bed.verdict(old), 200)
        keys = [second.generate("RS256", "third")]
        second.stop()
        second.start(keys)
        equal("five minutes must pass before the next change counts", bed.verdict(second.token()), "401 TokenSignatureKeyNotFound")
    finally:
        second.stop()


def credentials(bed, provider):
    heading("tokens for the backend")
    own = bed.management.arm("GET", bed.path)[2]["identity"]
    check("the service has an identity", len(own["principalId"]) == 36, own)
    token_url = f"{provider.url}/token"
    shown = bed.put("/authorizationProviders/orders", {"properties": {
        "displayName": "Orders", "identityProvider": "oauth2",
        "oauth2": {"grantTypes": {"clientCredentials": {"tokenUrl": token_url, "scopes": "read"}}}}})
    equal("a provider is shown as it was put", shown["properties"]["oauth2"]["grantTypes"]["clientCredentials"]["tokenUrl"], token_url)
    for method in ["client_secret_basic", "client_secret_post"]:
        path = f"/authorizationProviders/orders/authorizations/{method}"
        shown = bed.put(path, {"properties": {
            "authorizationType": "OAuth2", "oauth2grantType": "ClientCredentials",
            "parameters": {"clientId": method, "clientSecret": "a secret, with spaces & signs"}}})
        equal("it is connected", shown["properties"]["status"], "Connected")
        seen = bed.management.arm("GET", bed.path + path)[2]
        check("the secret does not show", "a secret" not in json.dumps(seen), seen)
        bed.policy(f'<get-authorization-context provider-id="orders" authorization-id="{method}" context-variable-name="auth" />'
                   '<set-header name="Authorization" exists-action="override"><value>@("Bearer " + ((Authorization)context.Variables["auth"]).AccessToken)</value></set-header>')
        equal("nobody was given access", bed.get()[:2], (500, "get-authorization-context AuthorizationAccessDenied"))
        bed.put(f"{path}/accessPolicies/own", {"properties": {"objectId": own["principalId"], "tenantId": own["tenantId"]}})
        status, reason, received = bed.get()
        equal(f"{method}: the request passes", (status, reason), (200, None))
        token = received["headers"]["authorization"].removeprefix("Bearer ")
        equal("with one token for all requests", bed.get()[2]["headers"]["authorization"], f"Bearer {token}")
        bed.policy(validate(provider))
        equal("and the provider's own policy takes it", bed.verdict(token), 200)
    login = bed.path + "/authorizationProviders/orders/authorizations/client_secret_post/getLoginLinks"
    status, _, answer = bed.management.arm("POST", login, {"postLoginRedirectUrl": "https://a.example"})
    equal("links to consent are refused for now", status, 501)
    check("and it says so", "message" in answer["error"], answer)


def certificates(bed):
    heading("client certificates")
    folder = Path(tempfile.mkdtemp(prefix="tollgate-certificates-"))

    def openssl(*words):
        done = subprocess.run(["openssl", *words], cwd=folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(done.stderr)

    for name in ["root", "stranger"]:
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.crt", "-days", "30",
                "-subj", f"/C=US/O=Contoso, Ltd./CN={name}", "-addext", "basicConstraints=critical,CA:TRUE")
    (folder / "client.ext").write_text("subjectAltName=DNS:client.example\n", encoding="utf-8")
    for name, issuer in [("client", "root"), ("other", "stranger")]:
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/C=US/O=Contoso, Ltd./CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.crt", "-CAkey", f"{issuer}.key", "-CAcreateserial",
                "-extfile", "client.ext", "-out", f"{name}.crt", "-days", "10")
    openssl("x509", "-in", "root.crt", "-outform", "der", "-out", "root.der")

    def status(name=None):
        trust = ssl.create_default_context(cafile=bed.tollgate.exports()["REQUESTS_CA_BUNDLE"])
        if name:
            trust.load_cert_chain(folder / f"{name}.crt", folder / f"{name}.key")
        host, port = f"{SERVICE}.localhost", bed.tollgate.ports[1]
        connection = http.client.HTTPConnection(host, port, timeout=30)
        # Not every resolver knows the names below localhost.
        connection.sock = trust.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname=host)
        connection.request("GET", "/orders/1")
        return connection.getresponse().status

    bed.policy('<validate-client-certificate><identities><identity subject="C=US, O="Contoso, Ltd.", CN=client" dns-name="client.example" /></identities></validate-client-certificate>')
    equal("a gateway that does not ask gets no certificate", status("client"), 401)
    root = (folder / "root.der").read_bytes()
    bed.service["properties"] |= {
        "certificates": [{"storeName": "Root", "encodedCertificate": base64.b64encode(root).decode()}],
        "hostnameConfigurations": [{"type": "Proxy", "hostName": f"{SERVICE}.localhost", "negotiateClientCertificate": True, "defaultSslBinding": True}],
    }
    bed.put("", bed.service)
    equal("the certificate that may call", status("client"), 200)
    equal("one of another authority", status("other"), 401)
    equal("none", status(), 401)


if __name__ == "__main__":
    main()
