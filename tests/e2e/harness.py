"""What the end-to-end runs share: a running Tollgate, the Azure CLI, plain HTTP, and checks that print."""

import http.client
import json
import os
import re
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

HERE = Path(__file__).parent
API_VERSION = "2024-05-01"
CHECKS = [0]


def check(what, truth, seen=""):
    """Prints one checked claim; stops the run at the first that does not hold."""
    if not truth:
        print(f"  FAILED  {what}\n          saw: {seen}", file=sys.stderr)
        raise SystemExit(1)
    CHECKS[0] += 1
    print(f"  ok      {what}")


def equal(what, seen, expected):
    check(what, seen == expected, f"{seen!r}\n     expected: {expected!r}")


def finished(name):
    print(f"\n{name}: {CHECKS[0]} passed, 0 failed")


def heading(text):
    print(f"\n## {text}")


class Backend:
    """The backend process; `port` is where it listens."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, HERE / "backend.py"], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self):
        self.process.kill()
        self.process.wait()


class Tollgate:
    """One `tollgate serve` on free ports with a folder of its own, driven only by what it prints."""

    def __init__(self, folder=None, arguments=(), environment=None):
        self.folder = Path(folder or tempfile.mkdtemp(prefix="tollgate-e2e-"))
        self.ports = free_ports(4)
        self.printed = ""
        self.arguments = list(arguments)
        self.environment = dict(environment or {})
        self.start()

    def start(self, *arguments):
        gateway, gateway_tls, management, admin = self.ports
        self.log = open(self.folder / "serve.log", "a+", encoding="utf-8")
        began = self.log.tell()
        self.process = subprocess.Popen(
            [os.environ["TOLLGATE_BIN"], "serve", "--data", self.folder / "data",
             "--gateway-http", f"127.0.0.1:{gateway}", "--gateway-https", f"127.0.0.1:{gateway_tls}",
             "--management", f"127.0.0.1:{management}", "--admin", f"127.0.0.1:{admin}", *self.arguments, *arguments],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT,
            env={**os.environ, **self.environment})
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with open(self.folder / "serve.log", encoding="utf-8") as log:
                log.seek(began)
                printed = log.read()
            if "Ready." in printed:
                break
            if self.process.poll() is not None:
                raise SystemExit(f"tollgate serve ended with {self.process.returncode}:\n{printed}")
            time.sleep(0.01)
        else:
            raise SystemExit(f"tollgate serve did not get ready:\n{printed}")
        if not self.printed:
            self.printed = printed

    def kill(self):
        """The hard way: no chance to write anything."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def logged(self):
        return (self.folder / "serve.log").read_text(encoding="utf-8")

    def status(self):
        """What the admin address tells."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[3], timeout=30)
        connection.request("GET", "/status")
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def exports(self):
        """The environment that the first start told the user to export."""
        pairs = re.findall(r"export (\w+)=(\S+)", self.printed)
        return {name: shlex.split(value)[0] for name, value in pairs}

    def printed_command(self, start):
        """The printed command that begins with `start`, as an argument list."""
        line = next((line for line in self.printed.splitlines() if line.strip().startswith(start)), None)
        if line is None:
            raise SystemExit(f"the first start printed no `{start}` command:\n{self.printed}")
        return shlex.split(line.strip())

    @property
    def login(self):
        words = self.printed_command("az login")
        return {"client": words[words.index("-u") + 1], "secret": words[words.index("-p") + 1],
                "tenant": words[words.index("--tenant") + 1]}


class Az:
    """The unmodified Azure CLI with a profile of its own."""

    def __init__(self, tollgate):
        self.environment = {**os.environ, **tollgate.exports(), "AZURE_CONFIG_DIR": str(tollgate.folder / "azure"),
                            "AZURE_CORE_COLLECT_TELEMETRY": "0", "AZURE_CORE_NO_COLOR": "1"}

    def __call__(self, *words, fails=False):
        words = [str(word) for word in words]
        print(f"$ az {shlex.join(words) if len(shlex.join(words)) < 300 else shlex.join(words)[:300] + ' …'}")
        done = subprocess.run([os.environ["AZ"], *words], env=self.environment, capture_output=True, text=True)
        if (done.returncode != 0) != fails:
            raise SystemExit(f"az ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
        if fails:
            return done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    def rest(self, method, url, body=None):
        words = ["rest", "--method", method, "--url", url]
        return self(*words, "--body", json.dumps(body)) if body is not None else self(*words)


class Management:
    """Plain HTTP to the management API, for what needs speed or a wrong request."""

    def __init__(self, tollgate):
        self.port = tollgate.ports[2]
        self.trust = ssl.create_default_context(cafile=tollgate.exports()["REQUESTS_CA_BUNDLE"])
        login = tollgate.login
        form = urllib.parse.urlencode({"client_id": login["client"], "client_secret": login["secret"],
                                       "grant_type": "client_credentials", "scope": f"https://localhost:{self.port}/.default"})
        status, _, answer = self.send("POST", f"/{login['tenant']}/oauth2/v2.0/token", form,
                                      {"Content-Type": "application/x-www-form-urlencoded"}, token=False)
        if status != 200:
            raise SystemExit(f"no token: {status} {answer}")
        self.token = json.loads(answer)["access_token"]

    def send(self, method, path, body=None, headers=None, token=True):
        connection = http.client.HTTPSConnection("localhost", self.port, context=self.trust, timeout=30)
        headers = dict(headers or {})
        if token is True:
            headers["Authorization"] = f"Bearer {self.token}"
        elif token:
            headers["Authorization"] = f"Bearer {token}"
        if isinstance(body, (dict, list)):
            body, headers["Content-Type"] = json.dumps(body), "application/json"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, text

    def arm(self, method, path, body=None, headers=None):
        glue = "&" if "?" in path else "?"
        status, headers, text = self.send(method, f"{path}{glue}api-version={API_VERSION}", body, headers)
        return status, headers, json.loads(text) if text else None


def curl(url, *words, headers=None):
    """A request as a user types it: status, headers (lower-case, last one wins) and body."""
    command = ["curl", "-s", "-i", "--max-time", "20"]
    for name, value in (headers or {}).items():
        command += ["-H", f"{name}: {value}"]
    command += [*words, url]
    print(f"$ {shlex.join(command)}")
    out = subprocess.run(command, capture_output=True)
    if out.returncode != 0:
        raise SystemExit(f"curl ended with {out.returncode}: {out.stderr.decode()}")
    head, _, body = out.stdout.partition(b"\r\n\r\n")
    while head.startswith(b"HTTP/1.1 100"):
        head, _, body = body.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    seen = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return int(lines[0].split()[1]), seen, body.decode("utf-8", "replace")


class Service:
    """A service and what is below it, written through the management API without a word."""

    def __init__(self, tollgate, management, name="default", group="default"):
        self.management, self.name = management, name
        _, _, subscriptions = management.arm("GET", "/subscriptions")
        self.id = (f"{subscriptions['value'][0]['id']}/resourceGroups/{group}"
                   f"/providers/Microsoft.ApiManagement/service/{name}")

    def put(self, path, properties):
        status, _, answer = self.management.arm("PUT", f"{self.id}{path}", {"properties": properties})
        if status not in (200, 201, 202):
            raise SystemExit(f"PUT {path} answers {status}: {answer}")
        return answer

    def policy(self, path, inbound="<base />", backend="<base />", outbound="<base />"):
        value = (f"<policies><inbound>{inbound}</inbound><backend>{backend}</backend>"
                 f"<outbound>{outbound}</outbound><on-error><base /></on-error></policies>")
        self.put(f"{path}/policies/policy", {"format": "rawxml", "value": value})

    def api(self, name, url):
        """An API at `/name` that forwards everything to `url` and needs no key."""
        self.put(f"/apis/{name}", {"displayName": name, "path": name, "serviceUrl": url,
                                   "protocols": ["http", "https"], "subscriptionRequired": False})
        for method in ("GET", "POST"):
            self.put(f"/apis/{name}/operations/{method.lower()}",
                     {"displayName": method, "method": method, "urlTemplate": "/*"})


def wait_until(what, holds, seconds=30):
    """Waits until `holds()` gives something true, and gives it back."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = holds()
        if found:
            return found
        time.sleep(0.02)
    raise SystemExit(f"waited {seconds} s in vain: {what}")


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
