"""A key that stands twice is found, however it is dressed up; nothing else is taken for one."""

import pytest

from contactcenter.foundation.problems import Malformed
from routing.api.intake import read_json


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"to":"1","to":"2"}', id="plain"),
        pytest.param(b'{"to":"1","to":"\\u003a"}', id="an escaped colon makes up for the lost one"),
        pytest.param(b'{"context":{"a":1},"context":{"a":1,"b":2}}', id="a whole object"),
        pytest.param(b'{"context":{"a":"x","a":"y:z"}}', id="a colon in the text that stays"),
        pytest.param(b'{"other":{"deep":{"a":1,"a":2}}}', id="deep inside"),
        pytest.param(b'{"t\\u006f":"1","to":"2"}', id="one of them escaped"),
    ],
)
def test_a_key_that_stands_twice_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed, match="twice"):
        read_json(body)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"to":"sip:+39@host:5060","context":{"a":"b:c"}}', id="colons in texts"),
        pytest.param(b'{"to":"x","context":{"to":"y"}}', id="the same key in two objects"),
        pytest.param(b'{"a:b":1,"other":{"deep":{"a":1}}}', id="a colon in a key, and an object further inside"),
        pytest.param(b'{"to":"\\"a\\":1"}', id="a text that looks like a key"),
    ],
)
def test_a_key_that_stands_once_is_taken(body: bytes) -> None:
    assert read_json(body)
