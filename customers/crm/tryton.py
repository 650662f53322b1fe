"""Tryton by JSON-RPC, in the order of ids.

A question has an id, a method and parameters and nothing else: with a version of JSON-RPC beside them Tryton answers
in another way.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from customers.crm import json_rpc
from customers.crm.options import are_names, listed, option
from customers.crm.pages import ConnectionConfig, CrmRejected


class Tryton(json_rpc.InOrderOfIds):
    """`url` is the server's: https://tryton.example.com. Each question carries the user's name and password."""

    label = _("Tryton")
    about = _("Parties of a Tryton server.")
    example = "https://tryton.example.com"
    options = (
        json_rpc.DATABASE,
        json_rpc.model("party.party"),
        json_rpc.fields("name, code, phone, mobile, email"),
    )

    def _read(self, config: ConnectionConfig, domain: list[Any], limit: int, *, with_archived: bool = False) -> Any:
        names = ["id", *listed(option(self.options, dict(config.options), "fields"))]
        further, context = ([json_rpc.ACTIVE], json_rpc.WITH_ARCHIVED) if with_archived else ([], {})
        names = list(dict.fromkeys([*names, *further]))
        return self._call(config, "search_read", [domain, 0, limit, [["id", "ASC"]], names, context])

    def _described(self, config: ConnectionConfig, name: str) -> Any:
        return self._call(config, "fields_get", [[name], {}])

    def _call(self, config: ConnectionConfig, method: str, params: list[Any]) -> Any:
        given = dict(config.options)
        model = option(self.options, given, "object")
        if are_names(model):
            raise CrmRejected("bad_option")
        database = quote(option(self.options, given, "database"), safe="")
        return json_rpc.call(config, f"{config.url.rstrip('/')}/{database}/rpc/", f"model.{model}.{method}", params)

    def _changed(self, since: datetime) -> list[Any]:
        moment = _moment(since.astimezone(UTC))
        return [["OR", ["write_date", ">=", moment], ["create_date", ">=", moment]]]


def _moment(moment: datetime) -> dict[str, Any]:
    """As Tryton's JSON writes a time."""
    names = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime", **{name: getattr(moment, name) for name in names}}
