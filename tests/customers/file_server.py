"""A web server of somebody else's (WhiteNoise) that hands out one file: in parts, and with a name for its state."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from whitenoise import WhiteNoise

NAME = "customers.csv"


@dataclass
class FileServer:
    """`asked` holds (range, condition, status) of each request. It need not have parts, nor names for states."""

    folder: Path
    url: str = ""
    has_parts: bool = True
    has_states: bool = True
    before_answer: Callable[[], None] = lambda: None
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return self.folder / NAME

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.before_answer()
        asked = (environ.get("HTTP_RANGE", ""), environ.get("HTTP_IF_NONE_MATCH", ""))
        if not self.has_parts:
            environ.pop("HTTP_RANGE", None)

        def start(status: str, headers: list[tuple[str, str]]) -> Any:
            self.asked.append((*asked, status[:3]))
            names = () if self.has_states else ("etag", "last-modified")
            return start_response(status, [(name, value) for name, value in headers if name.lower() not in names])

        files: Iterable[bytes] = WhiteNoise(_not_found, root=self.folder, autorefresh=True)(environ, start)
        return files


def _not_found(_environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("404 Not Found", [])
    return []


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None: ...


@contextmanager
def serve(folder: Path) -> Iterator[FileServer]:
    """A running server of `folder`."""
    files = FileServer(folder)
    server = make_server("127.0.0.1", 0, files, handler_class=_Quiet)
    files.url = f"http://127.0.0.1:{server.server_port}/{NAME}"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield files
    finally:
        server.shutdown()
        server.server_close()
