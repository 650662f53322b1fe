"""The people of the tests: who may do what in the portal."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from contactcenter.accounts.models import User

OUR_APPS = ("accounts", "customers", "queues", "routing", "django_celery_beat")


def _person(name: str, *, is_staff: bool, **permissions: str) -> User:
    person = User.objects.create_user(name, f"{name}@example.com", "correct horse", is_staff=is_staff)
    if permissions:
        held = User.user_permissions.through
        allowed = Permission.objects.filter(content_type__app_label__in=OUR_APPS, **permissions)
        # Not by set(): that writes three hundred lines of history, for every test anew.
        held.objects.bulk_create(held(user=person, permission=each) for each in allowed)
    return person


@pytest.fixture
def supervisor(db: None) -> User:
    """Sets up routing: every permission of our apps, publishing and switches among them; no superuser."""
    return _person("supervisor", is_staff=True, codename__contains="_")


@pytest.fixture
def auditor(db: None) -> User:
    """Reads everything and changes nothing."""
    return _person("auditor", is_staff=True, codename__startswith="view_")


@pytest.fixture
def stranger(db: None) -> User:
    """Has a login but no business in the portal."""
    return _person("stranger", is_staff=False)


def _logged_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def supervisor_client(supervisor: User) -> Client:
    """The supervisor's browser."""
    return _logged_in(supervisor)


@pytest.fixture
def auditor_client(auditor: User) -> Client:
    """The auditor's browser."""
    return _logged_in(auditor)


@pytest.fixture
def stranger_client(stranger: User) -> Client:
    """The stranger's browser: logged in, not staff."""
    return _logged_in(stranger)
