"""Live fetch: asking an HTTP API about a caller while he waits.

`compile_source` makes a release's entry ready, `asking.ask` asks, `preview.preview` shows one answer.
"""

from customers.sources.source import Source, SourceError, compile_source

__all__ = ["Source", "SourceError", "compile_source"]
