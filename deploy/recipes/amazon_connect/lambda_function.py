"""Amazon Connect asks where a contact goes: a Lambda function behind the block "Invoke AWS Lambda function".

Runtime: Python 3.11 or newer, no packages. Environment: DECIDE_URL, API_KEY, DEFAULT_QUEUE. Set the block's timeout to
3 seconds. The flow then reads `$.External.queue`, `$.External.priority_class`, `$.External.tier` and their like:
every value is text, as Amazon Connect wants it.
"""

import json
import os
from typing import Any
from urllib.request import Request, urlopen

LONGEST_WAIT_S = 2


def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """The decision as flat text; the default queue when the decide server does not answer in time."""
    contact = event["Details"]["ContactData"]
    question = {
        "call_id": contact["ContactId"],
        "to": (contact.get("SystemEndpoint") or {}).get("Address", ""),
        "from": (contact.get("CustomerEndpoint") or {}).get("Address", ""),
        "context": collected(event["Details"].get("Parameters") or {}),
    }
    try:
        return ask(question)
    except (OSError, ValueError):  # unreachable, late, refused, or not JSON: the caller must not hear of it
        return {"queue": os.environ["DEFAULT_QUEUE"], "reason": "no_answer", "fallback": "true"}


def collected(parameters: dict[str, str]) -> dict[str, str]:
    """What the flow passes to the function, such as `customer_no`: names of small letters, digits and underscores."""
    return {name: value for name, value in parameters.items() if name.isidentifier() and name.islower()}


def ask(question: dict[str, Any]) -> dict[str, str]:
    """One question to the decide server. Raises OSError or ValueError."""
    headers = {"Authorization": f"Bearer {os.environ['API_KEY']}", "Content-Type": "application/json"}
    address = f"{os.environ['DECIDE_URL']}/api/v1/decisions?format=flat"
    with urlopen(Request(address, json.dumps(question).encode(), headers), timeout=LONGEST_WAIT_S) as answer:  # noqa: S310 - set by whoever runs it
        found: dict[str, str] = json.load(answer)
        return found
