#!/usr/bin/env python3
"""The figures of docs/performance.md: start-up, the self-hosted gateway, idle memory, and publishing with 2,000
operations configured.

Build first: cargo build --release --package tollgate
Run:         TOLLGATE_BIN=target/release/tollgate python3 bench/figures.py [--operations 2000] [--publishes 500] [--only gateway]
"""

import argparse
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "e2e"))
from harness import API_VERSION, Management, Tollgate, free_ports  # noqa: E402
import os  # noqa: E402

KEY = "Ocp-Apim-Subscription-Key"


def milliseconds(values):
    values = sorted(value * 1000 for value in values)
    at = lambda share: values[min(len(values) - 1, int(len(values) * share))]
    return f"p50 {at(.5):.2f} ms, p90 {at(.9):.2f}, p99 {at(.99):.2f}, max {values[-1]:.2f} ({len(values)} samples)"


def start_up(rounds):
    """From the start of the process to the end of the first answered call of the sample API."""
    first, later = [], []
    for _ in range(rounds):
        folder = tempfile.mkdtemp(prefix="tollgate-bench-")
        ports = free_ports(4)
        key = None
        for times in (first, later, later):
            command = [os.environ["TOLLGATE_BIN"], "serve", "--data", f"{folder}/data", "--gateway-http", f"127.0.0.1:{ports[0]}",
                       "--gateway-https", f"127.0.0.1:{ports[1]}", "--management", f"127.0.0.1:{ports[2]}",
                       "--admin", f"127.0.0.1:{ports[3]}", "--access-log", "off"]
            began = time.perf_counter()
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            while True:
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", ports[0], timeout=1)
                    connection.request("GET", "/echo/resource?param1=x", headers={KEY: key or "none"})
                    status = connection.getresponse().status
                    if status == (200 if key else 401):
                        break
                except OSError:
                    time.sleep(0.001)
            times.append(time.perf_counter() - began)
            if key is None:
                for line in process.stdout:
                    if KEY in line:
                        key = line.split(KEY + ": ")[1].split('"')[0]
                        break
            process.kill()
            process.wait()
    print(f"start-up to the first answered call, first start:  {milliseconds(first)}")
    print(f"start-up to the first answered call, later starts: {milliseconds(later)}")


def gateway_start(rounds):
    """From the start of a self-hosted gateway alone, its node gone, to the end of the first answered call; and a change's way to it."""
    tollgate = Tollgate()
    management = Management(tollgate)
    _, _, subscriptions = management.arm("GET", "/subscriptions")
    service = f"{subscriptions['value'][0]['id']}/resourceGroups/default/providers/Microsoft.ApiManagement/service/default"
    management.arm("PUT", f"{service}/gateways/bench", {"properties": {}})
    management.arm("PUT", f"{service}/gateways/bench/apis/echo-api")
    expiry = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))
    _, _, token = management.arm("POST", f"{service}/gateways/bench/generateToken", {"keyType": "primary", "expiry": expiry})
    _, _, secrets = management.arm("POST", f"{service}/subscriptions/echo-sample/listSecrets")
    folder, ports = tempfile.mkdtemp(prefix="tollgate-bench-"), free_ports(3)
    environment = {**os.environ, "TOLLGATE_CONFIG_SERVICE_ENDPOINT": f"https://localhost:{tollgate.ports[2]}",
                   "TOLLGATE_CONFIG_SERVICE_AUTH": f"GatewayKey {token['value']}"}
    command = [os.environ["TOLLGATE_BIN"], "gateway", "--data", f"{folder}/data", "--ca", tollgate.folder / "data" / "ca.pem",
               "--gateway-http", f"127.0.0.1:{ports[0]}", "--gateway-https", f"127.0.0.1:{ports[1]}",
               "--admin", f"127.0.0.1:{ports[2]}", "--access-log", "off"]

    def answer(patience=0.0005):
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", ports[0], timeout=1)
                connection.request("GET", "/echo/resource?param1=x", headers={KEY: secrets["primaryKey"]})
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    return answer
            except OSError:
                time.sleep(patience)

    def start():
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    process = start()
    answer()
    effective = []
    for number in range(rounds * 5):
        policy = f"""<policies><inbound><return-response><set-status code="200" reason="OK" /><set-header name="X-Version" exists-action="override">
            <value>{number}</value></set-header></return-response></inbound></policies>"""
        management.arm("PUT", f"{service}/apis/echo-api/policies/policy", {"properties": {"format": "rawxml", "value": policy}})
        began = time.perf_counter()
        while answer().headers.get("X-Version") != str(number):
            pass
        effective.append(time.perf_counter() - began)
    print(f"change acknowledged by the node to effective on the gateway: {milliseconds(effective)}")
    tollgate.kill()
    process.kill()
    process.wait()
    times, work = [], []
    for _ in range(rounds):
        began = time.perf_counter()
        process = start()
        answer()
        times.append(time.perf_counter() - began)
        work.append(cpu(process.pid))
        process.kill()
        process.wait()
    print(f"cold start of the gateway alone, from disk, to the first answered call: {milliseconds(times)}")
    print(f"  CPU time of all its threads by then: {milliseconds(work)}")


def cpu(pid):
    """Seconds of CPU that the threads of a process have had; finer than the ticks of /proc/PID/stat."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir()) / 1e9


def resident(pid):
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def publishing(operations, publishes):
    tollgate = Tollgate()
    try:
        time.sleep(2)
        print(f"idle memory, only the sample: {resident(tollgate.process.pid):.1f} MB resident")
        management = Management(tollgate)
        connection = http.client.HTTPSConnection("localhost", management.port, context=management.trust)

        def arm(method, path, body=None):
            headers = {"Authorization": f"Bearer {management.token}", "Content-Type": "application/json", "If-Match": "*"}
            connection.request(method, f"{path}?api-version={API_VERSION}", json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status not in (200, 201):
                raise SystemExit(f"{method} {path}: {answer.status} {text[:500]}")
            return json.loads(text) if text else None

        root = arm("GET", "/subscriptions")["value"][0]["id"]
        arm("PUT", f"{root}/resourceGroups/bench", {"location": "x"})
        service = f"{root}/resourceGroups/bench/providers/Microsoft.ApiManagement/service/bench"
        arm("PUT", service, {"location": "x", "sku": {"name": "Developer", "capacity": 1}, "properties": {"publisherEmail": "a@b.example", "publisherName": "b"}})
        per_api = 50
        began = time.perf_counter()
        for api in range(operations // per_api):
            paths = {f"/thing{number}/{{id}}": {"get": {"operationId": f"get-{number}", "responses": {"200": {"description": "ok"}}}} for number in range(per_api)}
            document = json.dumps({"openapi": "3.0.1", "info": {"title": f"API {api}", "version": "1"},
                                   "servers": [{"url": "http://127.0.0.1:9"}], "paths": paths})
            arm("PUT", f"{service}/apis/api-{api}", {"properties": {"path": f"api{api}", "format": "openapi+json", "value": document}})
        print(f"importing {operations} operations in {operations // per_api} documents took {time.perf_counter() - began:.2f} s")

        policy = lambda version: {"properties": {"format": "rawxml", "value": f"""<policies><inbound><base />
            <set-header name="X-Caller" exists-action="override"><value>@(context.Request.Headers.GetValueOrDefault("X-Client", "none") + "{version}")</value></set-header>
            <return-response><set-status code="200" reason="OK" /><set-header name="X-Version" exists-action="override"><value>{version}</value></set-header></return-response>
            </inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>"""}}
        arm("PUT", f"{service}/subscriptions/bench", {"properties": {"scope": f"{service}/apis", "displayName": "Bench", "state": "active"}})
        key = arm("POST", f"{service}/subscriptions/bench/listSecrets")["primaryKey"]
        gateway = http.client.HTTPConnection("127.0.0.1", tollgate.ports[0])
        times = []
        for version in range(publishes):
            api = version % (operations // per_api)
            began = time.perf_counter()
            arm("PUT", f"{service}/apis/api-{api}/policies/policy", policy(version))
            times.append(time.perf_counter() - began)
            gateway.request("GET", f"/api{api}/thing7/1", headers={"Host": f"bench.localhost:{tollgate.ports[0]}", KEY: key})
            answer = gateway.getresponse()
            answer.read()
            if answer.headers.get("X-Version") != str(version):
                raise SystemExit(f"publish {version} was acknowledged but not effective: {answer.status} {dict(answer.headers)}")
        print(f"publish with {operations} operations, request sent to acknowledged and effective: {milliseconds(times)}")
        print(f"memory with {operations} operations: {resident(tollgate.process.pid):.1f} MB resident")
        print(f"mean {statistics.mean(times) * 1000:.2f} ms")
    finally:
        tollgate.process.kill()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--operations", type=int, default=2000)
    options.add_argument("--publishes", type=int, default=500)
    options.add_argument("--rounds", type=int, default=10)
    options.add_argument("--only", choices=["start-up", "gateway", "publishing"])
    chosen = options.parse_args()
    if chosen.only in (None, "start-up"):
        start_up(chosen.rounds)
    if chosen.only in (None, "gateway"):
        gateway_start(chosen.rounds)
    if chosen.only in (None, "publishing"):
        publishing(chosen.operations, chosen.publishes)
