"""Places that can be asked about a caller while he waits."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.fields import EncryptedTextField
from customers.models.people import ValueType, identifier


class DataSource(models.Model):
    """An HTTP API that answers a question about the caller with JSON."""

    class Method(models.TextChoices):
        GET = "GET", _("GET (read)")
        POST = "POST", _("POST (send a body)")

    class Auth(models.TextChoices):
        NONE = "none", _("none")
        BEARER = "bearer", _("bearer token")
        BASIC = "basic", _("user name and password")
        HEADER = "header", _("a header of its own")

    name = models.CharField(_("name"), max_length=80, unique=True, help_text=_("What people call it: Order system."))
    slug = models.SlugField(_("short name"), unique=True, help_text=_("Used inside; do not change it later."))
    method = models.CharField(
        _("method"), max_length=4, choices=Method, default=Method.GET, help_text=_("Ask the API's documentation.")
    )
    url = models.CharField(
        _("address"),
        max_length=500,
        help_text=_("With variables in braces: https://crm.example.com/customers?phone={call.from}"),
    )
    body = models.TextField(
        _("body"), blank=True, help_text=_('Only for POST. JSON with variables in braces: {"phone": "{call.from}"}')
    )
    auth = models.CharField(
        _("how we identify ourselves"), max_length=8, choices=Auth, default=Auth.NONE, help_text=_("As the API asks.")
    )
    auth_name = models.CharField(
        _("user name or header name"), max_length=120, blank=True, help_text=_("Empty for a bearer token.")
    )
    secret = EncryptedTextField(
        _("secret"), blank=True, default="", help_text=_("Token or password. Stored encrypted and never shown again.")
    )
    budget_ms = models.PositiveIntegerField(
        _("time budget"),
        default=800,
        validators=[MinValueValidator(50), MaxValueValidator(5000)],
        help_text=_("Milliseconds for the whole question. The caller waits at most this long for it."),
    )
    connect_ms = models.PositiveIntegerField(
        _("time to connect"),
        default=300,
        validators=[MinValueValidator(20), MaxValueValidator(5000)],
        help_text=_("Milliseconds to reach the server."),
    )
    read_ms = models.PositiveIntegerField(
        _("time between two pieces"),
        default=600,
        validators=[MinValueValidator(20), MaxValueValidator(5000)],
        help_text=_("Milliseconds without a byte before we give up."),
    )
    cache_seconds = models.PositiveIntegerField(
        _("remember answers for"),
        default=60,
        validators=[MaxValueValidator(86400)],
        help_text=_("Seconds. 0 asks anew for every call."),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("data source")
        verbose_name_plural = _("data sources")

    def __str__(self) -> str:
        return self.name


def customer_facts() -> list[tuple[str, str | Promise]]:
    """The facts of a customer that a source may supply as well: names as in `customer.<name>`."""
    return [
        ("tier", _("loyalty tier")),
        ("purchases", _("purchases")),
        ("order_volume", _("order volume")),
        ("lifetime_value", _("lifetime value")),
        ("plan", _("plan")),
        ("account_level", _("account level")),
        ("category", _("category")),
        ("account_manager", _("account manager")),
        ("language", _("language")),
    ]


class DataSourceVariable(models.Model):
    """One value taken out of a source's answer, under a name that branches can use."""

    source = models.ForeignKey(DataSource, models.CASCADE, related_name="variables", verbose_name=_("data source"))
    name = models.CharField(
        _("name"),
        max_length=50,
        validators=[identifier],
        help_text=_("In branches: the fetch step, a dot, and this name."),
    )
    expression = models.CharField(
        _("where it stands in the answer"),
        max_length=300,
        help_text=_("A JMESPath expression: customer.loyalty.status"),
    )
    type = models.CharField(
        _("type"), max_length=10, choices=ValueType, default=ValueType.TEXT, help_text=_("How values compare.")
    )
    default = models.CharField(
        _("if it is missing"), max_length=120, blank=True, help_text=_("Empty: the variable is unknown then.")
    )
    fills = models.CharField(
        _("also fills"),
        max_length=20,
        blank=True,
        choices=customer_facts,
        help_text=_("The customer fact that this value supplies too. The fetch step says which one wins."),
    )

    class Meta:
        ordering = ["id"]
        verbose_name = _("variable")
        verbose_name_plural = _("variables")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "name"],
                name="variable_once_for_each_source",
                violation_error_message=_("This source has a variable of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name
