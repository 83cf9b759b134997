"""A new process takes over every listening socket under load: not a connection is refused, not a request fails, not a write is lost."""

import contextlib
import http.client
import os
import signal
import socket
import socketserver
import ssl
import subprocess
import threading
import time

from harness import Management, Service, Tollgate, check, equal, finished, free_ports, heading, wait_until

HOST = b"default.localhost"
ROUND = "x-round"


class Trickle(socketserver.StreamRequestHandler):
    """A response that lasts: one numbered line every 50 ms, until the run is over."""

    over = threading.Event()

    def handle(self):
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        number = 0
        while not Trickle.over.wait(0.05):
            line = b"data: %d\n\n" % number
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            self.wfile.flush()
            number += 1
        last = b"data: last %d\n\n" % number
        self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(last), last))


class Load:
    """Clients that call without pause and note whatever goes wrong."""

    def __init__(self, tollgate, management, service):
        self.tollgate, self.management, self.service = tollgate, management, service
        self.trust = ssl.create_default_context(cafile=tollgate.exports()["REQUESTS_CA_BUNDLE"])
        self.over, self.secure_over = threading.Event(), threading.Event()
        self.failures, self.counts, self.written = [], {}, 0
        jobs = ([("new connections", self.fresh, False)] * 4 + [("new TLS connections", self.fresh, True)] * 2
                + [("kept connections", self.kept, 0.0)] * 3 + [("kept connections with pauses", self.kept, 0.3)] * 8
                + [("management writes", self.writes, None)])
        self.threads = [threading.Thread(target=self.run, args=job) for job in jobs]
        for thread in self.threads:
            thread.start()

    def run(self, name, job, argument):
        over = self.secure_over if argument is True else self.over
        count = 0
        try:
            while not over.is_set():
                count += job(argument)
        except Exception as error:  # whatever it is, it is what the test is about
            self.failures.append(f"{name}: {error!r} after {count} requests")
        self.counts[name] = self.counts.get(name, 0) + count

    def connect(self, secure):
        plain = socket.create_connection(("127.0.0.1", self.tollgate.ports[1 if secure else 0]), timeout=20)
        return self.trust.wrap_socket(plain, server_hostname="localhost") if secure else plain

    def fresh(self, secure):
        with self.connect(secure) as stream:
            ask(stream, close=True)
        return 1

    def kept(self, pause):
        """One connection for as long as the gateway keeps it. Only after a response that says so may it be closed."""
        count = 0
        with self.connect(False) as stream:
            while not self.over.is_set():
                headers = ask(stream)
                count += 1
                if headers.get("connection") == "close":
                    break
                time.sleep(pause)
        return count

    def writes(self, _):
        """Every write must be answered, and what was answered must be there."""
        number = self.written + 1
        self.service.put("/namedValues/counter", {"displayName": "counter", "value": str(number)})
        self.written = number
        seen = self.service.management.arm("GET", f"{self.service.id}/namedValues/counter")[2]["properties"]["value"]
        if seen != str(number):
            raise RuntimeError(f"wrote {number} and read {seen}")
        return 2

    def stop(self):
        self.secure_over.set()
        self.over.set()
        for thread in self.threads:
            thread.join()


def ask(stream, close=False, path=b"/steady/x"):
    """One request and its response; the headers."""
    stream.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: " + HOST + b"\r\n" + (b"Connection: close\r\n" if close else b"") + b"\r\n")
    text = b""
    while b"\r\n\r\n" not in text:
        more = stream.recv(65536)
        if not more:
            raise ConnectionError(f"closed after {text!r}")
        text += more
    head, _, body = text.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    if lines[0].split()[1] != "200":
        raise ConnectionError(f"answered {text!r}")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    while len(body) < int(headers["content-length"]):
        more = stream.recv(65536)
        if not more:
            raise ConnectionError(f"closed within {text!r}")
        body += more
    return headers


def stream_long(tollgate, lines):
    connection = http.client.HTTPConnection("127.0.0.1", tollgate.ports[0], timeout=60)
    connection.request("GET", "/trickle/x", headers={"Host": HOST.decode()})
    answer = connection.getresponse()
    for line in answer:
        if line.strip():
            lines.append(line.decode().strip())


def policy(service, number):
    service.policy("/apis/steady", f"""<return-response><set-status code="200" /><set-header name="{ROUND}">
        <value>{number}</value></set-header><set-body>steady</set-body></return-response>""")


def edit_is_effective(tollgate, service, number):
    policy(service, number)
    with socket.create_connection(("127.0.0.1", tollgate.ports[0]), timeout=20) as stream:
        equal("a policy edit right after it is effective", ask(stream, close=True)[ROUND], str(number))


def refused(tollgate, *arguments):
    """A successor that must not get ready; exit code and what it printed."""
    gateway, gateway_tls, management, admin = tollgate.ports
    flags = {"--data": tollgate.folder / "data", "--gateway-http": f"127.0.0.1:{gateway}", "--admin": f"127.0.0.1:{admin}",
             "--gateway-https": f"127.0.0.1:{gateway_tls}", "--management": f"127.0.0.1:{management}", **dict(arguments)}
    words = [str(word) for pair in flags.items() for word in pair]
    done = subprocess.run([os.environ["TOLLGATE_BIN"], "serve", *words, "--take-over"], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


def main():
    backend = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Trickle)
    backend.daemon_threads = True
    threading.Thread(target=backend.serve_forever, daemon=True).start()
    tollgate = Tollgate(arguments=["--access-log", "off"])
    configuration = tollgate.folder / "tollgate.toml"
    pids = {tollgate.process.pid}
    load = None
    try:
        equal("a plain start ends as before", tollgate.stop(), 0)
        configuration.write_text("[gateway]\nworkers = 2\n")
        tollgate.arguments += ["--config", str(configuration)]
        heading("1. --take-over where nobody runs")
        tollgate.start("--take-over")
        pids.add(tollgate.process.pid)
        management = Management(tollgate)
        service = Service(tollgate, management)
        service.api("steady", "http://127.0.0.1:1")
        service.api("trickle", f"http://127.0.0.1:{backend.server_address[1]}")
        service.policy("/apis/trickle", backend='<forward-request buffer-response="false" />')
        policy(service, 0)
        load = Load(tollgate, management, service)
        lines = []
        streaming = threading.Thread(target=stream_long, args=(tollgate, lines))
        streaming.start()
        wait_until("the stream begins", lambda: lines)
        time.sleep(0.5)

        heading("2. SIGUSR2: the program on disk takes over")
        first = tollgate.process
        tollgate.process.send_signal(signal.SIGUSR2)
        pid = wait_until("another process answers", lambda: (tollgate.status()["pid"] != first.pid) and tollgate.status()["pid"])
        pids.add(pid)
        edit_is_effective(tollgate, service, 1)
        check("the first process still carries the long response", first.poll() is None, first.poll())
        time.sleep(0.5)

        heading("3. A successor with more workers")
        configuration.write_text("[gateway]\nworkers = 4\n")
        tollgate.start("--take-over")
        pids.add(tollgate.process.pid)
        check("it has taken over", tollgate.status()["pid"] == tollgate.process.pid != pid)
        edit_is_effective(tollgate, service, 2)
        time.sleep(0.5)

        heading("4. One with fewer, on SIGHUP")
        configuration.write_text("[gateway]\nworkers = 1\n")
        third = tollgate.process
        third.send_signal(signal.SIGHUP)
        pid = wait_until("another process answers", lambda: (tollgate.status()["pid"] != third.pid) and tollgate.status()["pid"])
        pids.add(pid)
        edit_is_effective(tollgate, service, 3)
        time.sleep(0.5)

        heading("5. Successors that cannot start")
        configuration.write_text("[gateway]\nwrong = 1\n")
        os.kill(pid, signal.SIGUSR2)
        wait_until("the log tells it", lambda: "the successor ended; this process goes on" in tollgate.logged())
        check("the log says what is wrong", "tollgate.toml" in tollgate.logged() and "`wrong`" in tollgate.logged(), tollgate.logged()[-2000:])
        equal("the same process serves", tollgate.status()["pid"], pid)
        configuration.write_text("[gateway]\nworkers = 1\n")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            code, said = refused(tollgate, ("--management", "127.0.0.1:%d" % taken.getsockname()[1]))
        check("an address that is taken ends the successor", code == 1 and "cannot listen" in said, (code, said))
        equal("the same process serves, management too", tollgate.status()["pid"], pid)
        edit_is_effective(tollgate, service, 4)

        heading("6. A successor on another HTTPS port keeps the common ones")
        load.secure_over.set()
        before = tollgate.ports[1]
        tollgate.ports[1] = free_ports(1)[0]
        tollgate.start("--take-over")
        pids.add(tollgate.process.pid)
        with load.connect(True) as stream:
            equal("the new port serves", ask(stream, close=True)[ROUND], "4")
        wait_until("the old port is closed", lambda: is_closed(before))
        edit_is_effective(tollgate, service, 5)
        time.sleep(0.5)

        heading("What became of it all")
        load.stop()
        equal("no request failed", load.failures, [])
        for name, count in load.counts.items():
            check(f"{name}: {count} requests", count > 20, count)
        Trickle.over.set()
        streaming.join(timeout=20)
        numbers = [int(line.split()[-1]) for line in lines]
        check(f"the long response came whole, {len(lines)} lines", numbers == list(range(len(numbers))) and "last" in lines[-1], lines[-3:])
        equal("the first process then ended cleanly", first.wait(timeout=20), 0)
        equal("and the third", third.wait(timeout=20), 0)
        equal("the last write is there", management.arm("GET", f"{service.id}/namedValues/counter")[2]["properties"]["value"], str(load.written))
        equal("SIGTERM ends the last one cleanly", tollgate.stop(), 0)
    finally:
        Trickle.over.set()
        if load:
            load.stop()
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    finished("hand-over")


def is_closed(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        return False
    except ConnectionRefusedError:
        return True


if __name__ == "__main__":
    main()
