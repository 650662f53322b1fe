"""The people who log in."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person with a login: ours from the first migration, so that it can grow fields of its own."""
