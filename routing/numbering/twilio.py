"""Numbers rented at Twilio: each carries its addresses itself (twilio.com/docs, IncomingPhoneNumber resource)."""

from typing import Any
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext as _

from routing.numbering.asking import Api, basic
from routing.numbering.base import MOST_PAGES, Aim, Numbering, Rented, part, rows, text

PAGE = 100


class Twilio(Numbering):
    """User: the Account SID; secret: the Auth Token."""

    dialect = "twilio"
    base = "https://api.twilio.com"

    def api(self, user: str, secret: str) -> Api:
        return Api(f"{self.base}/2010-04-01/Accounts/{quote(user, safe='')}", basic(user, secret))

    def fetch(self, api: Api) -> list[Rented]:
        # What follows is told as a path from the host's root.
        root, path, found = urlsplit(api.base).path, f"/IncomingPhoneNumbers.json?PageSize={PAGE}", list[Rented]()
        for _page in range(MOST_PAGES):
            answer = api.get(path)
            found += [_rented(row) for row in rows(answer, "incoming_phone_numbers") if _takes_calls(row)]
            following = text(answer, "next_page_uri")
            if not following.startswith(f"{root}/"):
                break
            path = following.removeprefix(root)
        return found

    def point(self, api: Api, rented: Rented, aim: Aim) -> None:
        form = {
            "VoiceUrl": aim.url,
            "VoiceMethod": "POST",
            # An application or a trunk would go before the address.
            "VoiceApplicationSid": "",
            "TrunkSid": "",
        }
        if aim.fallback_url:
            form |= {"VoiceFallbackUrl": aim.fallback_url, "VoiceFallbackMethod": "POST"}
        api.send_form(f"/IncomingPhoneNumbers/{quote(rented.handle, safe='')}.json", form)


def _takes_calls(row: dict[str, Any]) -> bool:
    return part(row, "capabilities").get("voice") is not False


def _rented(row: dict[str, Any]) -> Rented:
    return Rented(text(row, "phone_number"), text(row, "sid"), text(row, "friendly_name"), _points_at(row))


def _points_at(row: dict[str, Any]) -> str:
    if trunk := text(row, "trunk_sid"):
        return _("trunk %(name)s") % {"name": trunk}
    if application := text(row, "voice_application_sid"):
        return _("application %(name)s") % {"name": application}
    return text(row, "voice_url")
