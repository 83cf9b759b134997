"""A full disk and a dead database: management says so, traffic flows on, the log does not fill, and what can be mended is mended."""

import http.client
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from harness import Management, Service, Tollgate, check, equal, finished, heading

SIZE = "24m"


def on_a_small_disk():
    """Runs this file again where it may mount a disk of its own, which goes with it."""
    folder = tempfile.mkdtemp(prefix="tollgate-disk-")
    mount = f'mount -t tmpfs -o size={SIZE} tollgate "$1" && exec "$2" "$3" inside "$1"'
    words = ["-m"] if os.geteuid() == 0 else ["-Urm"]
    os.execvp("unshare", ["unshare", *words, "sh", "-c", mount, "sh", folder, sys.executable, __file__])


class Traffic:
    """Calls without pause, each of which must be answered."""

    def __init__(self, tollgate):
        self.port, self.over, self.statuses = tollgate.ports[0], threading.Event(), {}
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        while not self.over.is_set():
            try:
                connection.request("GET", "/steady/x", headers={"Host": "default.localhost"})
                answer = connection.getresponse()
                answer.read()
                status = answer.status
            except OSError as error:
                status = repr(error)
            self.statuses[status] = self.statuses.get(status, 0) + 1
            time.sleep(0.002)

    def stop(self):
        self.over.set()
        self.thread.join()
        check(f"all calls through the gateway were answered meanwhile: {self.statuses}",
              set(self.statuses) == {200} and self.statuses[200] > 100, self.statuses)


def write(service, value, name="counter"):
    status, _, answer = service.management.arm(
        "PUT", f"{service.id}/namedValues/{name}", {"properties": {"displayName": name, "value": value}})
    return status, answer


def read(service, name="counter"):
    status, _, answer = service.management.arm("GET", f"{service.id}/namedValues/{name}")
    return answer["properties"]["value"] if status == 200 else status


def refuses(service, reason):
    status, answer = write(service, "never")
    check(f"a write answers {status}", status == 503 and answer["error"]["code"] == "ServiceUnavailable", answer)
    check(f"and says that {reason}", reason in answer["error"]["message"], answer)


def start(folder):
    tollgate = Tollgate(folder)
    service = Service(tollgate, Management(tollgate))
    service.put("/apis/steady", {"displayName": "steady", "path": "steady", "protocols": ["http"], "subscriptionRequired": False})
    service.put("/apis/steady/operations/get", {"displayName": "get", "method": "GET", "urlTemplate": "/*"})
    service.policy("/apis/steady", '<return-response><set-status code="200" /></return-response>')
    return tollgate, service


def full(folder):
    heading("1. A full disk, with the access log on it")
    tollgate, service = start(folder)
    equal("a write before", write(service, "before")[0], 201)
    ballast = folder / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    traffic = Traffic(tollgate)
    # What is left in the last pages is soon used up.
    for number in range(200):
        status, answer = write(service, "x" * 4000, f"more{number}")
        if status not in (200, 201):
            break
    refuses(service, "its disk is full")
    equal("reading still works", read(service), "before")
    for _ in range(20):
        write(service, "never")
    time.sleep(0.5)
    equal("the node is there", tollgate.status()["pid"], tollgate.process.pid)
    ballast.unlink()
    equal("once there is room, a write is taken", write(service, "after")[0], 200)
    equal("and read", read(service), "after")
    traffic.stop()
    lost = tollgate.logged().count("the access log cannot be written")
    check(f"the log says {lost} times that lines of the access log are lost", lost <= 5, lost)
    equal("SIGTERM ends the process cleanly", tollgate.stop(), 0)
    tollgate.start()
    equal("what was answered is there after a start", read(Service(tollgate, Management(tollgate))), "after")
    tollgate.stop()


def locked(tollgate, service, database):
    heading("2. Another program locks the database")
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refuses(service, "another program has locked it")
    other.execute("ROLLBACK")
    other.close()
    equal("once it is free, a write is taken", write(service, "unlocked")[0], 200)


def damaged(tollgate, service, database):
    heading("3. The database is overwritten under way")
    whole = database.read_bytes()
    with open(database, "r+b") as file:
        file.write(b"\xff" * len(whole))
    wal = database.with_name(database.name + "-wal")
    if wal.exists():
        os.truncate(wal, 0)
    status, answer = write(service, "never")
    check(f"a write answers {status}", status == 503, answer)
    time.sleep(1)
    lines = tollgate.logged().count("the new configuration cannot be made")
    check(f"the log does not repeat itself ({lines} times)", lines <= 3, lines)


def removed(tollgate, service, database):
    heading("4. The database is removed under way")
    for file in database.parent.glob("tollgate.db*"):
        file.rename(file.with_suffix(file.suffix + ".away"))
    refuses(service, "removed or replaced")


def dead_start(tollgate, what, said):
    tollgate.kill()
    words = ["serve", "--data", str(tollgate.folder / "data"), "--gateway-http", "127.0.0.1:0", "--gateway-https", "off",
             "--management", "127.0.0.1:0", "--admin", "off"]
    done = subprocess.run([os.environ["TOLLGATE_BIN"], *words], capture_output=True, text=True, timeout=60)
    check(f"a start on {what} ends with 1", done.returncode == 1, done)
    check("and says why, and where", said in done.stderr and str(tollgate.folder / "data") in done.stderr, done.stderr)


def main(folder):
    (folder / "full").mkdir()
    full(folder / "full")
    for what, spoil in [("locked", locked), ("removed", removed), ("damaged", damaged)]:
        place = folder / what
        place.mkdir()
        tollgate, service = start(place)
        try:
            write(service, "before")
            traffic = Traffic(tollgate)
            spoil(tollgate, service, place / "data" / "store" / "tollgate.db")
            time.sleep(0.5)
            traffic.stop()
            if spoil is damaged:
                dead_start(tollgate, "a damaged database", "not a database")
            elif spoil is removed:
                equal("SIGTERM ends the process cleanly", tollgate.stop(), 0)
        finally:
            tollgate.kill()
    finished("full disk and dead database")


if __name__ == "__main__":
    main(Path(sys.argv[2])) if sys.argv[1:2] == ["inside"] else on_a_small_disk()
