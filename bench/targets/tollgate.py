"""Tollgate for the bench beside its peers: the same work, written as APIM entities and policies, through the full pipeline.

Run from the root after `cargo build --profile dist`, the shipped profile (TOLLGATE_BIN names another binary): bench.py --targets nginx,hyper-ct,tollgate --targets-dir bench/targets --scenarios S1,S4
"""

import http.client
import json
import os
import re
import ssl
import subprocess
import time
import urllib.parse
from pathlib import Path

from targets import Target

# Far from the ports of the gateways, which follow one another.
MANAGEMENT, ADMIN = 500, 1000

ROOT = Path(__file__).resolve().parents[2]
HEADERS = """<set-header name="X-Gw-A" exists-action="override"><value>alpha</value></set-header>
<set-header name="X-Gw-B" exists-action="override"><value>beta</value></set-header>"""
STRIP = """<set-header name="X-Powered-By" exists-action="delete" /><set-header name="X-Backend-Version" exists-action="delete" />"""


class Tollgate(Target):
    scenarios = ("S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8a", "S8b", "S8c", "S9", "S10")

    def __init__(self, name="tollgate", access="off"):
        self.name, self.access = name, access
        if access != "off":
            self.scenarios = ("S4",)

    def start(self, scn, c):
        binary = os.environ.get("TOLLGATE_BIN", str(ROOT / "target" / "dist" / "tollgate"))
        plain, tls = ("off", f"127.0.0.1:{c.port}") if scn == "S9" else (f"127.0.0.1:{c.port}", "off")
        command = [binary, "serve", "--data", f"{c.dir}/data", "--gateway-http", plain, "--gateway-https", tls,
                   "--management", f"127.0.0.1:{c.port + MANAGEMENT}", "--admin", f"127.0.0.1:{c.port + ADMIN}", "--workers", "1",
                   "--access-log", self.access, "--log-level", "warn"]
        log = open(f"{c.dir}/load.log", "w+", encoding="utf-8")
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            load(Loader(process, Path(f"{c.dir}/load.log"), c.port + MANAGEMENT, f"{c.dir}/data/ca.pem"), scn, c)
        finally:
            process.terminate()
            process.wait()
        return command, {}


def load(arm, scn, c):
    """The default service gets one API at the root of the gateway."""
    keyed = scn in ("S4", "S5")
    arm("PUT", "apis/bench", {"displayName": "Bench", "path": "", "protocols": ["http"], "serviceUrl": f"http://127.0.0.1:{c.bport}",
                              "subscriptionRequired": keyed})
    templates = [c.route(i) for i in range(c.routes)] if scn.startswith("S8") else ["/*"]
    if scn.startswith("S8"):
        paths = {template: {"get": {"operationId": f"op{number}", "responses": {"200": {"description": "ok"}}}} for number, template in enumerate(templates)}
        document = {"openapi": "3.0.1", "info": {"title": "Bench", "version": "1"}, "servers": [{"url": f"http://127.0.0.1:{c.bport}"}], "paths": paths}
        arm("PUT", "apis/bench", {"path": "", "format": "openapi+json", "value": json.dumps(document), "subscriptionRequired": False})
    else:
        for method in ("GET", "POST"):
            arm("PUT", f"apis/bench/operations/{method.lower()}", {"displayName": method, "method": method, "urlTemplate": "/*"})
    inner = inner_policies(scn, c)
    if inner:
        arm("PUT", "apis/bench/policies/policy", {"format": "rawxml", "value": policies(*inner)})
    if keyed:
        limit = '<rate-limit calls="1000000" renewal-period="1" />' if scn == "S5" else ""
        arm("PUT", "apis/bench/policies/policy", {"format": "rawxml", "value": policies(limit + HEADERS, STRIP)})
        for number, key in enumerate(c.keys):
            arm("PUT", f"subscriptions/bench-{number}", {"scope": f"{arm.service}/apis/bench", "displayName": f"Bench {number}", "state": "active", "primaryKey": key})


def policies(inbound, outbound):
    return f"<policies><inbound><base />{inbound}</inbound><backend><base /></backend><outbound><base />{outbound}</outbound><on-error><base /></on-error></policies>"


def inner_policies(scn, c):
    """The policies of scenarios without subscription keys: inbound, outbound."""
    if scn == "S6":
        key = json.loads(Path(f"{c.data}/jwks.json").read_text(encoding="utf-8"))["keys"][0]
        return (f"""<validate-jwt header-name="Authorization" require-scheme="Bearer">
            <issuer-signing-keys><key id="{key["kid"]}" n="{key["n"]}" e="{key["e"]}" /></issuer-signing-keys>
            <audiences><audience>api://bench</audience></audiences><issuers><issuer>https://bench.example/</issuer></issuers></validate-jwt>""", "")
    if scn == "S7":
        return ("""<cache-lookup vary-by-developer="false" vary-by-developer-groups="false" />""", """<cache-store duration="3600" />""")
    return None


class Loader:
    """Calls the management API as a client with the credential that the first start prints."""

    def __init__(self, process, log, port, ca):
        deadline = time.time() + 20
        while "Ready." not in log.read_text():
            if process.poll() is not None or time.time() > deadline:
                raise RuntimeError(f"tollgate did not start: {log.read_text()}")
            time.sleep(0.02)
        client, secret, tenant = re.search(r"-u (\S+) -p (\S+) --tenant (\S+)", log.read_text()).groups()
        self.connection = http.client.HTTPSConnection("localhost", port, context=ssl.create_default_context(cafile=ca))
        form = urllib.parse.urlencode({"client_id": client, "client_secret": secret, "grant_type": "client_credentials", "scope": f"https://localhost:{port}/.default"})
        self.headers = {}
        token = self.send("POST", f"/{tenant}/oauth2/v2.0/token", form, {"Content-Type": "application/x-www-form-urlencoded"})["access_token"]
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        subscription = self.send("GET", "/subscriptions?api-version=2022-12-01")["value"][0]["id"]
        services = self.send("GET", f"{subscription}/providers/Microsoft.ApiManagement/service?api-version=2024-05-01")["value"]
        self.service = services[0]["id"]

    def send(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body, headers or self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:500]}")
        return json.loads(text) if text else None

    def __call__(self, method, path, properties):
        return self.send(method, f"{self.service}/{path}?api-version=2024-05-01", json.dumps({"properties": properties}))


TARGETS = [Tollgate(), Tollgate("tollgate-log", "text")]
