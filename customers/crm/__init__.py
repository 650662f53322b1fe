"""The kinds of CRM that can be read: one file and one line here for each."""

from customers.crm.csv_http import CsvOverHttp
from customers.crm.dataverse import Dataverse
from customers.crm.hubspot import HubSpot
from customers.crm.odoo import Odoo
from customers.crm.pages import (
    CannotFetchOne,
    ConnectionConfig,
    Connector,
    CrmRejected,
    CrmUnavailable,
    Page,
    PaginationLoop,
)
from customers.crm.rest_json import RestJson
from customers.crm.salesforce import Salesforce
from customers.crm.tryton import Tryton
from customers.crm.upload import Upload

CONNECTORS: dict[str, Connector] = {
    "rest_json": RestJson(),
    "salesforce": Salesforce(),
    "hubspot": HubSpot(),
    "dataverse": Dataverse(),
    "odoo": Odoo(),
    "tryton": Tryton(),
    "csv": CsvOverHttp(),
    "upload": Upload(),
}

__all__ = [
    "CONNECTORS",
    "CannotFetchOne",
    "ConnectionConfig",
    "Connector",
    "CrmRejected",
    "CrmUnavailable",
    "Page",
    "PaginationLoop",
]
