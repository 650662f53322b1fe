"""Our view and an empty DRF view called in the process, without a server or a socket between."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.test import override_settings

from bench import asking, client, contact_centre
from bench.empty_drf import EmptyView
from bench.figures import Figure
from bench.live_folders import live_folder
from routing.api.decisions import DecisionsView

TURNS, IN_A_TURN = 20, 100


def measure(folder: Path, customers: int, rounds: int) -> Figure:
    """Decisions a second in times of an empty view's answers a second, in turns of 100."""
    ours, empty = DecisionsView.as_view(), EmptyView.as_view()
    with override_settings(LIVE_DIR=live_folder(folder, customers)), _output_to(folder / "views.log"):
        ratios = [_ratio(ours, empty, customers, number) for number in range(rounds + 1)]
    return Figure("decide_in_process", ratios[1:], goal=0.90)  # the first round warms up


@contextmanager
def _output_to(log: Path) -> Iterator[None]:
    """Our view writes a log line for each decision: into a file, as behind a server."""
    sys.stderr.flush()
    terminal = os.dup(2)
    with log.open("wb") as output:
        os.dup2(output.fileno(), 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(terminal, 2)
        os.close(terminal)


def _ratio(ours: Callable[..., Any], empty: Callable[..., Any], customers: int, number: int) -> float:
    asked = _requests(customers, f"views-{number}")
    took = {ours: 0.0, empty: 0.0}
    for _ in range(TURNS):
        for view in took:
            requests = [next(asked) for _ in range(IN_A_TURN)]
            began = perf_counter()
            answers = [_rendered(view(request)) for request in requests]
            took[view] += perf_counter() - began
            if any(answer.status_code != 200 or b'"queue":' not in answer.content for answer in answers):
                raise client.WrongAnswer("a view answered something else")
    return took[empty] / took[ours]


def _rendered(response: Any) -> Any:
    """What Django's handler does with a response of DRF."""
    return response.render() if hasattr(response, "render") else response


def _requests(customers: int, run: str) -> Iterator[WSGIRequest]:
    for request in asking.native(0, customers, run):
        body = request.partition(b"\r\n\r\n")[2]
        yield WSGIRequest(
            {
                "REQUEST_METHOD": "POST",
                "PATH_INFO": "/api/v1/decisions",
                "REMOTE_ADDR": "127.0.0.1",
                "HTTP_AUTHORIZATION": f"Bearer {contact_centre.KEY}",
                "CONTENT_TYPE": "application/json",
                "CONTENT_LENGTH": str(len(body)),
                "wsgi.input": BytesIO(body),
            }
        )
