"""What can go wrong with an outgoing request, under names that stay."""


class FetchError(Exception):
    """No answer. `code` is stable; the text names the host only, never a path, a query or a number."""

    def __init__(self, code: str, host: str = "") -> None:
        self.code = code
        self.host = host
        super().__init__(f"{code}: {host}" if host else code)


class Unavailable(FetchError):
    """A retry may heal it: name_unknown, refused, timeout, deadline, reset, tls, broken."""


class Rejected(FetchError):
    """A retry will not heal it: bad_url, bad_host, bad_request, forbidden_address, certificate, too_large."""
