"""Zendesk: group and priority of a ticket by its API (developer.zendesk.com, ticketing)."""

import base64
import json
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

_ENDED = ("solved", "closed")


class Zendesk(Pusher):
    """Asks before it assigns: a ticket that has an assignee, or a group not of ours, is left as it is."""

    slug = "zendesk"

    def assign(self, desk: Desk, assignment: Assignment) -> Assigned:
        account = _Account(desk)
        number = assignment.conversation or account.find(assignment.sender)
        group = assignment.team if assignment.team.isdigit() else account.group(assignment.team)
        there = account.get(f"tickets/{number}.json")
        ticket = there.get("ticket") if isinstance(there, dict) else None
        if not isinstance(ticket, dict):
            raise DeskUnavailable("not_json")
        now = str(ticket.get("group_id") or "")
        if ticket.get("assignee_id") or now not in ("", group, assignment.assigned_before):
            return Assigned(number, now, by_hand=True)
        # Safe update: Zendesk refuses with 409 when the ticket has changed since we read it.
        change = {"group_id": int(group), "priority": assignment.priority}
        safely = {"updated_stamp": ticket["updated_at"], "safe_update": True} if "updated_at" in ticket else {}
        account.put(f"tickets/{number}.json", {"ticket": change | safely})
        return Assigned(number, group)

    def person(self, desk: Desk, conversation: str) -> Person:
        if not conversation.isdigit():
            raise DeskRejected("no_conversation_yet")
        account = _Account(desk)
        requester = said(part(account.get(f"tickets/{conversation}.json"), "ticket"), "requester_id")
        if not requester.isdigit():
            raise DeskRejected("cannot_be_asked")
        found = part(account.get(f"users/{requester}.json"), "user")
        return Person(said(found, "external_id"), said(found, "phone"), said(found, "email"))


@dataclass(frozen=True)
class _Account:
    desk: Desk

    def get(self, path: str) -> Any:
        return ask("GET", self._url(path), self._headers())

    def put(self, path: str, body: dict[str, Any]) -> Any:
        return ask("PUT", self._url(path), self._headers(), json.dumps(body).encode())

    def group(self, name: str) -> str:
        return number_named(name, rows(self.get("groups.json"), "groups"))

    def find(self, sender: str) -> str:
        """The newest ticket of this customer that is not solved."""
        if not sender:
            raise DeskRejected("nobody_to_look_for")
        people = rows(self.get(f"users/search.json?{urlencode({'query': f'phone:{sender}'})}"), "users")
        for person in people:
            tickets = rows(self.get(f"users/{person['id']}/tickets/requested.json"), "tickets")
            for ticket in sorted(tickets, key=lambda row: -int(row.get("id", 0))):
                if ticket.get("status") not in _ENDED:
                    return str(ticket["id"])
        raise DeskUnavailable("no_conversation_yet")

    def _url(self, path: str) -> str:
        return f"{self.desk.url}/api/v2/{path}"

    def _headers(self) -> dict[str, str]:
        login = f"{self.desk.account}/token:{self.desk.token}".encode()
        return {"Authorization": f"Basic {base64.b64encode(login).decode()}"}
