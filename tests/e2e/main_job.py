"""The main job: publish an API with the unmodified Azure CLI and call it through the gateway."""

import html
import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
import http.client

from harness import API_VERSION, HERE, Az, Backend, Management, Tollgate, check, curl, equal, finished, heading

KEY = "Ocp-Apim-Subscription-Key"
MISSING = ('{ "statusCode": 401, "message": "Access denied due to missing subscription key. '
           'Make sure to include subscription key when making requests to an API." }')
INVALID = ('{ "statusCode": 401, "message": "Access denied due to invalid subscription key. '
           'Make sure to provide a valid key for an active subscription." }')


def main():
    backend = Backend()
    tollgate = Tollgate()
    try:
        sample(tollgate)
        az = Az(tollgate)
        service = sign_in_and_create(az, tollgate)
        publish(az, backend, tollgate, service)
        key = product_and_key(az, service)
        call(tollgate, service, key)
        management = Management(tollgate)
        changes_are_visible(management, tollgate, service, key)
        nothing_is_lost(tollgate, management, service)
        two_services(az, backend, tollgate)
        heading("Stopping")
        equal("SIGTERM ends the process cleanly", tollgate.stop(), 0)
    finally:
        tollgate.process.kill()
        backend.stop()
    finished("main job")


def sample(tollgate):
    heading("The first start prints how to call the sample API")
    words = tollgate.printed_command("curl")
    headers = {words[at + 1].split(":")[0]: words[at + 1].split(":", 1)[1].strip()
               for at, word in enumerate(words) if word == "-H"}
    status, _, body = curl(words[-1], headers=headers)
    equal("the printed command answers 200", status, 200)
    check("and echoes the call", '"method"' in body, body)


def sign_in_and_create(az, tollgate):
    heading("1. Register the cloud and sign in")
    for start in ("az cloud register", "az cloud set"):
        az(*tollgate.printed_command(start)[1:])
    accounts = az(*tollgate.printed_command("az login")[1:])
    check("az login lists the subscription as enabled", accounts[0]["state"] == "Enabled", accounts)

    heading("2. Create a resource group and a service")
    az("group", "create", "-n", "shop", "-l", "westeurope")
    began = time.monotonic()
    created = az("apim", "create", "-g", "shop", "-n", "contoso", "--publisher-email", "api@contoso.example",
                 "--publisher-name", "Contoso", "-l", "westeurope", "--sku-name", "Developer")
    print(f"          az apim create took {time.monotonic() - began:.1f} s, the CLI's own start included")
    equal("the service is ready", created["provisioningState"], "Succeeded")
    shown = az("apim", "show", "-g", "shop", "-n", "contoso")
    check("gatewayUrl is an address of this process", f".localhost:{tollgate.ports[0]}" in shown["gatewayUrl"], shown)
    status, _, _ = curl(shown["gatewayUrl"] + "/status-0123456789abcdef")
    equal("and it answers", status, 200)
    return {"id": shown["id"], "url": shown["gatewayUrl"]}


def publish(az, backend, tollgate, service):
    heading("3. A named value and two imported APIs")
    at = ["-g", "shop", "--service-name", "contoso"]
    made = az("apim", "nv", "create", *at, "--named-value-id", "backend-token", "--display-name", "backend-token",
              "--value", "s3cret-token", "--secret", "true")
    check("a secret named value is not shown", made.get("value") is None, made)
    equal("but on request", az("apim", "nv", "show-secret", *at, "--named-value-id", "backend-token")["value"], "s3cret-token")
    for name, file, form in (("orders", "orders.openapi.json", "OpenApiJson"), ("stock", "stock.openapi.yaml", "OpenApi")):
        document = (HERE / "data" / file).read_text().replace("https://BACKEND", backend.url).replace("http://BACKEND", backend.url)
        path = tollgate.folder / file
        path.write_text(document)
        az("apim", "api", "import", *at, "--api-id", name, "--path", f"shop/{name}",
           "--specification-format", form, "--specification-path", path)
        print(f"          {name}: {[one['name'] for one in az('apim', 'api', 'operation', 'list', *at, '--api-id', name)]}")
    operations = {one["name"]: one["urlTemplate"] for one in az("apim", "api", "operation", "list", *at, "--api-id", "orders")}
    equal("operations are named as the service names them", operations.get("getorderline"), "/orders/{orderId}/lines/{lineNumber}")
    equal("the server became the service URL", az("apim", "api", "show", *at, "--api-id", "orders")["serviceUrl"], backend.url)

    heading("4. Policies, as rawxml and as xml")
    raw = (HERE / "data" / "orders.policy.rawxml").read_text()
    policy = f"{service['id']}/apis/orders/policies/policy?api-version={API_VERSION}"
    az.rest("put", policy, {"properties": {"format": "rawxml", "value": raw}})
    equal("rawxml comes back byte for byte", az.rest("get", policy + "&format=rawxml")["properties"]["value"], raw)
    as_xml = az.rest("get", policy + "&format=xml")["properties"]["value"]
    check("and as xml with the expressions encoded", html.escape('"tier", ""') in as_xml and "<base />" in as_xml, as_xml)
    az.rest("put", policy, {"properties": {"format": "xml", "value": as_xml}})
    equal("xml comes back byte for byte", az.rest("get", policy + "&format=xml")["properties"]["value"], as_xml)
    one = f"{service['id']}/apis/orders/operations/getorder/policies/policy?api-version={API_VERSION}"
    az.rest("put", one, {"properties": {"format": "rawxml", "value": (HERE / "data" / "get-order.policy.rawxml").read_text()}})


def product_and_key(az, service):
    heading("5. A product, its API, a subscription and its keys")
    at = ["-g", "shop", "--service-name", "contoso"]
    az("apim", "product", "create", *at, "--product-id", "retail", "--product-name", "Retail",
       "--subscription-required", "true", "--approval-required", "false", "--state", "published")
    az("apim", "product", "api", "add", *at, "--product-id", "retail", "--api-id", "orders")
    az("apim", "product", "api", "check", *at, "--product-id", "retail", "--api-id", "orders")
    subscription = f"{service['id']}/subscriptions/web-shop"
    made = az.rest("put", f"{subscription}?api-version={API_VERSION}",
                   {"properties": {"scope": f"{service['id']}/products/retail", "displayName": "Web shop", "state": "active"}})
    check("no key is shown in the answer", not made["properties"].get("primaryKey"), made)
    keys = az.rest("post", f"{subscription}/listSecrets?api-version={API_VERSION}")
    check("listSecrets gives both keys", keys["primaryKey"] and keys["secondaryKey"], keys)
    return keys["primaryKey"]


def call(tollgate, service, key):
    heading("6. Calls through the gateway")
    orders = service["url"] + "/shop/orders"
    status, headers, body = curl(f"{orders}/orders?tier=gold", headers={KEY: key, "X-Client": "WEB", "X-Internal": "no"})
    equal("a call with the key answers 200", status, 200)
    seen = json.loads(body)
    equal("the path reaches the backend", seen["path"], "/orders?tier=gold")
    equal("with the named value", seen["headers"].get("x-backend-token"), "s3cret-token")
    equal("with the expression's value", seen["headers"].get("x-caller"), "web-shop/web")
    equal("with the chosen branch", seen["headers"].get("x-tier"), "gold")
    check("without the deleted header", "x-internal" not in seen["headers"], seen)
    equal("the answer carries the outbound header", headers.get("x-served-by"), "tollgate/orders")
    check("and not the backend's own", "x-powered-by" not in headers, headers)
    equal("calls are counted", headers.get("x-calls-left"), "11")

    status, _, body = curl(f"{orders}/orders", "-X", "POST", "-d", '{"sku":"A-1"}', headers={KEY: key, "Content-Type": "application/json"})
    seen = json.loads(body)
    equal("a body passes", (status, seen["method"], seen["body"]), (200, "POST", '{"sku":"A-1"}'))
    equal("and takes the other branch", (seen["headers"]["x-tier"], seen["headers"]["x-caller"]), ("standard", "web-shop/unknown"))
    status, _, body = curl(f"{orders}/orders/42?x=1", headers={KEY: key})
    equal("an operation's policy rewrites the URL", (status, json.loads(body)["path"]), (200, "/v2/order/42?source=gateway&x=1"))
    status, _, body = curl(f"{orders}/orders/42/lines/7?subscription-key={key}")
    equal("the key may come in the query", (status, json.loads(body)["path"].split("?")[0]), (200, "/orders/42/lines/7"))

    status, headers, body = curl(f"{orders}/orders")
    equal("no key: 401", (status, body), (401, MISSING))
    host = service["url"].split("//")[1]
    check("with the challenge", headers.get("www-authenticate", "").startswith('AzureApiManagementKey realm="')
          and headers["www-authenticate"].endswith('/shop/orders",name="Ocp-Apim-Subscription-Key",type="header"')
          and host in headers["www-authenticate"], headers)
    status, headers, body = curl(f"{orders}/orders", headers={KEY: "0123456789abcdef0123456789abcdef"})
    equal("a wrong key: 401", (status, body), (401, INVALID))
    check("with the challenge", "www-authenticate" in headers, headers)
    for url, words in ((f"{orders}/nowhere", []), (f"{orders}/orders", ["-X", "PATCH"]), (f"{service['url']}/none", [])):
        status, _, body = curl(url, *words, headers={KEY: key})
        equal("unmatched: 404", (status, body), (404, '{ "statusCode": 404, "message": "Resource not found" }'))

    status, headers, body = curl(f"{orders}/orders", "-X", "OPTIONS", headers={
        "Origin": "https://shop.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-client"})
    equal("a CORS preflight is answered by the gateway, without a key",
          (status, headers.get("access-control-allow-origin"), headers.get("access-control-max-age")), (200, "https://shop.example", "300"))
    check("and names the methods", "POST" in headers.get("access-control-allow-methods", ""), headers)
    _, headers, _ = curl(f"{orders}/orders", headers={KEY: key, "Origin": "https://shop.example"})
    equal("a call from that origin is let through", headers.get("access-control-allow-origin"), "https://shop.example")

    while True:
        status, headers, body = curl(f"{orders}/orders", headers={KEY: key})
        if status != 200:
            break
    equal("past the limit: 429", status, 429)
    wait = int(headers["retry-after"])
    check("Retry-After says when", 0 < wait <= 60, headers)
    equal("and so does the body", body, f'{{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in {wait} seconds." }}')
    status, _, body = curl(f"{service['url']}/shop/stock/items/A-1", headers={KEY: key})
    equal("the key opens nothing outside its product", status, 401)


def version_policy(version):
    return {"properties": {"format": "rawxml", "value": f"""<policies>
  <inbound><base /><set-header name="X-Inbound" exists-action="override"><value>{version}</value></set-header></inbound>
  <backend><base /></backend>
  <outbound><base /><set-header name="X-Outbound" exists-action="override"><value>{version}</value></set-header></outbound>
  <on-error><base /></on-error>
</policies>"""}}


class Load:
    """A steady load of keep-alive connections; remembers every answer that is not as it must be."""

    def __init__(self, tollgate, host, path, key, right):
        self.stop, self.calls, self.wrong = threading.Event(), 0, []
        self.threads = [threading.Thread(target=self.run, args=(tollgate.ports[0], host, path, key, right), daemon=True) for _ in range(4)]
        for thread in self.threads:
            thread.start()

    def run(self, port, host, path, key, right):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        while not self.stop.is_set():
            try:
                connection.request("GET", path, headers={"Host": host, KEY: key})
                answer = connection.getresponse()
                body = answer.read()
                if not right(answer, body):
                    self.wrong.append((answer.status, dict(answer.headers), body[:300]))
            except OSError as error:
                self.wrong.append(repr(error))
                connection.close()
            self.calls += 1
        connection.close()

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()
        return self.calls, self.wrong


def changes_are_visible(management, tollgate, service, key):
    heading("7. Each change is visible to the next request, under a steady load")
    path, host = service["id"], service["url"].split("//")[1]
    backend = management.arm("GET", f"{path}/apis/orders")[2]["properties"]["serviceUrl"]
    management.arm("PUT", f"{path}/apis/live", {"properties": {"displayName": "Live", "path": "live", "protocols": ["http"], "serviceUrl": backend}})
    management.arm("PUT", f"{path}/apis/live/operations/get", {"properties": {"displayName": "Get", "method": "GET", "urlTemplate": "/get"}})
    management.arm("PUT", f"{path}/subscriptions/live", {"properties": {"scope": f"{path}/apis/live", "displayName": "Live", "state": "active"}})
    management.arm("PUT", f"{path}/subscriptions/load", {"properties": {"scope": f"{path}/apis", "displayName": "Load", "state": "active"}})
    secrets = lambda name: management.arm("POST", f"{path}/subscriptions/{name}/listSecrets")[2]
    live, load_key = secrets("live")["primaryKey"], secrets("load")["primaryKey"]
    status, _, _ = management.arm("PUT", f"{path}/apis/live/policies/policy", version_policy(0))
    check("the first policy is accepted", status in (200, 201), status)

    def get(subscription_key):
        connection = http.client.HTTPConnection("127.0.0.1", tollgate.ports[0], timeout=20)
        connection.request("GET", "/live/get", headers={"Host": host, KEY: subscription_key})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body

    def right(answer, body):
        return answer.status == 200 and json.loads(body)["headers"].get("x-inbound") == answer.headers.get("X-Outbound")

    load = Load(tollgate, host, "/live/get", load_key, right)
    late = []
    times = []
    for version in range(1, 61):
        began = time.monotonic()
        status, _, body = management.arm("PUT", f"{path}/apis/live/policies/policy", version_policy(version))
        times.append(time.monotonic() - began)
        answer, body = get(live)
        if answer.headers.get("X-Outbound") != str(version):
            late.append((version, dict(answer.headers)))
    equal("60 policy edits: the next request sees each", late, [])
    print(f"          a publish took {sorted(times)[len(times) // 2] * 1000:.0f} ms in the middle, {max(times) * 1000:.0f} ms at most (TLS handshake included)")

    for round_ in range(10):
        management.arm("POST", f"{path}/subscriptions/live/regeneratePrimaryKey")
        old, live = live, secrets("live")["primaryKey"]
        if get(old)[0].status != 401 or get(live)[0].status != 200:
            late.append(("key", round_))
    equal("10 regenerated keys: the old one is refused at once, the new one works", late, [])
    for state, expected in (("suspended", 401), ("active", 200)) * 3:
        management.arm("PATCH", f"{path}/subscriptions/live", {"properties": {"state": state}}, {"If-Match": "*"})
        if get(live)[0].status != expected:
            late.append((state, get(live)[0].status))
    equal("a suspended subscription is refused at once, an active one let in", late, [])
    calls, wrong = load.end()
    equal(f"meanwhile not one of {calls} calls failed or saw half a change", wrong[:3], [])
    check("and there was a load", calls > 200, calls)
    management.arm("DELETE", f"{path}/apis/live", headers={"If-Match": "*"})
    equal("a deleted API is gone for the next request", get(load_key)[0].status, 404)


def nothing_is_lost(tollgate, management, service):
    heading("8. Killed hard while writing, nothing acknowledged is lost")
    path = service["id"]
    acknowledged = {}
    for round_ in range(4):
        stop = threading.Event()

        def write(writer):
            number = 0
            while not stop.is_set():
                name, value = f"kill-{round_}-{writer}-{number % 7}", f"v{round_}.{number}"
                try:
                    status, _, _ = management.arm("PUT", f"{path}/namedValues/{name}", {"properties": {"displayName": name, "value": value}})
                except (OSError, http.client.HTTPException):
                    return
                if status in (200, 201):
                    acknowledged[name] = value
                number += 1

        with ThreadPoolExecutor(4) as pool:
            writers = [pool.submit(write, writer) for writer in range(4)]
            time.sleep(random.uniform(0.3, 1.2))
            tollgate.kill()
            stop.set()
            [writer.result() for writer in writers]
        began = time.monotonic()
        tollgate.start()
        ready = time.monotonic() - began
        lost = {}
        for name, value in acknowledged.items():
            status, _, body = management.arm("GET", f"{path}/namedValues/{name}")
            seen = body["properties"]["value"] if status == 200 else status
            # A write that was under way when the process died may or may not be there; an older one may not.
            if seen != value and not (isinstance(seen, str) and newer(seen, value)):
                lost[name] = (value, seen)
        equal(f"kill {round_ + 1}: all {len(acknowledged)} acknowledged names hold their value (ready again after {ready * 1000:.0f} ms)", lost, {})
    check("writes were acknowledged in every round", len(acknowledged) >= 4 * 4, len(acknowledged))


def newer(seen, value):
    order = lambda text: tuple(int(part) for part in text[1:].split("."))
    return order(seen) > order(value)


def two_services(az, backend, tollgate):
    heading("9. Two services with equal names do not see each other")
    urls = []
    for name in ("north", "south"):
        made = az("apim", "create", "-g", "shop", "-n", name, "--publisher-email", "a@b.example", "--publisher-name", name,
                  "-l", "westeurope", "--sku-name", "Developer")
        for what, body in (
            ("apis/same", {"displayName": "Same", "path": "same", "protocols": ["http"], "serviceUrl": backend.url}),
            ("apis/same/operations/get", {"displayName": "Get", "method": "GET", "urlTemplate": "/get"}),
            ("subscriptions/same", {"scope": f"{made['id']}/apis", "displayName": "Same", "state": "active",
                                    "primaryKey": "11111111111111111111111111111111", "secondaryKey": f"{name}-22222222222222222222222222"}),
            ("apis/same/policies/policy", {"format": "rawxml", "value": f"""<policies><inbound><base /><rate-limit calls="2" renewal-period="300" /></inbound>
<backend><base /></backend><outbound><base /><set-header name="X-Service" exists-action="override"><value>{name}</value></set-header></outbound><on-error><base /></on-error></policies>"""}),
        ):
            az.rest("put", f"{made['id']}/{what}?api-version={API_VERSION}", {"properties": body})
        urls.append(made["gatewayUrl"])
    key = {KEY: "1" * 32}
    answers = [curl(f"{url}/same/get", headers=key) for url in urls for _ in range(2)]
    equal("each answers for itself", [(status, headers.get("x-service")) for status, headers, _ in answers],
          [(200, "north"), (200, "north"), (200, "south"), (200, "south")])
    equal("each counts for itself", [curl(f"{url}/same/get", headers=key)[0] for url in urls], [429, 429])
    equal("a key of one is nothing to the other",
          curl(f"{urls[1]}/same/get", headers={KEY: "north-22222222222222222222222222"})[0], 401)


if __name__ == "__main__":
    main()
