"""A self-hosted gateway beside its management node: it serves the APIs assigned to it and nothing else, follows every change, and goes
on without the node, without a good token, without room on the disk, and after a restart of its own."""

import datetime
import json
import os
import resource
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from harness import Backend, Management, Tollgate, check, curl, equal, finished, free_ports, heading

SECRET = "e2e-named-value-that-nobody-may-read"
MARK = "e2e-mark-of-a-policy"


class Gateway:
    """One `tollgate gateway` on free ports."""

    def __init__(self, node, token, **settings):
        self.node, self.token = node, token
        self.folder = Path(tempfile.mkdtemp(prefix="tollgate-gateway-"))
        self.ports, self.more = free_ports(3), []
        self.start(**settings)

    def start(self, file_limit=None, wait=True):
        http, https, admin = self.ports
        # The names of Azure's container; an environment may hold dots, a shell only cannot set them.
        environment = {**os.environ, "config.service.endpoint": f"https://localhost:{self.node.ports[2]}",
                       "config.service.auth": f"GatewayKey {self.token}"}

        def limit():
            if file_limit:
                # As a full disk does: writing fails, and only of files that grow too large.
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))

        self.log = open(self.folder / "gateway.log", "a+", encoding="utf-8")
        self.began = self.log.seek(0, os.SEEK_END)
        self.process = subprocess.Popen(
            [os.environ["TOLLGATE_BIN"], "gateway", "--data", self.folder / "data", "--ca", self.node.folder / "data" / "ca.pem",
             "--gateway-http", f"127.0.0.1:{http}", "--gateway-https", f"127.0.0.1:{https}", "--admin", f"127.0.0.1:{admin}",
             "--access-log", "off", *self.more],
            env=environment, stdout=self.log, stderr=subprocess.STDOUT, restore_signals=False, preexec_fn=limit)
        if wait:
            until("the gateway is ready", lambda: "Ready." in self.printed() or self.process.poll() is not None, quiet=True)
            check("the gateway starts", self.process.poll() is None, self.printed())

    def printed(self):
        with open(self.folder / "gateway.log", encoding="utf-8") as log:
            log.seek(self.began)
            return log.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def status(self):
        done = subprocess.run([os.environ["TOLLGATE_BIN"], "status", "--json", "--admin", f"127.0.0.1:{self.ports[2]}"],
                              capture_output=True, text=True)
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def link(self):
        return self.status().get("node", {}).get("state")

    def call(self, path, key=None):
        headers = {"Ocp-Apim-Subscription-Key": key} if key else {}
        return curl(f"http://localhost:{self.ports[0]}{path}", headers=headers)


def until(what, holds, quiet=False, seconds=40):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            if not quiet:
                check(what, True)
            return
        time.sleep(0.05)
    check(what, False, f"nothing of it within {seconds} s")


def policy(mark, more=""):
    text = (f'<policies><inbound><base /><set-header name="x-mark" exists-action="override"><value>{mark}</value></set-header>'
            f'<set-header name="x-named" exists-action="override"><value>{{{{edge-secret}}}}</value></set-header>{more}</inbound>'
            "<backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>")
    return {"properties": {"format": "rawxml", "value": text}}


def main():
    backend, node = Backend(), Tollgate()
    management = Management(node)
    _, _, subscriptions = management.arm("GET", "/subscriptions")
    service = f"{subscriptions['value'][0]['id']}/resourceGroups/default/providers/Microsoft.ApiManagement/service/default"

    def arm(method, path, body=None, expected=(200, 201, 204)):
        status, _, answer = management.arm(method, service + path, body, {"If-Match": "*"} if method in ("PATCH", "DELETE") else None)
        check(f"{method} {path}", status in expected, f"{status} {answer}")
        return answer

    def token():
        expiry = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=29)
        body = {"keyType": "primary", "expiry": expiry.strftime("%Y-%m-%dT%H:%M:%SZ")}
        return arm("POST", "/gateways/edge/generateToken", body)["value"]

    heading("Two APIs, one of them assigned")
    arm("PUT", "/namedValues/edge-secret", {"properties": {"displayName": "edge-secret", "value": SECRET, "secret": True}})
    for name in ("mine", "other"):
        arm("PUT", f"/apis/{name}", {"properties": {"displayName": name, "path": name, "protocols": ["http"], "serviceUrl": backend.url}})
        arm("PUT", f"/apis/{name}/operations/get", {"properties": {"displayName": "get", "method": "GET", "urlTemplate": "/*"}})
    arm("PUT", "/apis/mine/policies/policy", policy(MARK))
    arm("PUT", "/subscriptions/edge", {"properties": {"displayName": "edge", "scope": "/apis/mine", "state": "active"}})
    key = arm("POST", "/subscriptions/edge/listSecrets")["primaryKey"]
    arm("PUT", "/gateways/edge", {"properties": {"locationData": {"name": "shop floor"}}})
    arm("PUT", "/gateways/edge/apis/mine", {"properties": {"provisioningState": "created"}})
    gateway = Gateway(node, token())

    heading("It serves what is assigned")
    status, _, body = gateway.call("/mine/a?b=c", key)
    equal("an assigned API answers", status, 200)
    seen = json.loads(body)
    equal("its policies run", (seen["headers"].get("x-mark"), seen["headers"].get("x-named")), (MARK, SECRET))
    equal("without a key it is refused", gateway.call("/mine/a")[0], 401)
    equal("another API is not there", gateway.call("/other/a", key)[0], 404)
    equal("the health check answers", gateway.call("/status-0123456789abcdef")[0], 200)
    until("the status says that it follows", lambda: gateway.link() == "connected")
    status = gateway.status()
    check("the status is good", status["healthy"] and status["name"] == "edge", status)

    heading("It follows")
    began = time.monotonic()
    arm("PUT", "/apis/mine/policies/policy", policy("edited"))
    marked = lambda mark: json.loads(gateway.call("/mine/a", key)[2])["headers"].get("x-mark") == mark
    until("an edited policy is effective", lambda: marked("edited"))
    print(f"          after {(time.monotonic() - began) * 1000:.0f} ms, the calls themselves included")
    seen_by_node = lambda: json.loads(subprocess.run(
        [os.environ["TOLLGATE_BIN"], "status", "--json", "--admin", f"127.0.0.1:{node.ports[3]}"],
        capture_output=True, text=True).stdout).get("gateways", [])
    until("the node knows the gateway by its heartbeat", lambda: [one["name"] for one in seen_by_node()] == ["edge"], seconds=20)
    metrics = curl(f"http://127.0.0.1:{node.ports[3]}/metrics")[2]
    check("and has it in its metrics", "tollgate_self_hosted_gateway_position{" in metrics, metrics[-2000:])
    check("and the gateway in its own", "tollgate_gateway_connected 1" in curl(f"http://127.0.0.1:{gateway.ports[2]}/metrics")[2])

    heading("The disk holds nothing plain")
    kept = (gateway.folder / "data" / "documents").read_bytes()
    for what, text in {"a policy": "set-header", "a mark": "edited", "a named value": SECRET, "a key": key, "a path": "mine"}.items():
        check(f"{what} is not to be read in the file", text.encode() not in kept)
    equal("only its owner may open it", (gateway.folder / "data" / "documents").stat().st_mode & 0o777, 0o600)

    heading("The node is killed")
    node.kill()
    equal("traffic flows", gateway.call("/mine/a", key)[0], 200)
    until("the status says that the node is away", lambda: gateway.link() == "away")
    check("and that not all is as it should be", not gateway.status()["healthy"])
    equal("the gateway stops when it is told to", gateway.stop(), 0)
    gateway.start()
    equal("after a restart without the node traffic flows from the disk", gateway.call("/mine/a", key)[0], 200)
    check("with the last policy", marked("edited"))
    check("the log says so", "serving what is kept here" in gateway.printed() and "does not answer" in gateway.printed(), gateway.printed())

    heading("The node is back")
    node.start()
    management = Management(node)
    arm("PUT", "/apis/mine/policies/policy", policy("back"))
    until("an edit that was made meanwhile is effective", lambda: marked("back"))
    until("the gateway follows again", lambda: gateway.link() == "connected")

    heading("Assignments change")
    arm("PUT", "/gateways/edge/apis/other")
    until("an API that is assigned answers", lambda: gateway.call("/other/a")[0] == 401)
    arm("DELETE", "/gateways/edge/apis/mine")
    until("one that is no longer assigned does not", lambda: gateway.call("/mine/a", key)[0] == 404)
    arm("PUT", "/gateways/edge/apis/mine")
    until("and does when it is assigned again", lambda: gateway.call("/mine/a", key)[0] == 200)

    heading("A new process takes over")
    old = gateway.process
    gateway.process = subprocess.Popen([*old.args, "--take-over"], env={**os.environ, "config.service.endpoint": f"https://localhost:{node.ports[2]}",
                                       "config.service.auth": f"GatewayKey {gateway.token}"}, stdout=gateway.log, stderr=subprocess.STDOUT)
    equal("the old one ends", old.wait(timeout=30), 0)
    equal("traffic flows", gateway.call("/mine/a", key)[0], 200)
    until("the new one follows", lambda: gateway.link() == "connected")

    heading("The key is made anew")
    arm("POST", "/gateways/edge/regenerateKey", {"keyType": "primary"})
    until("the node refuses the old token", lambda: gateway.link() == "refused")
    equal("traffic flows all the same", gateway.call("/mine/a", key)[0], 200)
    check("the log says it loudly", "refuses this gateway" in gateway.printed(), gateway.printed())
    equal("the gateway stops when it is told to", gateway.stop(), 0)
    gateway.start()
    equal("after a restart with the old token traffic flows from the disk", gateway.call("/mine/a", key)[0], 200)
    gateway.stop()
    gateway.token = token()
    gateway.start()
    until("with a new token it follows", lambda: gateway.link() == "connected")
    equal("and serves", gateway.call("/mine/a", key)[0], 200)
    gateway.stop()

    heading("A token in a file is renewed without a restart")
    gateway.more = ["--auth-file", gateway.folder / "token"]
    (gateway.folder / "token").write_text(f"GatewayKey {gateway.token}\n")
    gateway.start()
    until("it follows", lambda: gateway.link() == "connected")
    arm("POST", "/gateways/edge/regenerateKey", {"keyType": "primary"})
    until("the node refuses the old token", lambda: gateway.link() == "refused")
    gateway.token = token()
    (gateway.folder / "token").write_text(gateway.token)
    until("with the new one in its file it follows again", lambda: gateway.link() == "connected")
    gateway.stop()
    node.kill()
    gateway.start()
    equal("what it keeps is sealed with the new one: without the node it serves", gateway.call("/mine/a", key)[0], 200)
    gateway.stop()

    heading("A seal file outlives tokens")
    node.start()
    management = Management(node)
    gateway.more = ["--seal-file", gateway.folder / "seal"]
    gateway.start()
    until("it follows", lambda: gateway.link() == "connected")
    equal("only its owner may read the seal file", (gateway.folder / "seal").stat().st_mode & 0o777, 0o600)
    gateway.stop()
    arm("POST", "/gateways/edge/regenerateKey", {"keyType": "primary"})
    gateway.token = token()
    node.kill()
    gateway.start()
    equal("under another token it serves without the node", gateway.call("/mine/a", key)[0], 200)
    gateway.stop()
    node.start()
    management = Management(node)
    gateway.more = []

    heading("The disk is full")
    gateway.start(file_limit=100_000)
    until("it follows", lambda: gateway.link() == "connected")
    arm("PUT", "/apis/mine/policies/policy", policy("large", f"<!-- {'x' * 200_000} -->"))
    until("a change that does not fit is served", lambda: marked("large"))
    until("the status says that it is not saved", lambda: gateway.status().get("unsaved"))
    arm("PUT", "/apis/mine/policies/policy", policy("small"))
    until("the next one is served", lambda: marked("small"))
    until("and saved", lambda: gateway.status().get("unsaved", "x") is None)
    equal("it stops when it is told to", gateway.stop(), 0)

    heading("What is wrong is told")
    def refused(environment, *words):
        return subprocess.run([os.environ["TOLLGATE_BIN"], "gateway", "--data", gateway.folder / "none", *words], capture_output=True, text=True,
                              env={**os.environ, **environment}, timeout=20)
    done = refused({})
    check("a gateway without a token", done.returncode == 2 and "config.service.auth" in done.stderr, done)
    done = refused({"config.service.auth": f"GatewayKey {gateway.token}"})
    check("a gateway without a node", done.returncode == 2 and "config.service.endpoint" in done.stderr, done)
    stranger = Gateway.__new__(Gateway)
    stranger.node, stranger.token, stranger.folder, stranger.ports = node, gateway.token, Path(tempfile.mkdtemp()), free_ports(3)
    stranger.more = []
    (stranger.folder / "data").mkdir()
    trust, node.folder = node.folder, stranger.folder
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=other", "-keyout", "/dev/null",
                    "-out", stranger.folder / "data" / "ca.pem"], check=True, capture_output=True)
    stranger.start(wait=False)
    until("a node that nobody vouches for is not trusted, and the log says what to do",
          lambda: "name it with --ca" in stranger.printed())
    node.folder = trust
    stranger.process.kill()

    node.stop()
    backend.stop()
    finished("self-hosted gateway")


if __name__ == "__main__":
    main()
