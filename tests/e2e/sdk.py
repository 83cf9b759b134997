"""The main job once more, with the unmodified Python SDK azure-mgmt-apimanagement (2024-05-01)."""

import json
import os

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.mgmt.apimanagement import ApiManagementClient

from harness import HERE, Backend, Management, Tollgate, check, curl, equal, finished, heading

KEY = "Ocp-Apim-Subscription-Key"
GROUP, NAME = "sdk", "fabrikam"


def main():
    backend = Backend()
    tollgate = Tollgate()
    try:
        os.environ.update(tollgate.exports())
        run(tollgate, backend)
    finally:
        tollgate.process.kill()
        backend.stop()
    finished("SDK")


def run(tollgate, backend):
    origin, login = f"https://localhost:{tollgate.ports[2]}", tollgate.login
    management = Management(tollgate)
    subscription = management.arm("GET", "/subscriptions")[2]["value"][0]["subscriptionId"]
    management.arm("PUT", f"/subscriptions/{subscription}/resourceGroups/{GROUP}", {"location": "westeurope"})

    credential = ClientSecretCredential(login["tenant"], login["client"], login["secret"], authority=origin, disable_instance_discovery=True)
    client = ApiManagementClient(credential, subscription, base_url=origin, credential_scopes=[f"{origin}/.default"], polling_interval=0)

    heading("Service")
    service = client.api_management_service.begin_create_or_update(GROUP, NAME, {
        "location": "westeurope", "sku": {"name": "Developer", "capacity": 1},
        "publisher_email": "api@fabrikam.example", "publisher_name": "Fabrikam"}).result()
    equal("created", (service.name, service.provisioning_state), (NAME, "Succeeded"))
    equal("listed", [one.name for one in client.api_management_service.list_by_resource_group(GROUP)], [NAME])

    heading("Named value, API, operations")
    client.named_value.begin_create_or_update(GROUP, NAME, "backend-token", {
        "display_name": "backend-token", "value": "s3cret-token", "secret": True}).result()
    equal("a secret comes back on request only",
          (client.named_value.get(GROUP, NAME, "backend-token").value, client.named_value.list_value(GROUP, NAME, "backend-token").value),
          (None, "s3cret-token"))
    document = (HERE / "data" / "orders.openapi.json").read_text().replace("https://BACKEND", backend.url)
    api = client.api.begin_create_or_update(GROUP, NAME, "orders", {"path": "shop/orders", "format": "openapi+json", "value": document}).result()
    equal("imported", (api.display_name, api.service_url), ("Orders", backend.url))
    operations = {one.name: (one.method, one.url_template) for one in client.api_operation.list_by_api(GROUP, NAME, "orders")}
    equal("with its operations", operations["getorderline"], ("GET", "/orders/{orderId}/lines/{lineNumber}"))
    equal("of which there are five", len(operations), 5)
    equal("$top and $filter narrow a list", [one.name for one in client.api_operation.list_by_api(
        GROUP, NAME, "orders", filter="properties/method eq 'DELETE'")], ["deleteorder"])

    heading("Policies")
    raw = (HERE / "data" / "orders.policy.rawxml").read_text()
    client.api_policy.create_or_update(GROUP, NAME, "orders", "policy", {"format": "rawxml", "value": raw})
    equal("rawxml comes back byte for byte", client.api_policy.get(GROUP, NAME, "orders", "policy", format="rawxml").value, raw)
    try:
        client.api_policy.create_or_update(GROUP, NAME, "orders", "policy", {
            "format": "rawxml", "value": "<policies><inbound><set-haeder /></inbound></policies>"})
        check("a wrong policy is refused", False)
    except HttpResponseError as error:
        equal("a wrong policy is refused in ARM's shape", (error.status_code, error.error.code), (400, "ValidationError"))

    heading("Product, subscription, keys")
    client.product.create_or_update(GROUP, NAME, "retail", {"display_name": "Retail", "subscription_required": True, "state": "published"})
    client.product_api.create_or_update(GROUP, NAME, "retail", "orders")
    check("the API is in the product", client.product_api.check_entity_exists(GROUP, NAME, "retail", "orders"))
    client.subscription.create_or_update(GROUP, NAME, "web-shop", {"scope": f"{service.id}/products/retail", "display_name": "Web shop", "state": "active"})
    key = client.subscription.list_secrets(GROUP, NAME, "web-shop").primary_key

    heading("Calls")
    url = f"{service.gateway_url}/shop/orders/orders?tier=gold"
    status, headers, body = curl(url, headers={KEY: key, "X-Client": "SDK"})
    seen = json.loads(body)["headers"]
    equal("200 with all effects", (status, headers["x-served-by"], seen["x-backend-token"], seen["x-caller"], seen["x-tier"]),
          (200, "tollgate/orders", "s3cret-token", "web-shop/sdk", "gold"))
    equal("401 without the key", curl(url)[0], 401)
    client.subscription.regenerate_primary_key(GROUP, NAME, "web-shop")
    equal("a regenerated key is refused", curl(url, headers={KEY: key})[0], 401)

    heading("ETags, releases, revisions, deletion")
    etag = client.api.get_entity_tag(GROUP, NAME, "orders")
    check("HEAD tells whether it is there", etag is True or etag is not None, etag)
    updated = client.api.update(GROUP, NAME, "orders", "*", {"description": "changed"})
    equal("PATCH keeps the rest", (updated.description, updated.display_name), ("changed", "Orders"))
    try:
        client.api.update(GROUP, NAME, "orders", '"stale"', {"description": "lost"})
        check("a stale ETag is refused", False)
    except HttpResponseError as error:
        equal("a stale ETag is refused", error.status_code, 412)
    client.api.begin_create_or_update(GROUP, NAME, "orders;rev=2", {
        "source_api_id": f"{service.id}/apis/orders", "path": "shop/orders", "display_name": "Orders", "service_url": backend.url}).result()
    equal("a revision is listed", sorted(one.api_revision for one in client.api_revision.list_by_service(GROUP, NAME, "orders")), ["1", "2"])
    key = client.subscription.list_secrets(GROUP, NAME, "web-shop").primary_key
    equal("and callable by its number", curl(f"{service.gateway_url}/shop/orders;rev=2/orders", headers={KEY: key})[0], 200)
    client.api_release.create_or_update(GROUP, NAME, "orders", "second", {"api_id": f"{service.id}/apis/orders;rev=2", "notes": "second"})
    check("a release makes it current", client.api.get(GROUP, NAME, "orders").api_revision == "2", client.api.get(GROUP, NAME, "orders").api_revision)
    client.api.begin_delete(GROUP, NAME, "orders", "*", delete_revisions=True).result()
    try:
        client.api.get(GROUP, NAME, "orders")
        check("a deleted API is gone", False)
    except ResourceNotFoundError:
        check("a deleted API is gone", True)
    equal("also from the gateway", curl(url, headers={KEY: key})[0], 404)
    client.api_management_service.begin_delete(GROUP, NAME).result()
    equal("a deleted service is gone", list(client.api_management_service.list_by_resource_group(GROUP)), [])


if __name__ == "__main__":
    main()
