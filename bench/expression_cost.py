#!/usr/bin/env python3
"""What one policy with an expression adds to a request, in CPU microseconds of the gateway's process with all its threads.

One node with one worker; five APIs that check a subscription key among 1,000, set two headers, strip two and forward (as S4 of the bench beside
other gateways): two as they are, for GET and for POST with a JSON body of 500 bytes, and three with one more `set-header`, whose value is a
literal, an expression over a header, or an expression over the body as a JObject. Rounds interleave; the figure is the median of the rounds'
differences.

Build first: cargo build --release --package tollgate
Run:         TOLLGATE_BIN=target/release/tollgate python3 bench/expression_cost.py [--rounds 9] [--requests 8000]
"""

import argparse
import asyncio
import http.client
import json
import multiprocessing
import os
import socket
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "e2e"))
from harness import API_VERSION, Management, Tollgate  # noqa: E402

BASE = """<policies><inbound><base /><set-header name="X-Gw-A" exists-action="override"><value>alpha</value></set-header>
<set-header name="X-Gw-B" exists-action="override"><value>beta</value></set-header>{}</inbound><backend><base /></backend><outbound><base />
<set-header name="X-Powered-By" exists-action="delete" /><set-header name="X-Backend-Version" exists-action="delete" /></outbound><on-error><base /></on-error></policies>"""
ONE_MORE = '<set-header name="X-One" exists-action="override"><value>{}</value></set-header>'
ADDED = {
    "literal": ONE_MORE.format("value"),
    "header": ONE_MORE.format('@(context.Request.Headers.GetValueOrDefault("x","y"))'),
    "body": ONE_MORE.format('@(context.Request.Body.As<JObject>(preserveContent: true)["customer"]["id"].ToString())'),
}
BODY = json.dumps({"customer": {"id": "c-17", "name": "Ada"}, "lines": [{"sku": f"s{n}", "count": n, "price": n * 1.5} for n in range(9)], "note": "n" * 60}).encode()


class Answering(asyncio.Protocol):
    """Answers each request at once; the clients below send one at a time."""

    ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Powered-By: p\r\nX-Backend-Version: 1\r\nContent-Length: 5\r\n\r\nhello"

    def connection_made(self, transport):
        self.transport, self.seen = transport, b""

    def data_received(self, data):
        self.seen += data
        head, end, body = self.seen.partition(b"\r\n\r\n")
        if end:
            length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
            if len(body) >= length:
                self.seen = b""
                self.transport.write(self.ANSWER)


def backend(port):
    async def serve():
        server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", port)
        await server.serve_forever()
    asyncio.run(serve())


def cpu(pid):
    """Nanoseconds on a processor, of all threads that are or were."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def drive(port, request, count, connections=8):
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
    for one in sockets:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for _ in range(count // connections):
        for one in sockets:
            one.sendall(request)
        for one in sockets:
            seen = b""
            while not seen.endswith(b"hello"):
                part = one.recv(4096)
                if not part:
                    raise SystemExit(f"cut off: {seen[:300]}")
                seen += part
                if not seen.startswith(b"HTTP/1.1 200"):
                    raise SystemExit(f"failed: {seen[:300]}")
    for one in sockets:
        one.close()


def main(chosen):
    os.environ.update(TOLLGATE_GATEWAY_WORKERS="1", TOLLGATE_LOG_ACCESS="off")
    tollgate = Tollgate()
    free = socket.socket()
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    behind = multiprocessing.Process(target=backend, args=(port,), daemon=True)
    behind.start()
    try:
        management = Management(tollgate)
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
        for name, added in {"plain": "", **ADDED}.items():
            arm("PUT", f"{service}/apis/{name}", {"properties": {"displayName": name, "path": name, "protocols": ["http"], "serviceUrl": f"http://127.0.0.1:{port}"}})
            for method in ("GET", "POST"):
                arm("PUT", f"{service}/apis/{name}/operations/{method.lower()}", {"properties": {"displayName": method, "method": method, "urlTemplate": "/"}})
            arm("PUT", f"{service}/apis/{name}/policies/policy", {"properties": {"format": "rawxml", "value": BASE.format(added)}})
        for number in range(1000):
            arm("PUT", f"{service}/subscriptions/s{number}", {"properties": {"scope": f"{service}/apis", "displayName": f"s{number}", "state": "active", "primaryKey": f"key-{number:028}"}})
        head = lambda method, name: f"{method} /{name}/ HTTP/1.1\r\nHost: localhost\r\nOcp-Apim-Subscription-Key: key-{500:028}\r\nx: something\r\n".encode()
        get = lambda name: head("GET", name) + b"\r\n"
        post = lambda name: head("POST", name) + b"Content-Type: application/json\r\nContent-Length: " + str(len(BODY)).encode() + b"\r\n\r\n" + BODY
        cases = {"GET": get("plain"), "GET, literal": get("literal"), "GET, header": get("header"), "POST": post("plain"), "POST, body": post("body")}
        took = {name: [] for name in cases}
        for name, request in cases.items():
            drive(tollgate.ports[0], request, 2000)
        for _ in range(chosen.rounds):
            for name, request in cases.items():
                before = cpu(tollgate.process.pid)
                drive(tollgate.ports[0], request, chosen.requests)
                took[name].append((cpu(tollgate.process.pid) - before) / chosen.requests / 1000)
        for name, values in took.items():
            print(f"{name:14} {statistics.median(values):6.2f} µs a request [{min(values):.2f}–{max(values):.2f}]")
        for what, less, more in (("one more set-header with a literal", "GET", "GET, literal"),
                                 ("one with an expression over a header", "GET", "GET, header"),
                                 ("the expression itself", "GET, literal", "GET, header"),
                                 ("one with an expression over a JSON body of " + str(len(BODY)) + " bytes", "POST", "POST, body")):
            added = [high - low for low, high in zip(took[less], took[more])]
            print(f"{what}: {statistics.median(added):+.2f} µs [{min(added):+.2f} to {max(added):+.2f}]")
    finally:
        tollgate.process.kill()
        behind.kill()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--requests", type=int, default=8000)
    main(options.parse_args())
