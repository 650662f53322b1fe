from django.apps import AppConfig


class TablesConfig(AppConfig):
    """Import and export of tables."""

    name = "contactcenter.tables"
    label = "tables"
