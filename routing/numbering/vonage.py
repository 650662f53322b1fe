"""Numbers rented at Vonage: they lead to applications (developer.vonage.com, Numbers API and Application API v2)."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from routing.numbering.asking import Api, NumberingRejected, basic
from routing.numbering.base import MOST_PAGES, Aim, Application, ByApplication, Rented, count, part, plus, rows, text

PAGE = 100
_DONE = "200"


class Vonage(ByApplication):
    """User: the API key; secret: the API secret. Applications and numbers lie at two hosts."""

    dialect = "vonage"
    base = "https://api.nexmo.com"
    numbers_base = "https://rest.nexmo.com"

    def api(self, user: str, secret: str) -> Api:
        return Api(self.base, basic(user, secret))

    def applications(self, api: Api) -> list[Application]:
        found = list[Application]()
        for page in range(1, MOST_PAGES + 1):
            answer = api.get("/v2/applications", {"page": page, "page_size": PAGE})
            found += [_application(row) for row in rows(part(answer, "_embedded"), "applications")]
            if page >= count(answer, "total_pages"):
                break
        return found

    def numbers(self, api: Api, applications: Mapping[str, Application]) -> Iterator[Rented]:
        seen = 0
        for page in range(1, MOST_PAGES + 1):
            answer = self._numbers(api).get("/account/numbers", {"index": page, "size": PAGE})
            found = rows(answer, "numbers")
            yield from (_rented(row, applications) for row in found if "VOICE" in (row.get("features") or ["VOICE"]))
            seen += len(found)
            if not found or seen >= count(answer, "count"):
                return

    def create(self, api: Api, aim: Aim) -> str:
        return text(api.send_json("/v2/applications", _document(aim)), "id")

    def change(self, api: Api, handle: str, aim: Aim) -> None:
        # An update replaces the whole: what else the application does is sent back as it was.
        path = f"/v2/applications/{quote(handle, safe='')}"
        capabilities = part(api.get(path), "capabilities")
        api.send_json(path, _document(aim, capabilities), "PUT")

    def attach(self, api: Api, rented: Rented, handle: str) -> None:
        country, _slash, msisdn = rented.handle.partition("/")
        form = {"country": country, "msisdn": msisdn, "app_id": handle, **dict(rented.kept)}
        if "voiceCallbackType" in form:
            form["voiceCallbackValue"] = handle
        answer = self._numbers(api).send_form("/number/update", form)
        if text(answer, "error-code") != _DONE:
            raise NumberingRejected(_("The provider did not accept the change. Its console may say more."))

    def _numbers(self, api: Api) -> Api:
        return Api(self.numbers_base, api.authorization, api.ends_at)


def _application(row: dict[str, Any]) -> Application:
    hooks = part(row, "capabilities", "voice", "webhooks")
    url, fallback_url = (text(part(hooks, each), "address") for each in ("answer_url", "fallback_answer_url"))
    return Application(text(row, "id"), text(row, "name"), url, fallback_url)


def _rented(row: dict[str, Any], applications: Mapping[str, Application]) -> Rented:
    application = applications.get(text(row, "app_id"))
    forwarded = text(row, "voiceCallbackValue") if text(row, "voiceCallbackType") in ("sip", "tel") else ""
    kept = {"moHttpUrl": text(row, "moHttpUrl")}
    if forwarded:  # goes before any application, until it is said otherwise
        kept |= {"voiceCallbackType": "app"}
    return Rented(
        plus(text(row, "msisdn")),
        f"{text(row, 'country')}/{text(row, 'msisdn')}",
        "",
        forwarded or (application.url if application else ""),
        tuple((name, value) for name, value in kept.items() if value),
    )


def _document(aim: Aim, there: dict[str, Any] | None = None) -> dict[str, Any]:
    """Our application: what it can do besides answering calls stays as it is `there`."""
    capabilities = there or {}
    voice = part(capabilities, "voice")
    hooks = part(voice, "webhooks") | {"answer_url": {"address": aim.url, "http_method": "POST"}}
    if aim.fallback_url:
        hooks["fallback_answer_url"] = {"address": aim.fallback_url, "http_method": "GET"}
    return {"name": aim.name, "capabilities": capabilities | {"voice": voice | {"webhooks": hooks}}}
