#!/usr/bin/env python3
"""What a neighbour's requests take while one policy burns CPU: a figure of docs/performance.md.

One worker. An API whose expression computes for about a second is called at a steady rate, while another API on the same worker is called
at a steady rate of its own (open loop: each request is timed from when it was due). Three runs: nobody burns; the expression leaves the
worker after its turn, as is the default; it never does (`[budget] turn-ms` as long as `max-ms`).

Build first: cargo build --release --package tollgate
Run:         TOLLGATE_BIN=target/release/tollgate python3 bench/neighbour.py [--seconds 20] [--rate 200] [--burn 1.0] [--every 2.0]
"""

import argparse
import http.client
import json
import os
import socket
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "e2e"))
from harness import API_VERSION, Management, Tollgate  # noqa: E402

DOCUMENT = "<policies><inbound>{}<return-response><set-status code='200' reason='OK' /><set-body>{}</set-body></return-response></inbound><backend /><outbound /><on-error /></policies>"
BURN = """<set-variable name="burned" value="@{
    var rounds = int.Parse(context.Request.Headers.GetValueOrDefault("X-Rounds", "1"));
    var seen = new Dictionary<string, int>();
    for (var round = 0; round < rounds; round++) { seen[(round % 100).ToString()] = round; }
    return seen.Count;
}" />"""


class Bed:
    """A node with one worker and the two APIs."""

    def __init__(self, turn):
        os.environ["TOLLGATE_GATEWAY_WORKERS"] = "1"
        os.environ["TOLLGATE_LOG_ACCESS"] = "off"
        os.environ["TOLLGATE_BUDGET_TURN_MS"] = str(turn)
        os.environ["TOLLGATE_BUDGET_MAX_MS"] = "30000"
        self.tollgate = Tollgate()
        management = Management(self.tollgate)
        connection = http.client.HTTPSConnection("localhost", management.port, context=management.trust)

        def arm(method, path, body=None):
            headers = {"Authorization": f"Bearer {management.token}", "Content-Type": "application/json"}
            connection.request(method, f"{path}?api-version={API_VERSION}", json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status not in (200, 201):
                raise SystemExit(f"{method} {path}: {answer.status} {text[:500]}")
            return json.loads(text)

        subscription = arm("GET", "/subscriptions")["value"][0]["id"]
        service = arm("GET", f"{subscription}/providers/Microsoft.ApiManagement/service")["value"][0]["id"]
        for name, policies in (("burn", DOCUMENT.format(BURN, "burned")), ("quick", DOCUMENT.format("", "quick"))):
            arm("PUT", f"{service}/apis/{name}", {"properties": {"displayName": name, "path": name, "protocols": ["http"], "serviceUrl": "http://127.0.0.1:9", "subscriptionRequired": False}})
            arm("PUT", f"{service}/apis/{name}/operations/get", {"properties": {"displayName": "get", "method": "GET", "urlTemplate": "/"}})
            arm("PUT", f"{service}/apis/{name}/policies/policy", {"properties": {"format": "rawxml", "value": policies}})
        self.port = self.tollgate.ports[0]

    def burn(self, rounds):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", "/burn/", headers={"X-Rounds": str(rounds)})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"the burning call failed: {answer.status} {text[:300]}")

    def neighbour(self, seconds, rate):
        """The times of the neighbour's requests, each from when it was due. One connection for every tenth request keeps them apart."""
        times = []

        def caller(first, step, count):
            sock = socket.create_connection(("127.0.0.1", self.port))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for number in range(count):
                due = first + number * step
                time.sleep(max(0, due - time.perf_counter()))
                sock.sendall(b"GET /quick/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
                seen = b""
                while not seen.endswith(b"quick"):
                    part = sock.recv(4096)
                    if not part:
                        raise SystemExit("the neighbour was cut off")
                    seen += part
                times.append(time.perf_counter() - due)

        callers, begin = 4, time.perf_counter() + 0.1
        threads = [threading.Thread(target=caller, args=(begin + at / rate, callers / rate, int(seconds * rate / callers))) for at in range(callers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(times)


def show(what, times, burned):
    at = lambda share: times[min(len(times) - 1, int(len(times) * share))] * 1000
    print(f"{what:58} p50 {at(.5):8.2f} ms   p99 {at(.99):8.2f} ms   max {times[-1] * 1000:8.2f} ms   ({len(times)} requests, {burned} burned)", flush=True)


def run(what, turn, chosen, burns):
    bed = Bed(turn)
    try:
        bed.burn(1000)
        rounds = chosen.rounds
        if not rounds:
            began = time.perf_counter()
            bed.burn(100_000)
            rounds = chosen.rounds = int(100_000 * chosen.burn / (time.perf_counter() - began))
            print(f"{rounds} rounds burn for about {chosen.burn} s")
        stop, burned = threading.Event(), [0]

        def burner():
            while not stop.is_set():
                began = time.perf_counter()
                bed.burn(rounds)
                burned[0] += 1
                stop.wait(max(0, chosen.every - (time.perf_counter() - began)))

        thread = threading.Thread(target=burner)
        if burns:
            thread.start()
        times = bed.neighbour(chosen.seconds, chosen.rate)
        stop.set()
        if burns:
            thread.join()
        show(what, times, burned[0])
    finally:
        bed.tollgate.process.kill()
        bed.tollgate.process.wait()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--rate", type=float, default=200)
    options.add_argument("--burn", type=float, default=1.0)
    options.add_argument("--every", type=float, default=2.0)
    options.add_argument("--rounds", type=int, default=0)
    options.add_argument("--turn", type=int, default=2)
    chosen = options.parse_args()
    run("nobody burns", chosen.turn, chosen, False)
    run(f"one policy burns, turn of {chosen.turn} ms", chosen.turn, chosen, True)
    run("one policy burns on the worker (no budget)", 30000, chosen, True)
