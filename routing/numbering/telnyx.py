"""Numbers rented at Telnyx: they lead to TeXML applications (developers.telnyx.com, Numbers and TeXML Applications)."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from routing.numbering.asking import Api, bearer
from routing.numbering.base import MOST_PAGES, Aim, Application, ByApplication, Rented, count, part, rows, text

PAGE = 100


class Telnyx(ByApplication):
    """Secret: an API key. There is no user."""

    dialect = "telnyx"
    needs_user = False
    base = "https://api.telnyx.com"

    def api(self, user: str, secret: str) -> Api:
        return Api(f"{self.base}/v2", bearer(secret))

    def applications(self, api: Api) -> list[Application]:
        return [
            Application(
                text(row, "id"), text(row, "friendly_name"), text(row, "voice_url"), text(row, "voice_fallback_url")
            )
            for row in _all(api, "/texml_applications")
        ]

    def numbers(self, api: Api, applications: Mapping[str, Application]) -> Iterator[Rented]:
        for row in _all(api, "/phone_numbers"):
            application = applications.get(text(row, "connection_id"))
            name = text(row, "connection_name")
            elsewhere = _("connection %(name)s") % {"name": name} if name else ""
            points_at = application.url if application else elsewhere
            yield Rented(text(row, "phone_number"), text(row, "id"), text(row, "customer_reference"), points_at)

    def create(self, api: Api, aim: Aim) -> str:
        return text(part(api.send_json("/texml_applications", _addresses(aim)), "data"), "id")

    def change(self, api: Api, handle: str, aim: Aim) -> None:
        api.send_json(f"/texml_applications/{quote(handle, safe='')}", _addresses(aim), "PATCH")

    def attach(self, api: Api, rented: Rented, handle: str) -> None:
        api.send_json(f"/phone_numbers/{quote(rented.handle, safe='')}", {"connection_id": handle}, "PATCH")


def _all(api: Api, path: str) -> Iterator[dict[str, Any]]:
    for page in range(1, MOST_PAGES + 1):
        answer = api.get(path, {"page[number]": page, "page[size]": PAGE})
        yield from rows(answer, "data")
        if page >= count(part(answer, "meta"), "total_pages"):
            return


def _addresses(aim: Aim) -> dict[str, str]:
    addresses = {"friendly_name": aim.name, "voice_url": aim.url, "voice_method": "post"}
    return addresses | ({"voice_fallback_url": aim.fallback_url} if aim.fallback_url else {})
