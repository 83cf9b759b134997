"""Bad input: each kind with what the caller gets. Nothing here may be a 500, and nothing may be lost."""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

from harness import Backend, Management, Tollgate, check, curl, equal, finished, heading

KEY = "Ocp-Apim-Subscription-Key"


def main():
    os.environ["TOLLGATE_GATEWAY_MAX_BODY_BYTES"] = "1000000"
    os.environ["TOLLGATE_SIGN_IN_TOKEN_SECONDS"] = "900"
    backend = Backend()
    tollgate = Tollgate()
    try:
        management = Management(tollgate)
        path, url = service(management)
        policies(management, path)
        documents(management, backend, path)
        bodies(management, backend, path, url)
        tokens(tollgate, management, path)
    finally:
        tollgate.process.kill()
        backend.stop()
    configuration()
    finished("bad input")


def service(management):
    _, _, subscriptions = management.arm("GET", "/subscriptions")
    root = subscriptions["value"][0]["id"]
    management.arm("PUT", f"{root}/resourceGroups/bad", {"location": "westeurope"})
    path = f"{root}/resourceGroups/bad/providers/Microsoft.ApiManagement/service/bad"
    status, _, made = management.arm("PUT", path, {"location": "westeurope", "sku": {"name": "Developer", "capacity": 1},
                                     "properties": {"publisherEmail": "a@b.example", "publisherName": "b"}})
    check("a service to send bad input to", status in (200, 201), made)
    while made["properties"]["provisioningState"] != "Succeeded":
        time.sleep(0.05)
        made = management.arm("GET", path)[2]
    management.arm("PUT", f"{path}/apis/one", {"properties": {"displayName": "One", "path": "one", "protocols": ["http"], "serviceUrl": "http://127.0.0.1:9"}})
    management.arm("PUT", f"{path}/apis/one/operations/get", {"properties": {"displayName": "Get", "method": "GET", "urlTemplate": "/get"}})
    return path, made["properties"]["gatewayUrl"]


def refused(what, answer, status, code, *words):
    """The answer is an ARM error that says what is wrong; the words must stand in it."""
    seen, _, body = answer
    error = (body or {}).get("error", {})
    text = json.dumps(error)
    print(f"{what}:\n          {seen} {text[:600]}")
    equal(f"{what}: status", seen, status)
    equal(f"{what}: code", error.get("code"), code)
    for word in words:
        check(f"{what}: says `{word}`", word in text, text)


def policy(management, path, inbound, form="rawxml"):
    return management.arm("PUT", f"{path}/apis/one/policies/policy", {"properties": {"format": form,
        "value": f"<policies>\n  <inbound>\n    <base />\n    {inbound}\n  </inbound>\n  <backend><base /></backend>\n  <outbound><base /></outbound>\n  <on-error><base /></on-error>\n</policies>"}})


def policies(management, path):
    heading("Policy documents")
    refused("invalid XML", policy(management, path, "<set-header name='a'><value>1</set-header>"), 400, "ValidationError", "line 4")
    refused("an unknown policy", policy(management, path, "<set-haeder name='a' exists-action='delete' />"), 400, "ValidationError", "set-haeder", "set-header", "line 4")
    refused("a wrong attribute", policy(management, path, "<set-header name='a' exist-action='delete' />"), 400, "ValidationError", "exist-action", "exists-action")
    refused("an expression that does not compile",
            policy(management, path, '<set-header name="a" exists-action="override"><value>@(context.Request.Heders["a"])</value></set-header>'),
            400, "ValidationError", "CS1061", "Heders", "line 4", "column")
    refused("a named value that does not exist",
            policy(management, path, "<set-header name='a' exists-action='override'><value>{{no-such}}</value></set-header>"), 400, "ValidationError", "no-such")
    refused("a policy that is known and does not run yet", policy(management, path, "<xsl-transform />"), 400, "ValidationError", "xsl-transform")
    several = policy(management, path, "<set-haeder /><set-status code='200' reason='OK' colour='red' /><rate-limit calls='1' />")
    refused("several mistakes at once", several, 400, "ValidationError", "set-haeder", "colour", "renewal-period")
    large = management.arm("PUT", f"{path}/apis/one/policies/policy", {"properties": {"format": "rawxml", "value": "<policies>" + " " * 10_000_000 + "</policies>"}})
    refused("a policy of 10 MB", large, large[0] if large[0] in (400, 413) else 400, large[2]["error"]["code"], "262144" if large[0] == 400 else "bytes")
    equal("none of it was stored", management.arm("GET", f"{path}/apis/one/policies/policy")[0], 404)


def documents(management, backend, path):
    heading("Documents")
    refused("a duplicate path", management.arm("PUT", f"{path}/apis/two", {"properties": {"displayName": "Two", "path": "one", "protocols": ["http"]}}),
            400, "ValidationError", "path")
    management.arm("PUT", f"{path}/backends/used", {"properties": {"url": backend.url, "protocol": "http"}})
    status, _, _ = policy(management, path, '<set-backend-service backend-id="used" />')
    check("a policy that uses a backend", status in (200, 201), status)
    refused("deleting a backend in use", management.arm("DELETE", f"{path}/backends/used", headers={"If-Match": "*"}), 400, "ValidationError", "apis/one")
    equal("it is still there", management.arm("GET", f"{path}/backends/used")[0], 200)
    refused("a broken OpenAPI document", management.arm("PUT", f"{path}/apis/broken", {"properties": {
        "path": "broken", "format": "openapi+json", "value": '{"openapi": "3.0.1", "info": {"title": "x"}, "paths": {"/a": ['}}), 400, "ValidationError", "line")
    equal("no half of it was stored", management.arm("GET", f"{path}/apis/broken")[0], 404)
    seen = management.send("PUT", f"{path}/apis/x?api-version=2024-05-01", '{"properties": ', {"Content-Type": "application/json"})
    refused("a body that is not JSON", (seen[0], seen[1], json.loads(seen[2])), 400, "InvalidRequestContent", "line 1")
    seen = management.send("GET", f"{path}/apis")
    refused("no api-version", (seen[0], seen[1], json.loads(seen[2])), 400, "MissingApiVersionParameter")
    refused("a stale ETag", management.arm("PATCH", f"{path}/apis/one", {"properties": {"description": "x"}}, {"If-Match": '"stale"'}), 412, "PreconditionFailed")
    refused("PATCH without If-Match", management.arm("PATCH", f"{path}/apis/one", {"properties": {"description": "x"}}), 400, "ValidationError", "If-Match")


def bodies(management, backend, path, url):
    heading("A body beyond the limit")
    management.arm("PUT", f"{path}/apis/echo", {"properties": {"displayName": "Echo", "path": "echo", "protocols": ["http"],
                   "serviceUrl": backend.url, "subscriptionRequired": False}})
    management.arm("PUT", f"{path}/apis/echo/operations/post", {"properties": {"displayName": "Post", "method": "POST", "urlTemplate": "/post"}})
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"x" * 1_000_001)
        file.flush()
        status, _, body = curl(f"{url}/echo/post", "--data-binary", f"@{file.name}", headers={"Expect": ""})
    equal("one byte too many: 413", status, 413)
    check("and it says so", "statusCode" in body and "413" in body, body)
    equal("the next request is served", curl(f"{url}/echo/post", "-d", "ok")[0], 200)


def tokens(tollgate, management, path):
    heading("Tokens")

    def get(token):
        status, headers, text = management.send("GET", f"{path}?api-version=2024-05-01", token=token)
        return status, headers, json.loads(text)

    none = get(False)
    refused("no token", none, 401, "AuthenticationFailed")
    check("and the challenge names the issuer", "Bearer" in none[1].get("WWW-Authenticate", ""), none[1])
    refused("a token that is none", get("abc.def.ghi"), 401, "InvalidAuthenticationToken")
    tollgate.kill()
    os.environ["TOLLGATE_SIGN_IN_TOKEN_SECONDS"] = "1"
    tollgate.start()
    short = Management(tollgate)
    time.sleep(2.2)
    refused("an expired token", get(short.token), 401, "ExpiredAuthenticationToken")


def configuration():
    heading("A malformed configuration")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tollgate.toml"
        for text, words in (
            ("[gateway]\nhtp = \"127.0.0.1:1\"\n", ["tollgate.toml", "htp", "http"]),
            ("[log]\nformat = \"yaml\"\n", ["tollgate.toml", "format", "text", "json"]),
            ("[gateway]\nhttp = \"nowhere\"\n", ["tollgate.toml", "http", "nowhere", "127.0.0.1:8080"]),
            ("[gateway\n", ["tollgate.toml", "line 1"]),
        ):
            file.write_text(text)
            done = subprocess.run([os.environ["TOLLGATE_BIN"], "serve", "--config", file], capture_output=True, text=True, timeout=20)
            print(done.stderr.rstrip())
            equal(f"{text!r} is refused", done.returncode, 2)
            for word in words:
                check(f"and the message names {word}", word in done.stderr, done.stderr)


if __name__ == "__main__":
    main()
