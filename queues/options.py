"""A SIP OPTIONS request and what its reply says (RFC 3261, sections 11 and 7.2). Pure."""

import re

_STATUS = re.compile(rb"SIP/2\.0 ([1-6][0-9][0-9]) ?([^\r\n]{0,60})")
_TEXT = re.compile(r"[^ -~]")


def request(host: str, transport: str, here: str, token: str) -> bytes:
    """Asks `host` whether it is there. `here` is our own address and port, `token` makes the request our own."""
    lines = (
        f"OPTIONS sip:{host} SIP/2.0",
        f"Via: SIP/2.0/{transport.upper()} {here};branch=z9hG4bK{token};rport",
        "Max-Forwards: 70",
        f"From: <sip:check@{here}>;tag={token}",
        f"To: <sip:{host}>",
        f"Call-ID: {token}@{here}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:check@{here};transport={transport}>",
        "Accept: application/sdp",
        "User-Agent: contactcenter",
        "Content-Length: 0",
    )
    return "\r\n".join((*lines, "", "")).encode()


def status(reply: bytes, token: str) -> tuple[int, str] | None:
    """(code, reason) of a final reply to our own request; None for anything else."""
    found = _STATUS.match(reply)
    if found is None or token.encode() not in reply or found[1] < b"200":
        return None
    return int(found[1]), _TEXT.sub("", found[2].decode("utf-8", "replace")).strip()
