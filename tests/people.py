"""The people of the tests: who may do what in the portal."""

from importlib import import_module

import pytest
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.models import QuerySet, Value
from django.test import Client

from contactcenter.accounts import roles
from contactcenter.accounts.models import User

OUR_APPS = ("accounts", "customers", "queues", "routing", "django_celery_beat")


PASSWORD = "correct horse"


def _person(name: str, *, is_staff: bool, is_superuser: bool = False, **permissions: str) -> User:
    """In bulk, which leaves no history and no event: it is done for most tests anew."""
    email, password = f"{name}@example.com", make_password(PASSWORD)
    person = User(username=name, email=email, password=password, is_staff=is_staff, is_superuser=is_superuser)
    User.objects.bulk_create([person])
    if permissions:
        allowed = Permission.objects.filter(content_type__app_label__in=OUR_APPS, **permissions).order_by()
        _permit(allowed.annotate(person=Value(person.pk)).values_list("person", "pk"))
    return person


def _permit(allowed: QuerySet[Permission, tuple[int, int]]) -> None:
    """Not by set(), which writes three hundred lines of history, nor one by one."""
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


def logged_in(person: User) -> Client:
    """Has been logged in for a while: `force_login` would write who logged in, when, and the history of it."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[auth.SESSION_KEY] = str(person.pk)
    session[auth.BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[auth.HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


@pytest.fixture
def supervisor_client(supervisor: User) -> Client:
    """The supervisor's browser."""
    return logged_in(supervisor)


@pytest.fixture
def auditor_client(auditor: User) -> Client:
    """The auditor's browser."""
    return logged_in(auditor)


@pytest.fixture
def analyst_client(db: None) -> Client:
    """The analyst's browser: calls and figures, no caller's number in clear."""
    roles.establish()
    analyst = _person("analyst", is_staff=True)
    analyst.groups.add(Group.objects.get(name=roles.ANALYST))
    return logged_in(analyst)


@pytest.fixture
def admin_user(db: None) -> User:
    """May do everything; in place of pytest-django's."""
    return _person("admin", is_staff=True, is_superuser=True)


@pytest.fixture
def admin_client(admin_user: User) -> Client:
    """The superuser's browser."""
    return logged_in(admin_user)


@pytest.fixture
def stranger_client(stranger: User) -> Client:
    """The stranger's browser: logged in, not staff."""
    return logged_in(stranger)
