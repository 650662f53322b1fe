"""A stand-in for the CRMs we connect to: one data set, spoken in the dialects of several vendors."""

from tests.customers.vendor_crm.people import Person, people
from tests.customers.vendor_crm.server import Fault, VendorCrm, serve

__all__ = ["Fault", "Person", "VendorCrm", "people", "serve"]
