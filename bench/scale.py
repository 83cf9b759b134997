#!/usr/bin/env python3
"""The figures of docs/performance.md at scale: 75,000 operations and 75,000 subscriptions in one service.

Fills a fresh data folder through the management API (OpenAPI imports, one policy with an expression for each API, one PUT for each subscription),
then measures a restart, the memory, and changes of every kind: from the request sent until it is acknowledged, and checked at the gateway by
the next request.

Build first: cargo build --release --package tollgate
Run:         TOLLGATE_BIN=target/release/tollgate python3 bench/scale.py [--operations 75000] [--subscriptions 75000] [--changes 200]
With --folder the data is kept, and a second run with the same folder begins at the restart.
"""

import argparse
import hashlib
import http.client
import json
import multiprocessing
import os
import re
import ssl
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "e2e"))
from harness import API_VERSION, Management, Tollgate  # noqa: E402

KEY = "Ocp-Apim-Subscription-Key"
POLICIES = "<policies><inbound><base />{}</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>"
ANSWER = """<set-header name="X-Caller" exists-action="override"><value>@(context.Request.Headers.GetValueOrDefault("X-Client", "none"))</value></set-header>
<return-response><set-status code="200" reason="OK" /><set-header name="X-Version" exists-action="override"><value>{}</value></set-header></return-response>"""


def key_of(number):
    return hashlib.md5(f"scale {number}".encode()).hexdigest()


def summary(values):
    values = sorted(value * 1000 for value in values)
    at = lambda share: values[min(len(values) - 1, int(len(values) * share))]
    return f"p50 {at(.5):8.2f} ms   p99 {at(.99):8.2f} ms   max {values[-1]:8.2f} ms   ({len(values)})"


def memory(pid, what="VmRSS"):
    return int(re.search(what + r":\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


class Arm:
    """A keep-alive connection to the management API."""

    def __init__(self, port, ca, token):
        self.connection = http.client.HTTPSConnection("localhost", port, context=ssl.create_default_context(cadata=ca))
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "If-Match": "*"}

    def __call__(self, method, path, properties=None, body=None):
        body = body or ({"properties": properties} if properties is not None else None)
        self.connection.request(method, f"{path}?api-version={API_VERSION}", json.dumps(body) if body else None, self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 201, 202, 204):
            raise SystemExit(f"{method} {path}: {answer.status} {text[:500]}")
        return json.loads(text) if text else None


def fill_apis(connect, service, numbers, per_api):
    arm = Arm(*connect)
    for number in numbers:
        paths = {f"/things/{at}/{{id}}": {"get": {"operationId": f"get-{at}", "responses": {"200": {"description": "ok"}}}} for at in range(per_api)}
        document = json.dumps({"openapi": "3.0.1", "info": {"title": f"API {number}", "version": "1"},
                               "servers": [{"url": "http://127.0.0.1:9"}], "paths": paths})
        arm("PUT", f"{service}/apis/api-{number}", {"path": f"api{number}", "format": "openapi+json", "value": document})
        arm("PUT", f"{service}/apis/api-{number}/policies/policy", {"format": "rawxml", "value": POLICIES.format(ANSWER.format("first"))})


def fill_subscriptions(connect, service, numbers, apis):
    arm = Arm(*connect)
    for number in numbers:
        arm("PUT", f"{service}/subscriptions/scale-{number}",
            {"scope": f"{service}/apis/api-{number % apis}", "displayName": f"Scale {number}", "state": "active", "primaryKey": key_of(number)})


def in_parallel(work, count, connect, service, extra):
    began = time.perf_counter()
    if count:
        workers = 8
        processes = [multiprocessing.Process(target=work, args=(connect, service, range(at, count, workers), extra)) for at in range(workers)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
            if process.exitcode:
                raise SystemExit("filling failed")
    return time.perf_counter() - began


def fill(tollgate, chosen, apis):
    management = Management(tollgate)
    ca = (tollgate.folder / "data" / "ca.pem").read_text()
    connect = (management.port, ca, management.token)
    arm = Arm(*connect)
    root = arm("GET", "/subscriptions")["value"][0]["id"]
    arm("PUT", f"{root}/resourceGroups/bench", body={"location": "x"})
    service = f"{root}/resourceGroups/bench/providers/Microsoft.ApiManagement/service/bench"
    arm("PUT", service, body={"location": "x", "sku": {"name": "Developer", "capacity": 1}, "properties": {"publisherEmail": "a@b.example", "publisherName": "b"}})
    took = in_parallel(fill_apis, apis, connect, service, chosen.per_api)
    print(f"import of {apis * chosen.per_api} operations in {apis} documents, each with a policy: {took:.1f} s", flush=True)
    took = in_parallel(fill_subscriptions, chosen.subscriptions, connect, service, apis)
    print(f"{chosen.subscriptions} subscriptions, one PUT each: {took:.1f} s, {chosen.subscriptions / max(took, 1e-9):.0f} a second", flush=True)
    return service


def restart(tollgate, apis, subscriptions):
    """From the start of the process to the first call that the last subscription's key opens."""
    port = tollgate.ports[0]
    last = subscriptions - 1
    command = [os.environ["TOLLGATE_BIN"], "serve", "--data", tollgate.folder / "data", "--gateway-http", f"127.0.0.1:{port}",
               "--gateway-https", f"127.0.0.1:{tollgate.ports[1]}", "--management", f"127.0.0.1:{tollgate.ports[2]}",
               "--admin", f"127.0.0.1:{tollgate.ports[3]}", "--access-log", "off"]
    began = time.perf_counter()
    tollgate.process = subprocess.Popen(command, stdout=open(tollgate.folder / "again.log", "w"), stderr=subprocess.STDOUT)
    while True:
        try:
            if call(port, f"/api{last % apis}/things/0/1", key_of(last))[0] == 200:
                break
        except OSError:
            pass
        if tollgate.process.poll() is not None or time.perf_counter() - began > 300:
            raise SystemExit("it did not start again")
        time.sleep(0.005)
    took = time.perf_counter() - began
    user, system = (int(ticks) / os.sysconf("SC_CLK_TCK") for ticks in Path(f"/proc/{tollgate.process.pid}/stat").read_text().split()[13:15])
    pid = tollgate.process.pid
    now = memory(pid)
    time.sleep(3)
    print(f"start to the first answered call: {took:.2f} s (CPU {user:.2f} s user, {system:.2f} s system); "
          f"resident {now:.0f} MB then, {memory(pid):.0f} MB after 3 s, at most {memory(pid, 'VmHWM'):.0f} MB", flush=True)


def call(port, path, key, connection=None):
    own = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    own.request("GET", path, headers={"Host": f"bench.localhost:{port}", KEY: key})
    answer = own.getresponse()
    answer.read()
    if not connection:
        own.close()
    return answer.status, answer.headers.get("X-Version")


def changes(tollgate, service, count, apis, chosen):
    management = Management(tollgate)
    arm = Arm(management.port, (tollgate.folder / "data" / "ca.pem").read_text(), management.token)
    port = tollgate.ports[0]
    gateway = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    run = f"{int(time.time())}"

    def measure(what, change, seen, count=count):
        """`change(n)` does it; `seen(n)` is what the gateway must show at once: path, key, status and perhaps the policy's version."""
        times = []
        for number in range(count):
            began = time.perf_counter()
            change(number)
            times.append(time.perf_counter() - began)
            path, key, *expected = seen(number)
            status, version = call(port, path, key, gateway)
            if [status, version][:len(expected)] != expected:
                raise SystemExit(f"{what} {number} was acknowledged but is not effective: {status} {version}, not {expected}")
        print(f"{what:42} {summary(times)}", flush=True)

    policy = lambda version: {"format": "rawxml", "value": POLICIES.format(ANSWER.format(version))}
    own = lambda version: {"format": "rawxml", "value": POLICIES.replace("<base />{}", "{}<base />").format(ANSWER.format(version))}
    sub = lambda number: f"{service}/subscriptions/{run}-{number}"
    key = lambda number: key_of(f"{run} {number}")
    new = lambda number, state="active": {"scope": f"{service}/apis/api-{number % apis}", "displayName": f"{run} {number}", "state": state, "primaryKey": key(number)}
    path = lambda number: f"/api{number % apis}/things/7/1"
    measure("policy of an API", lambda n: arm("PUT", f"{service}/apis/api-{n % apis}/policies/policy", policy(f"{run}-{n}")),
            lambda n: (f"/api{n % apis}/things/8/1", key_of(n % apis), 200, f"{run}-{n}"))
    measure("policy of an operation", lambda n: arm("PUT", f"{service}/apis/api-{n % apis}/operations/get-7/policies/policy", own(f"o{run}-{n}")),
            lambda n: (path(n), key_of(n % apis), 200, f"o{run}-{n}"))
    measure("operation added", lambda n: arm("PUT", f"{service}/apis/api-{n % apis}/operations/{run}-{n}", {"displayName": "New", "method": "GET", "urlTemplate": f"/new/{run}/{n}"}),
            lambda n: (f"/api{n % apis}/new/{run}/{n}", key_of(n % apis), 200))
    measure("operation deleted", lambda n: arm("DELETE", f"{service}/apis/api-{n % apis}/operations/{run}-{n}"),
            lambda n: (f"/api{n % apis}/new/{run}/{n}", key_of(n % apis), 404))
    measure("subscription added", lambda n: arm("PUT", sub(n), new(n)), lambda n: (path(n), key(n), 200))
    measure("subscription suspended", lambda n: arm("PATCH", sub(n), {"state": "suspended"}), lambda n: (path(n), key(n), 401))
    measure("subscription activated", lambda n: arm("PATCH", sub(n), {"state": "active"}), lambda n: (path(n), key(n), 200))
    measure("key regenerated", lambda n: arm("POST", f"{sub(n)}/regeneratePrimaryKey"), lambda n: (path(n), key(n), 401))
    measure("API added", lambda n: arm("PUT", f"{service}/apis/{run}-{n}", {"displayName": f"{run} {n}", "path": f"{run}/{n}", "protocols": ["http"], "serviceUrl": "http://127.0.0.1:9", "subscriptionRequired": False}),
            lambda n: (f"/{run}/{n}/none", "", 404), count // 4)
    measure("API deleted", lambda n: arm("DELETE", f"{service}/apis/{run}-{n}"), lambda n: (f"/{run}/{n}/none", "", 404), count // 4)
    measure("product added", lambda n: arm("PUT", f"{service}/products/{run}-{n}", {"displayName": f"{run} {n}", "state": "published", "subscriptionRequired": True}),
            lambda n: (path(n), key_of(n % apis), 200), count // 4)
    measure("API put into a product", lambda n: arm("PUT", f"{service}/products/{run}-{n}/apis/api-{n % apis}"),
            lambda n: (path(n), key_of(n % apis), 200), count // 4)
    measure("user added", lambda n: arm("PUT", f"{service}/users/{run}-{n}", {"firstName": "A", "lastName": "B", "email": f"{run}-{n}@example.com"}),
            lambda n: (path(n), key_of(n % apis), 200), count // 4)
    measure("named value added", lambda n: arm("PUT", f"{service}/namedValues/{run}-{n}", {"displayName": f"n{run}-{n}", "value": "v"}),
            lambda n: (path(n), key_of(n % apis), 200), count // 4)
    measure("policy of the service", lambda n: arm("PUT", f"{service}/policies/policy", {"format": "rawxml", "value":
            f"<policies><inbound><set-header name='X-Global'><value>{run}-{n}</value></set-header></inbound><backend><forward-request /></backend><outbound /><on-error /></policies>"}),
            lambda n: (path(n), key_of(n % apis), 200), count // 4)
    pages = []
    for number in range(count // 4):
        began = time.perf_counter()
        arm("GET", f"{service}/subscriptions")
        pages.append(time.perf_counter() - began)
    print(f"{'first page of subscriptions':42} {summary(pages)}")
    print(f"after the changes: resident {memory(tollgate.process.pid):.0f} MB, at most {memory(tollgate.process.pid, 'VmHWM'):.0f} MB")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--operations", type=int, default=75_000)
    options.add_argument("--per-api", type=int, default=100)
    options.add_argument("--subscriptions", type=int, default=75_000)
    options.add_argument("--changes", type=int, default=200)
    options.add_argument("--restarts", type=int, default=3)
    options.add_argument("--folder", help="where the data is kept; begins at the restart if it is filled already")
    chosen = options.parse_args()
    apis = chosen.operations // chosen.per_api
    folder = Path(chosen.folder) if chosen.folder else None
    state = folder and folder / "filled.json"
    if state and state.exists():
        kept = json.loads(state.read_text())
        tollgate = Tollgate.__new__(Tollgate)
        tollgate.folder, tollgate.ports, tollgate.printed = folder, kept["ports"], kept["printed"]
        service = kept["service"]
    else:
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        tollgate = Tollgate(folder)
        service = fill(tollgate, chosen, apis)
        if state:
            state.write_text(json.dumps({"ports": tollgate.ports, "printed": tollgate.printed, "service": service}))
        print(f"after filling: resident {memory(tollgate.process.pid):.0f} MB, at most {memory(tollgate.process.pid, 'VmHWM'):.0f} MB", flush=True)
        tollgate.stop()
    try:
        for number in range(chosen.restarts):
            if number:
                tollgate.stop()
            restart(tollgate, apis, chosen.subscriptions)
        if chosen.changes:
            changes(tollgate, service, chosen.changes, apis, chosen)
    finally:
        tollgate.process.kill()
