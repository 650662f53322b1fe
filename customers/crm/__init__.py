"""The kinds of CRM that can be read: one file and one line here for each."""

from customers.crm.pages import ConnectionConfig, Connector, CrmRejected, CrmUnavailable, Page, PaginationLoop
from customers.crm.rest_json import RestJson

CONNECTORS: dict[str, Connector] = {"rest_json": RestJson()}

__all__ = ["CONNECTORS", "ConnectionConfig", "Connector", "CrmRejected", "CrmUnavailable", "Page", "PaginationLoop"]
