"""Second factors under another key: they lie encrypted in a document, where the fields' own rotation does not look."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from contactcenter.foundation.encryption import renewed

ENCRYPTED = ("secret", "seed")
"""What an authenticator app shares with us, and what recovery codes are made from."""


def renew() -> int:
    """Encrypt whatever is under an older key under the first; how many. Raises ValueError: no key fits."""
    return sum(_renew(pk) for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _renew(pk: int) -> bool:
    factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if factor is None:
        return False
    new = {name: renewed(factor.data[name]) for name in ENCRYPTED if name in factor.data}
    if not any(new.values()):
        return False
    factor.data |= {name: token for name, token in new.items() if token}
    factor.save(update_fields=["data"])
    return True
