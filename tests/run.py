"""`make test`: the whole suite, on servers that it starts and ends itself.

The suite runs on PostgreSQL and tests marked `portable` again on SQLite, with files as the broker as `make run` has it.
Tests marked `celery` run on PostgreSQL with Redis, as in production; those that are also portable on SQLite as well.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests import services, system_packages

PARALLEL = ("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder")
AGAIN = (*PARALLEL, "--nomigrations")
"""All migrations have run on PostgreSQL, and in the first stage's day with the demo on SQLite."""
READ_ALL = [sys.executable, "-m", "pytest", "--collect-only", "-qq"]
"""Compiles every test once, beside the migrations: the workers of a fresh clone would each do it."""
NOT_TAKEN_OVER = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "FIELD_ENCRYPTION_KEYS",
    "DJANGO_SETTINGS_MODULE",
    "PYTHONDONTWRITEBYTECODE",  # some images set it: each of the many processes would compile everything anew
)
SLOWEST = 10
"""So many files are named at the end: where the next trimming begins."""


@dataclass
class Count:
    """How many tests ended how."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


@dataclass(frozen=True)
class Stage:
    """One run of pytest: what it is called, what it selects, and where."""

    title: str
    markers: str
    environment: dict[str, str]
    options: Sequence[str] = PARALLEL


@dataclass(frozen=True)
class Outcome:
    stage: Stage
    count: Count
    milliseconds: Counter[str]
    seconds: float
    ok: bool


def main(arguments: list[str]) -> int:
    """Run every stage, even after a failure, and close with one line that sums up."""
    if not system_packages.ready():
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leaves by the same door as Ctrl-C
    started = time.monotonic()
    with services.postgres() as database_url, services.redis_server() as redis_url:
        with child(READ_ALL, own_environment(), quiet=True) as reading:
            migrate(database_url)
            reading.wait()
        outcomes = [run(stage) for stage in stages(database_url, redis_url, long="--long" in arguments)]
    return summary(outcomes, time.monotonic() - started)


def migrate(database_url: str) -> None:
    """All migrations, once: the databases of the parallel runs are copies of this one."""
    environment = own_environment() | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0", "--skip-checks"]
    subprocess.run(command, check=True, env=environment)


def own_environment() -> dict[str, str]:
    """Without anything of this machine's own settings."""
    return {name: value for name, value in os.environ.items() if name not in NOT_TAKEN_OVER}


def stages(database_url: str, redis_url: str, *, long: bool) -> list[Stage]:
    """What is run, in this order."""
    on_postgres = {"DATABASE_URL": database_url, services.MIGRATED: database_url}
    if long:
        return [Stage("long tests on PostgreSQL", "long", on_postgres, options=("--timeout", "1800"))]
    return [
        Stage("tests on PostgreSQL", "not long and not celery", on_postgres),
        Stage("portable tests on SQLite", "portable and not long", {}, (*AGAIN, *files_with("portable"))),
        Stage(
            "Celery tests on Redis",
            "celery and not long",
            on_postgres | {"REDIS_URL": redis_url},
            (*PARALLEL, *files_with("celery")),
        ),
    ]


def files_with(mark: str) -> list[str]:
    """Where tests with this mark stand: each worker would read all the others only to leave them out."""
    return [str(path) for path in sorted(Path("tests").rglob("test_*.py")) if f"pytest.mark.{mark}" in path.read_text()]


def run(stage: Stage) -> Outcome:
    """One stage, in an environment that holds nothing of this machine's own settings."""
    print(f"\n== {stage.title}", flush=True)
    environment = own_environment() | stage.environment
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="contactcenter-results-") as folder:
        report = Path(folder, "results.xml")
        command = [sys.executable, "-m", "pytest", "-q", *stage.options, "-m", stage.markers, f"--junitxml={report}"]
        with child(command, environment) as process:
            code = process.wait()
        count, milliseconds = read(report) if report.exists() else (Count(), Counter[str]())
    return Outcome(stage, count, milliseconds, time.monotonic() - started, ok=code == 0)


@contextmanager
def child(command: list[str], environment: dict[str, str], *, quiet: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    """A process that does not outlive us, whatever ends us."""
    output = subprocess.DEVNULL if quiet else None
    process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def read(report: Path) -> tuple[Count, Counter[str]]:
    """Of pytest's own JUnit report: how many tests ended how, and the milliseconds of each file."""
    count, milliseconds = Count(), Counter[str]()
    for suite in ElementTree.parse(report).iter("testsuite"):
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        count += Count(int(suite.get("tests", 0)) - failed - skipped, failed, skipped)
        for test in suite.iter("testcase"):
            milliseconds[test.get("classname", "")] += round(1000 * float(test.get("time", 0)))
    return count, milliseconds


def summary(outcomes: list[Outcome], seconds: float) -> int:
    """Say how each stage went, then the sum; the exit code."""
    print()
    for outcome in outcomes:
        word = "ok    " if outcome.ok else "FAILED"
        print(f"{word} {outcome.stage.title}: {outcome.count} in {outcome.seconds:.0f} s")
    slowest = sum((outcome.milliseconds for outcome in outcomes), Counter[str]()).most_common(SLOWEST)
    print("Slowest:", ", ".join(f"{name} {milliseconds / 1000:.0f} s" for name, milliseconds in slowest))
    print(f"Took {seconds:.0f} s.")
    print(sum((outcome.count for outcome in outcomes), Count()), flush=True)
    return 0 if all(outcome.ok for outcome in outcomes) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nStopped.")
        sys.exit(130)
