"""Odoo by JSON-RPC (its “external API”), in the order of ids."""

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from customers.crm import json_rpc
from customers.crm.options import listed, option
from customers.crm.pages import ConnectionConfig, CrmRejected


class Odoo(json_rpc.InOrderOfIds):
    """`url` is the server's: https://odoo.example.com; the secret an API key of the user."""

    label = _("Odoo")
    about = _("Contacts of an Odoo server, by its external API.")
    example = "https://odoo.example.com"
    options = (
        json_rpc.DATABASE,
        json_rpc.model("res.partner"),
        json_rpc.fields("name, phone, mobile, email"),
    )

    def _read(self, config: ConnectionConfig, domain: list[Any], limit: int, *, with_archived: bool = False) -> Any:
        names = listed(option(self.options, dict(config.options), "fields"))
        question: dict[str, Any] = {"fields": names, "limit": limit, "order": "id asc"}
        if with_archived:
            question |= {"fields": [*names, json_rpc.ACTIVE], "context": json_rpc.WITH_ARCHIVED}
        return self._call(config, "search_read", [domain], question)

    def _described(self, config: ConnectionConfig, name: str) -> Any:
        return self._call(config, "fields_get", [[name]], {"attributes": ["type"]})

    def _call(self, config: ConnectionConfig, method: str, args: list[Any], named: dict[str, Any]) -> Any:
        given = dict(config.options)
        account = [option(self.options, given, "database"), self._user(config), config.token]
        call = [*account, option(self.options, given, "object"), method, args, named]
        return self._service(config, "object", "execute_kw", call)

    def _user(self, config: ConnectionConfig) -> int:
        """The number of the user; nothing is kept between two questions, so it is asked for each time."""
        name = config.options.get("auth_name", "")
        account = [option(self.options, dict(config.options), "database"), name, config.token]
        found = self._service(config, "common", "login", account)
        if isinstance(found, bool) or not isinstance(found, int):
            raise CrmRejected("token_refused")
        return found

    def _service(self, config: ConnectionConfig, service: str, method: str, args: list[Any]) -> Any:
        url = f"{config.url.rstrip('/')}/jsonrpc"
        params = {"service": service, "method": method, "args": args}
        return json_rpc.call(config, url, "call", params, jsonrpc="2.0")

    def _changed(self, since: datetime) -> list[Any]:
        moment = since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        return ["|", ["write_date", ">=", moment], ["create_date", ">=", moment]]
