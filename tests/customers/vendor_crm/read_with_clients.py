"""Reads the stand-in with the vendors' own Python clients, in an environment of theirs: `<program> <url>`.

Prints what they found: {"salesforce": [ids], "salesforce_bulk": [ids], "hubspot": [ids], "hubspot_search": [ids], ...}.
"""

import csv
import json
import sys
from typing import Any
from urllib.parse import urlsplit

import hubspot  # type: ignore[import-not-found]  # installed where this runs
import requests
from hubspot.crm.contacts import PublicObjectSearchRequest  # type: ignore[import-not-found]
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce  # type: ignore[import-not-found]


class Plain(HTTPAdapter):
    """The client insists on https; the stand-in has no certificate."""

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, *args, **kwargs)


def salesforce(url: str) -> dict[str, Any]:
    session = requests.Session()
    session.mount("https://", Plain())
    client = Salesforce(instance=urlsplit(url).netloc, session_id="token", session=session, version="62.0")
    found = client.query_all("SELECT Id, SystemModstamp, Name FROM Contact ORDER BY SystemModstamp, Id")
    parts = list(client.bulk2.Contact.query("SELECT Id, Phone FROM Contact", max_records=1000, wait=0.1))
    bulk = [row["Id"] for part in parts for row in csv.DictReader(part.splitlines())]
    return {
        "salesforce": [record["Id"] for record in found["records"]],
        "salesforce_total": found["totalSize"],
        "salesforce_bulk": bulk,
        "salesforce_parts": len(parts),
    }


def contacts(url: str) -> dict[str, Any]:
    client = hubspot.HubSpot(access_token="token")
    client.config["host"] = url
    listed = client.crm.contacts.get_all()
    question = PublicObjectSearchRequest(
        filter_groups=[{"filters": [{"propertyName": "hs_object_id", "operator": "GT", "value": "100"}]}],
        sorts=[{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        properties=["phone"],
        limit=200,
    )
    page = client.crm.contacts.search_api.do_search(public_object_search_request=question)
    one = client.crm.contacts.basic_api.get_by_id("7", properties=["phone"])
    return {
        "hubspot": [record.id for record in listed],
        "hubspot_gone": [record.id for record in client.crm.contacts.get_all(archived=True) if record.archived_at],
        "hubspot_search": [record.id for record in page.results],
        "hubspot_total": page.total,
        "hubspot_one": one.properties["phone"],
    }


if __name__ == "__main__":
    print(json.dumps({**salesforce(sys.argv[1]), **contacts(sys.argv[1])}))
