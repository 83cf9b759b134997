"""Memory stays bounded, and neighbours are served: with ten thousand idle connections, with a thousand slow clients, with large bodies."""

import http.client
import itertools
import resource
import select
import socket
import socketserver
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from harness import Management, Service, Tollgate, check, equal, finished, heading

IDLE = 10_000
SLOW = 1_000
BODY = 100 << 20
BLOCK = b"0123456789abcdef" * 4096
HOST = b"Host: default.localhost\r\n"


class Store(socketserver.StreamRequestHandler):
    """GET answers 100 MB; POST takes what comes and answers how much it was. One request per connection."""

    def handle(self):
        method = self.rfile.readline().split(b" ")[0]
        headers = {}
        while line := self.rfile.readline().strip():
            name, _, value = line.partition(b": ")
            headers[name.lower()] = value
        try:
            if method == b"GET":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % BODY)
                for _ in range(BODY // len(BLOCK)):
                    self.wfile.write(BLOCK)
            else:
                count, length = 0, int(headers[b"content-length"])
                while count < length and (piece := self.rfile.read1(1 << 20)):
                    count += len(piece)
                text = b"%d" % count
                self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
        except OSError:
            pass  # a client that was cut


class Backend(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 1024


class Memory:
    """What the process has of it, in MB."""

    def __init__(self, pid):
        self.pid = pid

    def now(self):
        return self.read("VmRSS")

    def forget_peak(self):
        with open(f"/proc/{self.pid}/clear_refs", "w") as file:
            file.write("5")

    def peak(self):
        return self.read("VmHWM")

    def read(self, name):
        with open(f"/proc/{self.pid}/status") as file:
            line = next(line for line in file if line.startswith(name))
        return int(line.split()[1]) / 1024


class Client:
    """One of many connections."""

    def __init__(self, number, port):
        self.socket = socket.socket()
        # One source address has too few ports for all.
        self.socket.bind((f"127.0.0.{2 + number % 8}", 0))
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", port))

    def fileno(self):
        return self.socket.fileno()

    def is_cut(self):
        """Whether the other side has closed; what came is dropped."""
        self.socket.setblocking(False)
        try:
            while self.socket.recv(65536):
                pass
            return True
        except BlockingIOError:
            return False
        except ConnectionError:
            return True


def ask(port, path=b"/steady/x", method=b"GET", headers=b"", body=(), timeout=60):
    """Status, and how long the body was; what of it came, if it is short."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as stream:
        stream.sendall(method + b" " + path + b" HTTP/1.1\r\n" + HOST + headers + b"Connection: close\r\n\r\n")
        try:
            for piece in body:
                stream.sendall(piece)
        except ConnectionError:
            pass  # refused before everything was sent; the answer says why
        text, count = b"", 0
        try:
            while piece := stream.recv(1 << 18):
                count += len(piece)
                if len(text) < 65536:
                    text += piece
        except ConnectionError:
            pass
        head, _, start = text.partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]) if head else None, count - len(head) - 4, start


class Neighbours:
    """Calls without pause; each must be answered."""

    def __init__(self, port):
        self.port, self.over, self.statuses = port, threading.Event(), {}
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.over.is_set():
            status = ask(self.port, timeout=20)[0]
            self.statuses[status] = self.statuses.get(status, 0) + 1
            time.sleep(0.01)

    def stop(self):
        self.over.set()
        self.thread.join()
        check(f"neighbours were served: {self.statuses}", set(self.statuses) == {200}, self.statuses)


def bounded(what, memory, before, limit, peak=True):
    grown = (memory.peak() if peak else memory.now()) - before
    check(f"{what}: {grown:.0f} MB more, at most {limit}", grown <= limit, grown)
    return grown


def idle(port, memory):
    heading(f"1. {IDLE} idle connections")
    before = memory.now()
    clients = []
    request = b"GET /steady/x HTTP/1.1\r\n" + HOST + b"\r\n"
    for numbers in batches(range(IDLE), 250):
        some = [Client(number, port) for number in numbers]
        for client in some:
            client.socket.sendall(request)
        for client in some:
            check_silently(client.socket.recv(65536).startswith(b"HTTP/1.1 200"), "an idle client's first request")
        clients += some
    grown = bounded("all of them had a response", memory, before, 250, peak=False)
    print(f"          {grown * 1024 / IDLE:.1f} KB each")
    equal("a normal call is answered", ask(port)[0], 200)
    for client in clients[::100]:
        client.socket.sendall(request)
        check_silently(client.socket.recv(65536).startswith(b"HTTP/1.1 200"), "an idle client's second request")
    check("and so are the idle ones, if they ask", True)
    return clients


def slow(port, memory):
    heading(f"2. {SLOW} slow clients")
    before = memory.now()
    memory.forget_peak()
    neighbours = Neighbours(port)
    # Who sends heads, who sends bodies, who stalls within a body, who reads.
    kinds = {"heads": [], "bodies": [], "stalled": [], "readers": []}
    for number, kind in zip(range(SLOW), itertools.cycle(kinds)):
        client = Client(number, port)
        start = {"heads": b"GET /steady/x HTTP/1.1\r\n", "readers": b"GET /store/x HTTP/1.1\r\n" + HOST + b"\r\n",
                 "bodies": b"POST /store/x HTTP/1.1\r\n" + HOST + b"Content-Length: 100000\r\n\r\n",
                 "stalled": b"POST /store/x HTTP/1.1\r\n" + HOST + b"Content-Length: 100000\r\n\r\nthe start"}[kind]
        if kind == "readers":
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.socket.sendall(start)
        kinds[kind].append(client)
    cut = {kind: 0 for kind in kinds}
    began = time.monotonic()
    # One byte a second, both ways.
    while time.monotonic() - began < 60 and any(kinds[kind] for kind in ("heads", "stalled", "readers")):
        for kind, clients in kinds.items():
            for client in list(clients):
                if step(kind, client):
                    cut[kind] += 1
                    client.socket.close()
                    clients.remove(client)
        time.sleep(1)
    neighbours.stop()
    quarter = SLOW // 4
    equal("whoever takes too long for a head is cut", cut["heads"], quarter)
    equal("whoever stalls within a body is cut", cut["stalled"], quarter)
    equal("whoever does not take the response is cut", cut["readers"], quarter)
    equal("whoever sends a body slowly, but sends it, is not", cut["bodies"], 0)
    bounded("at most", memory, before, 150)
    for clients in kinds.values():
        for client in clients:
            client.socket.close()


def step(kind, client):
    """One second of a client; whether it was cut."""
    try:
        if kind == "heads":
            client.socket.send(b"X")
            return client.is_cut()
        if kind == "bodies":
            client.socket.send(b"x")
            return client.is_cut()
        if kind == "stalled":
            return client.is_cut()
        # A byte, unless the connection is reset. What the kernel holds is read byte by byte, which takes years: so ask for the error.
        client.socket.setblocking(False)
        client.socket.recv(1)
        return client.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0 or is_reset(client.socket)
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def is_reset(stream):
    """Whether the kernel knows that the other side has closed, whatever is left to read."""
    poll = select.poll()
    poll.register(stream, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))


def large(port, memory):
    heading("3. Bodies of 100 MB")
    before = memory.now()
    memory.forget_peak()
    neighbours = Neighbours(port)
    length = b"Content-Length: %d\r\n" % BODY

    def down(_):
        # It decodes the chunks, and notices a body that breaks off.
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/store/x", headers={"Host": "default.localhost"})
        answer, count, changed = connection.getresponse(), 0, 0
        while piece := answer.read(1 << 18):
            count += len(piece)
            changed += piece.count(b"CDEF")
        return answer.status, count, changed > 0

    def up(_):
        return ask(port, b"/store/x", b"POST", length, itertools.repeat(BLOCK, BODY // len(BLOCK)))

    with ThreadPoolExecutor(8) as pool:
        downs, ups = pool.map(down, range(4)), pool.map(up, range(4))
        seen = list(downs)
        check("four come whole through a policy that changes them", all(one == (200, BODY, True) for one in seen), seen)
        sent = [(one[0], one[2]) for one in ups]
        check("four go whole to the backend", all(one == (200, b"%d" % BODY) for one in sent), sent)
    bounded("at most", memory, before, 100)
    status, _, text = ask(port, b"/asking/x", b"POST", b"Content-Length: %d\r\n" % (BODY + len(BLOCK)),
                          itertools.repeat(BLOCK, BODY // len(BLOCK) + 1))
    equal("where a policy asks for a body which is too large to hold, the request is refused", status, 413)
    status, _, text = ask(port, b"/store/x", b"POST", b"Content-Length: %d\r\n" % (200 << 20))
    equal("what is larger than the gateway takes is refused", status, 413)
    check("and the answer says so", b"too large" in text, text)
    neighbours.stop()
    # A body that was held is given back, if not to the system at once.
    bounded("no more than one body was held", memory, before, 350)


def full(service_port, most):
    heading(f"4. More connections than {most}")
    clients = [Client(number, service_port) for number in range(most)]
    busy = b"POST /store/x HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\n"
    for client in clients:
        client.socket.sendall(busy)
    time.sleep(0.5)
    status, _, _ = ask(service_port)
    equal("one more is answered with 503 while all are used", status, 503)
    for client in clients:
        client.socket.sendall(b"0123456789")
    for client in clients:
        check_silently(client.socket.recv(65536).startswith(b"HTTP/1.1 200"), "a client's response")
    time.sleep(2)
    equal("and served once some are idle, which are closed", ask(service_port)[0], 200)
    for client in clients:
        client.socket.close()


def batches(items, size):
    for start in range(0, len(items), size):
        yield items[start:start + size]


def check_silently(truth, what):
    if not truth:
        check(what, False)


def main():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # The gateway raises its own limit.
    backend = subprocess.Popen([sys.executable, __file__, "backend"], stdout=subprocess.PIPE, text=True)
    url = f"http://127.0.0.1:{int(backend.stdout.readline())}"
    tollgate = Tollgate(arguments=["--access-log", "off", "--workers", "2"], environment={
        "TOLLGATE_GATEWAY_REQUEST_HEAD_SECONDS": "5", "TOLLGATE_GATEWAY_REQUEST_BODY_SECONDS": "10",
        "TOLLGATE_GATEWAY_RESPONSE_WRITE_SECONDS": "4", "TOLLGATE_GATEWAY_IDLE_SECONDS": "600", "TOLLGATE_GATEWAY_MAX_BODY_BYTES": str(150 << 20)})
    try:
        service = Service(tollgate, Management(tollgate))
        port, memory = tollgate.ports[0], Memory(tollgate.process.pid)
        service.api("steady", "http://127.0.0.1:1")
        service.policy("/apis/steady", "<return-response><set-status code=\"200\" /></return-response>")
        service.api("store", url)
        service.policy("/apis/store", '<base /><set-header name="X-In"><value>1</value></set-header>',
                       outbound='<base /><find-and-replace from="cdef0123" to="CDEF0123" />')
        service.api("asking", url)
        service.policy("/apis/asking", '<set-header name="X-Length"><value>@(context.Request.Body.As&lt;string&gt;(true).Length.ToString())</value></set-header>')
        ask(port)
        clients = idle(port, memory)
        slow(port, memory)
        large(port, memory)
        alive = sum(not client.is_cut() for client in clients)
        equal("the idle connections are still there", alive, IDLE)
        for client in clients:
            client.socket.close()
        equal("SIGTERM ends the process cleanly", tollgate.stop(), 0)
        tollgate.environment["TOLLGATE_GATEWAY_MAX_CONNECTIONS"] = "40"
        tollgate.environment["TOLLGATE_GATEWAY_REQUEST_BODY_SECONDS"] = "60"
        tollgate.start()
        full(port, 40)
        equal("SIGTERM ends the process cleanly", tollgate.stop(), 0)
    finally:
        tollgate.process.kill()
        backend.kill()
    finished("bounds")


def serve_backend():
    """In a process of its own: its threads would keep the clients from their turns."""
    backend = Backend(("127.0.0.1", 0), Store)
    print(backend.server_address[1], flush=True)
    backend.serve_forever()


if __name__ == "__main__":
    serve_backend() if sys.argv[1:] == ["backend"] else main()
