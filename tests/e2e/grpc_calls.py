"""gRPC through an API of type `grpc`, with the real client and server of Google's library: every kind of call, with and without TLS."""

import threading
import time
from concurrent import futures
from pathlib import Path

import grpc

from harness import Management, Service, Tollgate, check, equal, finished, heading

METHOD = "/orders.Orders/{}".format


class Orders(grpc.GenericRpcHandler):
    """A service without generated code: messages are bytes."""

    def __init__(self):
        self.release = threading.Semaphore(0)
        self.cancelled = threading.Event()
        self.seen = {}

    def service(self, call):
        kind = {"Get": grpc.unary_unary_rpc_method_handler, "Watch": grpc.unary_stream_rpc_method_handler,
                "Add": grpc.stream_unary_rpc_method_handler, "Talk": grpc.stream_stream_rpc_method_handler,
                "Fail": grpc.unary_unary_rpc_method_handler, "Wait": grpc.unary_unary_rpc_method_handler}
        name = call.method.rsplit("/", 1)[1]
        return kind[name](getattr(self, name.lower())) if name in kind else None

    def get(self, request, context):
        self.seen = dict(context.invocation_metadata())
        context.set_trailing_metadata((("x-cost", "7"), ("x-raw-bin", b"\x00\x01")))
        return request * 2

    def watch(self, request, context):
        for number in range(3):
            yield request + str(number).encode()
            self.release.acquire()

    def add(self, requests, context):
        return b"".join(requests)

    def talk(self, requests, context):
        for request in requests:
            yield request.upper()

    def fail(self, request, context):
        context.abort(grpc.StatusCode.NOT_FOUND, "no such order: 42%")

    def wait(self, request, context):
        context.add_callback(self.cancelled.set)
        while context.is_active():
            time.sleep(0.01)
        return b""


def main():
    orders = Orders()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    server.add_generic_rpc_handlers((orders,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    tollgate = Tollgate()
    try:
        service = Service(tollgate, Management(tollgate))
        heading("1. An API of gRPC")
        service.put("/apis/orders", {"displayName": "Orders", "path": "", "type": "grpc", "protocols": ["http", "https"],
                                     "serviceUrl": f"grpc://127.0.0.1:{port}", "subscriptionRequired": False})
        for name in ("Get", "Watch", "Add", "Talk", "Fail", "Wait"):
            service.put(f"/apis/orders/operations/{name.lower()}",
                        {"displayName": name, "method": "POST", "urlTemplate": METHOD(name)})
        service.policy("/apis/orders", '<base /><set-header name="x-by"><value>tollgate</value></set-header>')
        with grpc.insecure_channel(f"127.0.0.1:{tollgate.ports[0]}") as channel:
            calls(channel, orders, service)
        heading("2. The same over TLS")
        roots = Path(tollgate.exports()["REQUESTS_CA_BUNDLE"]).read_bytes()
        with grpc.secure_channel(f"localhost:{tollgate.ports[1]}", grpc.ssl_channel_credentials(roots)) as channel:
            calls(channel, orders, service)
        heading("3. A backend that is gone")
        server.stop(0).wait()
        with grpc.insecure_channel(f"127.0.0.1:{tollgate.ports[0]}") as channel:
            failed = failure(lambda: channel.unary_unary(METHOD("Get"))(b"x", timeout=10))
            check("the call fails as callers map HTTP's 500", failed.code() == grpc.StatusCode.UNKNOWN, failed)
        equal("SIGTERM ends the process cleanly", tollgate.stop(), 0)
    finally:
        tollgate.process.kill()
    finished("gRPC")


def calls(channel, orders, service):
    answer, call = channel.unary_unary(METHOD("Get")).with_call(b"ab", metadata=(("x-mine", "1"),), timeout=10)
    equal("a unary call", answer, b"abab")
    equal("its trailers", dict(call.trailing_metadata()), {"x-cost": "7", "x-raw-bin": b"\x00\x01"})
    equal("its metadata, and what the policy adds", (orders.seen.get("x-mine"), orders.seen.get("x-by")), ("1", "tollgate"))
    messages = channel.unary_stream(METHOD("Watch"))(b"n", timeout=10)
    for number in range(3):
        equal(f"message {number} arrives before the next is sent", next(messages), f"n{number}".encode())
        orders.release.release()
    equal("and the stream ends well", (list(messages), messages.code()), ([], grpc.StatusCode.OK))
    equal("a client that streams", channel.stream_unary(METHOD("Add"))(iter([b"a", b"b", b"c" * 100_000]), timeout=10),
          b"ab" + b"c" * 100_000)
    said, turns = threading.Semaphore(1), []

    def talking():
        for word in (b"one", b"two", b"three"):
            said.acquire()
            yield word

    for answer in channel.stream_stream(METHOD("Talk"))(talking(), timeout=10):
        turns.append(answer)
        said.release()
    equal("both stream, in turns", turns, [b"ONE", b"TWO", b"THREE"])
    failed = failure(lambda: channel.unary_unary(METHOD("Fail"))(b"", timeout=10))
    equal("an error without a message", (failed.code(), failed.details()), (grpc.StatusCode.NOT_FOUND, "no such order: 42%"))
    orders.cancelled.clear()
    failed = failure(lambda: channel.unary_unary(METHOD("Wait"))(b"", timeout=0.3))
    equal("a deadline passes", failed.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
    check("and the server learns that nobody waits", orders.cancelled.wait(10))
    failed = failure(lambda: channel.unary_unary(METHOD("Other"))(b"", timeout=10))
    equal("a method that the API does not have", failed.code(), grpc.StatusCode.UNIMPLEMENTED)
    service.policy("/apis/orders", '<base /><set-header name="x-by"><value>tollgate</value></set-header>'
                   '<choose><when condition="@(context.Request.Headers.ContainsKey(&quot;x-refuse&quot;))">'
                   '<return-response><set-status code="401" reason="Unauthorized" /></return-response></when></choose>')
    failed = failure(lambda: channel.unary_unary(METHOD("Get"))(b"", metadata=(("x-refuse", "1"),), timeout=10))
    equal("a call that a policy refuses", failed.code(), grpc.StatusCode.UNAUTHENTICATED)


def failure(call):
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise SystemExit("the call did not fail")


if __name__ == "__main__":
    main()
