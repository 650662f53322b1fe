"""The programs of the system that the tests need: installed on Debian, named elsewhere."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.services import find_program


@dataclass(frozen=True)
class Need:
    """A program, or a file below a library folder, the Debian package that brings it, and what the tests do with it."""

    program: str
    package: str
    purpose: str
    instead: str = ""
    """A program and package that does as well, only slower, where this one cannot be had."""


NEEDS = (
    Need("initdb", "postgresql", "the database of the tests"),
    Need("redis-server", "redis-server", "the broker of the Celery tests"),
    Need("chromium-headless-shell", "chromium-headless-shell", "the browser tests", instead="chromium"),
    Need("xgettext", "gettext", "finding the texts to translate"),
    Need("haproxy", "haproxy", "the proxy in front of the decide servers"),
    Need("kamailio", "kamailio", "the SIP proxy that asks the decide server"),
    Need("kamailio/modules/http_client.so", "kamailio-utils-modules", "its questions"),
    Need("kamailio/modules/jansson.so", "kamailio-extra-modules", "reading the answers"),
    Need("sipp", "sip-tester", "callers and phone systems"),
    Need("baresip", "baresip-core", "a soft phone"),
)

LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/local/lib", *map(str, Path("/usr/lib").glob("*-linux-*")))


def ready() -> bool:
    """True when every program is there, after installing what is missing where that can be done."""
    if missing() and can_install():
        _install([need.package for need in missing()])
        _install([need.instead for need in _without_anything() if need.instead])
    for need in (still_missing := _without_anything()):
        print(f"Missing: {need.program} ({need.package}), for {need.purpose}.")
    return not still_missing


def missing() -> list[Need]:
    """What is not installed."""
    return [need for need in NEEDS if not is_there(need.program)]


def _without_anything() -> list[Need]:
    return [need for need in missing() if not (need.instead and is_there(need.instead))]


def is_there(name: str) -> bool:
    """Is a program, or such a file as a program loads, installed?"""
    if "/" in name:
        return any(Path(folder, name).exists() for folder in LIBRARIES)
    return find_program(name) is not None


def can_install() -> bool:
    """Only as root on a Debian or one of its kin: nobody is asked for a password here."""
    return Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None and os.geteuid() == 0


def _install(packages: list[str]) -> None:
    if not packages:
        return
    print(f"Installing {', '.join(packages)} ...", flush=True)
    # Run level 1: the packages' own services are not started; the tests start theirs.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    # One by one: a name that this system does not know would keep all others from being installed.
    install = [["install", "-q", "-y", "--no-install-recommends", package] for package in packages]
    for step in (["update", "-q"], *install):
        subprocess.run(["apt-get", *step], check=False, env=environment, stdin=subprocess.DEVNULL)
