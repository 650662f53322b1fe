"""Numbers rented at Plivo: they lead to applications (plivo.com/docs, Account Phone Number and Application)."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from routing.numbering.asking import Api, basic
from routing.numbering.base import MOST_PAGES, Aim, Application, ByApplication, Rented, part, plus, rows, text

PAGE = 20
"""As many as Plivo gives at once."""


class Plivo(ByApplication):
    """User: the Auth ID; secret: the Auth Token."""

    dialect = "plivo"
    base = "https://api.plivo.com"

    def api(self, user: str, secret: str) -> Api:
        return Api(f"{self.base}/v1/Account/{quote(user, safe='')}", basic(user, secret))

    def applications(self, api: Api) -> list[Application]:
        return [
            Application(
                text(row, "app_id"), text(row, "app_name"), text(row, "answer_url"), text(row, "fallback_answer_url")
            )
            for row in _all(api, "/Application/")
        ]

    def numbers(self, api: Api, applications: Mapping[str, Application]) -> Iterator[Rented]:
        for row in _all(api, "/Number/"):
            # An application is named by its path: /v1/Account/MA…/Application/2998…/
            application = applications.get(text(row, "application").rstrip("/").rpartition("/")[2])
            if row.get("voice_enabled") is not False:
                number = text(row, "number")
                yield Rented(plus(number), number, text(row, "alias"), application.url if application else "")

    def create(self, api: Api, aim: Aim) -> str:
        return text(api.send_json("/Application/", {"app_name": aim.name, **_addresses(aim)}), "app_id")

    def change(self, api: Api, handle: str, aim: Aim) -> None:
        api.send_json(f"/Application/{quote(handle, safe='')}/", _addresses(aim))

    def attach(self, api: Api, rented: Rented, handle: str) -> None:
        api.send_json(f"/Number/{quote(rented.handle, safe='')}/", {"app_id": handle})


def _all(api: Api, path: str) -> Iterator[dict[str, Any]]:
    for page in range(MOST_PAGES):
        answer = api.get(path, {"limit": PAGE, "offset": page * PAGE})
        yield from rows(answer, "objects")
        if not text(part(answer, "meta"), "next"):
            return


def _addresses(aim: Aim) -> dict[str, str]:
    addresses = {"answer_url": aim.url, "answer_method": "POST"}
    return addresses | ({"fallback_answer_url": aim.fallback_url} if aim.fallback_url else {})
