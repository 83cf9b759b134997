"""mTLS between two services of one Tollgate: `bank` asks for client certificates on its host and judges them, `shop` shows one."""

import base64
import json
import os
import socket
import ssl
import subprocess
import tempfile
import threading
from pathlib import Path

from harness import Backend, Management, Tollgate, check, curl, equal, finished, heading

HOST = "mtls.bank.localhost"
PASSWORD = "right"


class Authority:
    """A certificate authority of openssl's, in a folder."""

    def __init__(self, name):
        self.folder = Path(tempfile.mkdtemp(prefix="tollgate-mtls-"))
        self.certificate = self.folder / "ca.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={name}",
                "-keyout", self.folder / "ca.key", "-out", self.certificate)

    def trusted(self):
        """It, among the certificates of a service."""
        data = "".join(self.certificate.read_text().split("-----")[2].split())
        return [{"storeName": "Root", "encodedCertificate": data}]

    def issue(self, name, days=30, host=None):
        """A PFX file of a certificate for `name`; with a host, one of a server."""
        key, request, certificate, pfx = (self.folder / f"{name}.{end}" for end in ("key", "csr", "pem", "pfx"))
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName=DNS:{host}\n" if host else "extendedKeyUsage=clientAuth\n")
        if days > 0:
            openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.folder / "ca.key",
                    "-extfile", extensions, "-days", days, "-out", certificate)
        else:
            self.backdate(request, extensions, certificate)
        openssl("pkcs12", "-export", "-inkey", key, "-in", certificate, "-out", pfx, "-passout", f"pass:{PASSWORD}")
        return Certificate(name, key, certificate, pfx)

    def backdate(self, request, extensions, certificate):
        """Only `openssl ca` takes dates, and it keeps books."""
        settings = self.folder / "ca.cnf"
        (self.folder / "index.txt").touch()
        settings.write_text(f"[ca]\ndefault_ca = own\n[own]\ndatabase = {self.folder}/index.txt\nnew_certs_dir = {self.folder}\n"
                            "rand_serial = yes\ndefault_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n")
        openssl("ca", "-batch", "-notext", "-config", settings, "-cert", self.certificate, "-keyfile", self.folder / "ca.key",
                "-startdate", "20200101000000Z", "-enddate", "20200201000000Z", "-extfile", extensions, "-in", request, "-out", certificate)


class Certificate:
    def __init__(self, name, key, certificate, pfx):
        self.name, self.key, self.certificate = name, key, certificate
        self.pfx = base64.b64encode(pfx.read_bytes()).decode()
        shown = openssl("x509", "-in", certificate, "-noout", "-fingerprint", "-sha1")
        self.thumbprint = shown.split("=")[1].strip().replace(":", "")


def self_signed(name, folder, host):
    key, certificate, pfx = (folder / f"{name}.{end}" for end in ("key", "pem", "pfx"))
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={name}", "-addext",
            f"subjectAltName=DNS:{host}", "-keyout", key, "-out", certificate)
    openssl("pkcs12", "-export", "-inkey", key, "-in", certificate, "-out", pfx, "-passout", f"pass:{PASSWORD}")
    return Certificate(name, key, certificate, pfx)


def openssl(*words):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"openssl {words[0]} ended with {done.returncode}: {done.stderr}")
    return done.stdout


class Service:
    """A service and what is below it, through the management API."""

    def __init__(self, tollgate, management, name):
        self.management, self.name = management, name
        _, _, subscriptions = management.arm("GET", "/subscriptions")
        self.group = f"{subscriptions['value'][0]['id']}/resourceGroups/mtls"
        self.id = f"{self.group}/providers/Microsoft.ApiManagement/service/{name}"
        self.url = f"http://{name}.localhost:{tollgate.ports[0]}"

    def put(self, path, body, *, expect=(200, 201, 202)):
        status, _, answer = self.management.arm("PUT", f"{self.id}{path}", body)
        check(f"PUT {self.name}{path or ' itself'} answers {status}", status in expect, answer)
        return answer

    def configure(self, **properties):
        return self.put("", {"location": "local", "sku": {"name": "Developer", "capacity": 1}, "properties": {
            "publisherEmail": "a@b.example", "publisherName": "A", **properties}})

    def policy(self, path, inbound="<base />", backend="<base />"):
        value = (f"<policies><inbound>{inbound}</inbound><backend>{backend}</backend>"
                 "<outbound><base /></outbound><on-error><base /></on-error></policies>")
        self.put(f"{path}/policies/policy", {"properties": {"format": "rawxml", "value": value}})

    def api(self, name, url):
        self.put(f"/apis/{name}", {"properties": {"displayName": name, "path": name, "serviceUrl": url,
                                                  "protocols": ["http", "https"], "subscriptionRequired": False}})
        self.put(f"/apis/{name}/operations/any", {"properties": {"displayName": "Any", "method": "GET", "urlTemplate": "/*"}})


def host(certificate, asks=True, name=HOST):
    return {"type": "Proxy", "hostName": name, "negotiateClientCertificate": asks,
            "encodedCertificate": certificate.pfx, "certificatePassword": PASSWORD}


def served(port, name):
    """The certificate that is shown for a name."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port)) as plain, context.wrap_socket(plain, server_hostname=name) as stream:
        return ssl.DER_cert_to_PEM_cert(stream.getpeercert(True)).strip()


def main():
    authority, stranger = Authority("Bank CA"), Authority("Nobody's CA")
    server, renewed = authority.issue("server", host=HOST), authority.issue("renewed", host=HOST)
    right, revoked = authority.issue("shop-client"), authority.issue("revoked-client")
    expired, wrong = authority.issue("expired-client", days=0), stranger.issue("wrong-client")
    own = self_signed("self-client", stranger.folder, "client.localhost")
    clients = {"right": right, "revoked": revoked, "expired": expired, "wrong": wrong, "self-signed": own}
    # Whom the machine trusts: the backend's certificate is judged by that.
    os.environ["SSL_CERT_FILE"] = str(authority.certificate)
    backend = Backend()
    tollgate = Tollgate()
    try:
        management = Management(tollgate)
        bank, shop = (Service(tollgate, management, name) for name in ("bank", "shop"))
        management.arm("PUT", bank.group, {"location": "local"})
        port = tollgate.ports[1]
        url = f"https://{HOST}:{port}/accounts"
        the_bank(bank, backend, authority, server, revoked)
        directly(url, port, authority, server, clients)
        the_shop(shop, url, clients)
        chains(bank, shop, port, url, authority, server, stranger)
        renewal(bank, authority, server, renewed, right, port, url)
        heading("Stopping")
        equal("SIGTERM ends the process cleanly", tollgate.stop(), 0)
    finally:
        tollgate.process.kill()
        backend.stop()
    finished("mTLS")


def the_bank(bank, backend, authority, server, revoked):
    heading("1. A service that wants certificates on one host, and judges them by policy")
    shown = bank.configure(hostnameConfigurations=[host(server)], certificates=authority.trusted())
    one = next(one for one in shown["properties"]["hostnameConfigurations"] if one["hostName"] == HOST)
    equal("a GET tells which certificate it is", one["certificate"]["thumbprint"], server.thumbprint)
    check("and not the file", "encodedCertificate" not in one and "certificatePassword" not in one, one)
    bad = {**host(server), "certificatePassword": "wrong"}
    status, _, answer = bank.management.arm("PUT", bank.id, {
        "location": "local", "sku": {"name": "Developer", "capacity": 1},
        "properties": {"publisherEmail": "a@b.example", "publisherName": "A", "hostnameConfigurations": [bad]}})
    check("a wrong password is refused", status == 400 and "password" in json.dumps(answer), answer)
    bank.api("accounts", backend.url)
    bank.policy("/apis/accounts", f"""<base /><validate-client-certificate validate-revocation="false" validate-trust="true"
        validate-not-before="true" validate-not-after="true" ignore-error="false" /><choose>
        <when condition='@(new [] {{ "{revoked.thumbprint}" }}.Contains(context.Request.Certificate.Thumbprint))'>
        <return-response><set-status code="403" reason="Revoked" /></return-response></when></choose>""")
    bank.api("lenient", backend.url)
    bank.policy("/apis/lenient", '<base /><validate-client-certificate validate-trust="false" validate-revocation="false" />')


def directly(url, port, authority, server, certificates):
    heading("2. Clients with and without a certificate")
    trust = ["--cacert", authority.certificate, "--resolve", f"{HOST}:{port}:127.0.0.1"]
    equal("the host shows its own certificate", served(port, HOST), server.certificate.read_text().strip())
    equal("none: 401", curl(url + "/x", *map(str, trust))[0], 401)
    for name, expected in (("right", 200), ("wrong", 401), ("self-signed", 401), ("expired", 401), ("revoked", 403)):
        one = certificates[name]
        status, _, _ = curl(url + "/x", *map(str, [*trust, "--cert", one.certificate, "--key", one.key]))
        equal(f"{name}: {expected}", status, expected)
        if name == "self-signed":
            lenient = url.replace("/accounts", "/lenient")
            status, _, _ = curl(lenient + "/x", *map(str, [*trust, "--cert", one.certificate, "--key", one.key]))
            equal(f"{name}, where the chain does not count: 200", status, 200)
    # The host of the same service that does not ask gets none, whatever the client holds.
    one = certificates["right"]
    own = ["-k", "--resolve", f"bank.localhost:{port}:127.0.0.1", "--cert", one.certificate, "--key", one.key]
    equal("a host that does not ask sees none: 401", curl(f"https://bank.localhost:{port}/accounts/x", *map(str, own))[0], 401)


def the_shop(shop, url, certificates):
    heading("3. A service that shows a certificate: as a backend entity, and by policy")
    shop.configure()
    for name, one in certificates.items():
        made = shop.put(f"/certificates/{name}", {"properties": {"data": one.pfx, "password": PASSWORD}})
        equal(f"{name}: its thumbprint is told", made["properties"]["thumbprint"], one.thumbprint)
    shop.api("pay", url)
    equal("none: 401", curl(f"{shop.url}/pay/x")[0], 401)
    expected = {"right": 200, "wrong": 401, "self-signed": 401, "expired": 401, "revoked": 403}
    for name, status in expected.items():
        shop.put(f"/backends/{name}", {"properties": {"url": url, "protocol": "http", "credentials": {
            "certificateIds": [f"{shop.id}/certificates/{name}"]}}})
        shop.policy("/apis/pay", f'<base /><set-backend-service backend-id="{name}" />')
        equal(f"{name}, in a backend entity: {status}", curl(f"{shop.url}/pay/x")[0], status)
        shop.policy("/apis/pay", f'<base /><authentication-certificate certificate-id="{name}" />')
        equal(f"{name}, by authentication-certificate: {status}", curl(f"{shop.url}/pay/x")[0], status)
        shop.policy("/apis/pay", f'<base /><authentication-certificate thumbprint="{certificates[name].thumbprint}" />')
        equal(f"{name}, by its thumbprint: {status}", curl(f"{shop.url}/pay/x")[0], status)


def chains(bank, shop, port, url, authority, server, stranger):
    heading("4. A backend that nobody vouches for, or under another name")
    trusted = authority.trusted()

    def answers(what, expected, url, **tls):
        shop.put("/backends/judged", {"properties": {"url": url, "protocol": "http", "tls": tls, "credentials": {
            "certificateIds": [f"{shop.id}/certificates/right"]}}})
        shop.policy("/apis/pay", '<base /><set-backend-service backend-id="judged" />')
        equal(f"{what}: {expected}", curl(f"{shop.url}/pay/x")[0], expected)

    other, own_name = "other.bank.localhost", "self.bank.localhost"
    own = self_signed("self-signed", stranger.folder, own_name)
    bank.configure(hostnameConfigurations=[host(server), host(server, name=other), host(own, name=own_name)], certificates=trusted)
    equal("the host shows the self-signed certificate", served(port, own_name), own.certificate.read_text().strip())
    # One profile of TLS per claim: connections that are kept are used further.
    answers("another name, judged", 500, url.replace(HOST, other))
    answers("another name, not judged", 200, url.replace(HOST, other), validateCertificateName=False)
    answers("self-signed, judged", 500, url.replace(HOST, own_name))
    answers("self-signed, judged but for its name", 500, url.replace(HOST, own_name), validateCertificateName=False)
    answers("self-signed, only its name judged", 200, url.replace(HOST, own_name), validateCertificateChain=False)
    answers("self-signed, nothing judged", 200, url.replace(HOST, own_name), validateCertificateChain=False, validateCertificateName=False)


def renewal(bank, authority, server, renewed, right, port, url):
    heading("5. A certificate is replaced under way")
    trusted = authority.trusted()
    bank.configure(hostnameConfigurations=[host(server)], certificates=trusted)
    context = ssl.create_default_context(cafile=str(authority.certificate))
    context.load_cert_chain(right.certificate, right.key)
    plain = socket.create_connection(("127.0.0.1", port))
    with context.wrap_socket(plain, server_hostname=HOST) as open_one:
        def ask():
            open_one.sendall(f"GET /accounts/x HTTP/1.1\r\nHost: {HOST}:{port}\r\n\r\n".encode())
            return read_response(open_one)

        equal("a connection is open", ask(), 200)
        bank.configure(hostnameConfigurations=[host(renewed)], certificates=trusted)
        equal("new connections get the new certificate", served(port, HOST), renewed.certificate.read_text().strip())
        equal("and the open one goes on", ask(), 200)
        bank.configure(hostnameConfigurations=[host(renewed, asks=False)], certificates=trusted)
        trust = ["--cacert", authority.certificate, "--resolve", f"{HOST}:{port}:127.0.0.1"]
        status, _, _ = curl(url + "/x", *map(str, [*trust, "--cert", right.certificate, "--key", right.key]))
        equal("where the host does not ask any more, nobody shows one: 401", status, 401)


def read_response(stream):
    """The status of a response, which is read to its end."""
    text = b""
    while b"\r\n\r\n" not in text:
        text += stream.recv(65536)
    head, _, body = text.partition(b"\r\n\r\n")
    lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    if b"content-length" in lines:
        while len(body) < int(lines[b"content-length"]):
            body += stream.recv(65536)
    else:
        while not body.endswith(b"0\r\n\r\n"):
            body += stream.recv(65536)
    return int(head.split(b" ")[1])


if __name__ == "__main__":
    main()
