"""Chatwoot: team and priority by its application API (developers.chatwoot.com, api-reference)."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from routing.helpdesks.base import (
    Assigned,
    Assignment,
    Desk,
    DeskRejected,
    DeskUnavailable,
    Person,
    Pusher,
    ask,
    number_named,
    part,
    rows,
    said,
)

_INBOX = {
    "whatsapp": ("Channel::Whatsapp", "Channel::TwilioSms"),
    "sms": ("Channel::Sms", "Channel::TwilioSms"),
    "messenger": ("Channel::FacebookPage",),
    "instagram": ("Channel::Instagram", "Channel::FacebookPage"),
}


class Chatwoot(Pusher):
    """Asks before it assigns: what a person or a rule has assigned is left as it is."""

    slug = "chatwoot"

    def assign(self, desk: Desk, assignment: Assignment) -> Assigned:
        account = _Account(desk)
        number = assignment.conversation or account.find(assignment)
        team = assignment.team if assignment.team.isdigit() else account.team(assignment.team)
        there = account.get(f"conversations/{number}")
        meta = part(there, "meta")
        now = str(part(meta, "team").get("id") or "")
        if meta.get("assignee") or now not in ("", team, assignment.assigned_before):
            return Assigned(number, now, by_hand=True)
        if now != team:
            account.post(f"conversations/{number}/assignments", {"team_id": int(team)})
        account.post(f"conversations/{number}/toggle_priority", {"priority": assignment.priority})
        return Assigned(number, team)

    def person(self, desk: Desk, conversation: str) -> Person:
        if not conversation.isdigit():
            raise DeskRejected("no_conversation_yet")
        found = part(part(_Account(desk).get(f"conversations/{conversation}"), "meta"), "sender")
        return Person(said(found, "identifier"), said(found, "phone_number"), said(found, "email"))


@dataclass(frozen=True)
class _Account:
    desk: Desk

    def get(self, path: str) -> Any:
        return ask("GET", self._url(path), self._headers())

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return ask("POST", self._url(path), self._headers(), json.dumps(body).encode())

    def team(self, name: str) -> str:
        return number_named(name, rows(self.get("teams"), "payload"))

    def find(self, assignment: Assignment) -> str:
        """The newest conversation of this customer on this channel that is not resolved."""
        for contact in self._contacts(assignment.sender):
            answer = self.get(f"contacts/{contact['id']}/conversations")
            for each in sorted(rows(answer, "payload"), key=lambda row: -int(row.get("id", 0))):
                channel = str(part(each, "meta").get("channel", ""))
                if each.get("status") != "resolved" and channel in _INBOX.get(assignment.channel, ()):
                    return str(each["id"])
        # The help desk hears of the message by a subscription of its own, perhaps after us.
        raise DeskUnavailable("no_conversation_yet")

    def _contacts(self, sender: str) -> list[dict[str, Any]]:
        """Contacts of exactly this number or platform id; the search itself also finds parts of it."""
        if not re.fullmatch(r"\+\d{6,15}", sender):  # its search knows numbers and names, not ids of platforms
            raise DeskRejected("sender_cannot_be_found")
        found = rows(
            self.get(f"contacts/search?{urlencode({'q': sender, 'include_contact_inboxes': 'true'})}"), "payload"
        )
        return [each for each in found if sender in _addresses(each)]

    def _url(self, path: str) -> str:
        if not self.desk.account.isdigit():
            raise DeskRejected("account_is_no_number")
        return f"{self.desk.url}/api/v1/accounts/{self.desk.account}/{path}"

    def _headers(self) -> dict[str, str]:
        return {"api_access_token": self.desk.token}


def _addresses(contact: dict[str, Any]) -> set[str]:
    inboxes = [str(each.get("source_id", "")) for each in rows(contact, "contact_inboxes")]
    return {str(contact.get("phone_number") or ""), *inboxes, *(_plus(each) for each in inboxes)}


def _plus(source: str) -> str:
    """WhatsApp inboxes number their contacts without plus, or as whatsapp:+39…"""
    return "+" + re.sub(r"^whatsapp:", "", source).removeprefix("+")
