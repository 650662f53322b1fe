"""The people of the tests: who may do what in the portal."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.models import QuerySet, Value
from django.test import Client

from contactcenter.accounts import roles
from contactcenter.accounts.models import User

OUR_APPS = ("accounts", "customers", "queues", "routing", "django_celery_beat")


def _person(name: str, *, is_staff: bool, **permissions: str) -> User:
    person = User.objects.create_user(name, f"{name}@example.com", "correct horse", is_staff=is_staff)
    if permissions:
        allowed = Permission.objects.filter(content_type__app_label__in=OUR_APPS, **permissions).order_by()
        _permit(allowed.annotate(person=Value(person.pk)).values_list("person", "pk"))
    return person


def _permit(allowed: QuerySet[Permission, tuple[int, int]]) -> None:
    """Not by set(), which writes three hundred lines of history, nor one by one: it is done for most tests anew."""
    query, parameters = allowed.query.sql_with_params()
    table = User.user_permissions.through._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} (user_id, permission_id) {query}", parameters)


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
def analyst_client(db: None) -> Client:
    """The analyst's browser: calls and figures, no caller's number in clear."""
    roles.establish()
    analyst = _person("analyst", is_staff=True)
    analyst.groups.add(Group.objects.get(name=roles.ANALYST))
    return _logged_in(analyst)


@pytest.fixture
def stranger_client(stranger: User) -> Client:
    """The stranger's browser: logged in, not staff."""
    return _logged_in(stranger)
