"""A CRM with a JSON list of customers, read page by page."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from customers.crm import asking
from customers.crm.asking import seconds_to_wait
from customers.crm.options import Option
from customers.crm.pages import CannotFetchOne, ConnectionConfig, CrmRejected, Page
from customers.crm.paging import PAGINATIONS, Answered, search

__all__ = ["RestJson", "seconds_to_wait"]

ONE = Option(
    "one_url",
    _("address of one customer"),
    _("With {id} where the id goes: https://crm.example.com/api/customers/{id}. Empty: one cannot be asked for."),
    check=lambda text: "" if "{id}" in text else _("Write {id} where the customer's id goes."),
)
ONE_PATH = Option("one_path", _("the customer in that answer"), _("JMESPath; empty when the answer is the customer."))


class RestJson:
    """`fetch_page` asks once and keeps nothing: retries are the sync's, which can be cancelled meanwhile."""

    label = _("REST API with JSON")
    about = _("Any CRM that lists its customers as JSON over HTTP.")
    example = "https://crm.example.com/api/customers"
    fields = (
        *("url", "pagination", "records_path", "next_cursor_path", "count_path"),
        *("cursor_param", "page_size_param", "page_size", "updated_since_param"),
    )
    options = (ONE, ONE_PATH)
    auths = ("bearer", "header", "basic", "client_credentials", "refresh_token", "jwt_bearer", "none")
    id_path = "id"
    reads_changes = False

    def fetch_page(self, config: ConnectionConfig, cursor: str, since: datetime | None, until: datetime) -> Page:
        """The page at `cursor`. Raises CrmUnavailable or CrmRejected.

        `until` is not sent: what changes after it is read now and, harmlessly, once more by the next run.
        """
        pagination = PAGINATIONS[config.pagination]
        query = {
            config.page_size_param: str(config.page_size),
            config.updated_since_param: since.isoformat() if since else "",
        }
        url = pagination.address(config, cursor, query)
        answer = asking.ask(config, url)
        document = asking.read_json(answer.body)
        records = search(config.records_path, document)
        if not isinstance(records, list):
            raise CrmRejected("no_records", _error_in(document))
        following = pagination.following(config, cursor, Answered(url, answer.headers, document, records))
        expected = _count(search(config.count_path, document))
        return Page(records, following, expected, complete=pagination.is_steady)

    def fetch_one(self, config: ConnectionConfig, external_id: str) -> Any | None:
        """The customer at the connection's address of one. Raises CannotFetchOne without such an address."""
        template = config.options.get("one_url", "")
        if not template:
            raise CannotFetchOne
        url = asking.same_host(config, config.url, template.replace("{id}", quote(external_id, safe="")))
        document = asking.ask_for_one(config, url)
        path = config.options.get("one_path", "")
        return search(path, document) if path else document


def _error_in(document: Any) -> str:
    is_error = isinstance(document, dict) and any(key in document for key in ("error", "errors"))
    return str(_("it answered with an error")) if is_error else ""


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None
