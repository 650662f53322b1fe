"""Whatever the network calls a caller becomes one number or nobody; whatever a CRM holds, an address or an error."""

import pytest

from customers.addresses import AddressError, caller_address, handle_key, identifying_keys, normalise

NUMBER = "+390255501001"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("+390255501001", id="plain E.164"),
        pytest.param("+39 02 5550 1001", id="E.164 with spaces"),
        pytest.param("+39 (02) 5550-1001", id="with brackets and dashes"),
        pytest.param("0039 02 55501001", id="00 instead of +"),
        pytest.param("02 5550 1001", id="as people in the country write it"),
        pytest.param("sip:+390255501001@pbx.example.net;user=phone", id="SIP URI"),
        pytest.param("sips:+390255501001;npdi@pbx.example.net", id="SIP URI with parameters of the user"),
        pytest.param('"Giulia" <sip:+390255501001@pbx.example.net>;tag=1', id="SIP header with a name"),
        pytest.param("sip:%2B390255501001@pbx.example.net", id="SIP URI with an escaped +"),
        pytest.param("tel:+39-02-5550-1001;ext=4", id="tel URI with an extension"),
        pytest.param("whatsapp:+390255501001", id="a messenger's prefix"),
        pytest.param(" +390255501001 ", id="blanks around it"),
    ],
)
def test_a_number_is_read_in_every_form_that_providers_use(raw: str) -> None:
    assert caller_address(raw, "IT") == NUMBER


@pytest.mark.parametrize(
    ("raw", "region", "number"),
    [
        pytest.param("(0)30 901820", "DE", "+4930901820", id="a trunk zero in brackets"),
        pytest.param("+4402071234567", "IT", "+442071234567", id="a trunk zero left in"),
        pytest.param("+442071234567", "IT", "+442071234567", id="another country than ours"),
        pytest.param("2125550123", "US", "+12125550123", id="a country without trunk zero"),
        pytest.param("+12125550123", "IT", "+12125550123", id="North America in full"),
        pytest.param("00390255501001", "US", NUMBER, id="00 where the country dials 011"),
        pytest.param("+491512345678", "IT", "+491512345678", id="a range younger than our list"),
        pytest.param("02 5550 1001", "XX", None, id="no such country"),
        pytest.param(NUMBER, "XX", NUMBER, id="no such country, but a full number"),
    ],
)
def test_a_number_without_country_code_belongs_to_the_region(raw: str, region: str, number: str | None) -> None:
    assert caller_address(raw, region) == number


@pytest.mark.parametrize(
    "raw",
    [
        *("", " ", "anonymous", "Anonymous", "ANONYMOUS", "Restricted", "RESTRICTED", "unavailable", "private"),
        *("unknown", "withheld", "blocked", "No Caller ID", "+266696687", "266696687", "+7378742833", "+2562533"),
        *("+86282452253", "0086282452253", "sip:anonymous@anonymous.invalid", "sip:alice@example.net", "-1", "0"),
        *("112", "48000", "41411", "*21#", "+", "+0", "+39", "+39025550100111111111", "447700900123", "1-800-FLOWERS"),
        *("tel:1234;phone-context=evil.example", "tel:1234;phone-context=+39", "tel:0255501001"),
        pytest.param("\u0660\u066255501001", id="Arabic-Indic digits"),
        pytest.param("+39\uff10\uff1255501001", id="full-width digits"),
        pytest.param("\u200f+390255501001", id="a right-to-left mark"),
        pytest.param("\u202a+390255501001\u202c", id="embedding marks"),
        pytest.param("+39 02\x00 55501001", id="NUL"),
        pytest.param("+390255501001\n", id="a line feed"),
        pytest.param("+390255501001\r\nX-Queue: vip", id="a header smuggled in"),
        pytest.param("+390255501001;ext=1", id="an extension without a scheme"),
        pytest.param("9" * 5000, id="five thousand digits"),
        pytest.param("sip:" * 5000, id="a long run of schemes"),
        pytest.param("\ud800", id="a lone surrogate"),
    ],
)
def test_a_caller_who_hides_or_is_no_number_is_nobody(raw: str) -> None:
    assert caller_address(raw, "IT") is None


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        pytest.param("phone", "02 5550 1001", NUMBER, id="phone of the region"),
        pytest.param("phone", "\u202a+39\u00a002\u00a055501001\u202c", NUMBER, id="phone out of a spreadsheet"),
        pytest.param("phone", "tel:+39-02-5550-1001", NUMBER, id="phone as a link"),
        pytest.param("customer_no", " kd 100-23 ", "KD100-23", id="customer number"),
        pytest.param("email", " Anna.Rossi@Example.COM ", "anna.rossi@example.com", id="e-mail"),
        pytest.param("messenger", "24301234567890123", "24301234567890123", id="Messenger"),
        pytest.param("instagram", "17841405822304914", "17841405822304914", id="Instagram"),
    ],
)
def test_a_handle_has_one_stored_form(kind: str, value: str, stored: str) -> None:
    assert normalise(kind, value, "IT") == stored
    assert normalise(kind, stored, "IT") == stored


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *(("phone", raw) for raw in ("", "ask at the desk", "112", "+39", "anonymous", "+266696687", "\x00")),
        *(("customer_no", raw) for raw in ("", "#12", "a\x00b", "x" * 121)),
        *(("email", raw) for raw in ("", "anna", "anna@", "a b@example.com", "<a@example.com>", "a\x00@example.com")),
        *(("messenger", raw) for raw in ("", "1 2", "a/b", "ü")),
    ],
)
def test_an_unreadable_handle_is_an_error_that_names_its_kind_and_not_its_value(kind: str, value: str) -> None:
    with pytest.raises(AddressError) as raised:
        normalise(kind, value, "IT")
    assert raised.value.field == kind
    assert not value.strip() or value not in str(raised.value)


def test_what_a_crm_stores_is_what_a_call_is_looked_up_by() -> None:
    for written in (NUMBER, "02 55501001", "+49 (0)30 901820", "+12125550123", "+5491123456789"):
        assert caller_address(written, "IT") == normalise("phone", written, "IT")


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        pytest.param(("voice", NUMBER, "", None), ["caller phone:+390255501001"], id="a caller"),
        pytest.param(
            ("voice", NUMBER, "+4930901820", 1001),
            ["customer_no customer_no:1001", "caller phone:+390255501001", "diverted_from phone:+4930901820"],
            id="the customer number first, the diverting number last",
        ),
        pytest.param(("voice", "anonymous", "", "kd-1"), ["customer_no customer_no:KD-1"], id="hidden, but typed it"),
        pytest.param(("whatsapp", NUMBER, "", ""), ["caller phone:+390255501001"], id="WhatsApp is a phone"),
        pytest.param(("messenger", "243012", "", None), ["caller messenger:243012"], id="a Messenger id"),
        pytest.param(("voice", "anonymous", "Restricted", "#!"), [], id="nobody"),
        pytest.param(("voice", "", "", True), [], id="a yes is no customer number"),
        pytest.param(("voice", "", "", 1.5), [], id="a fraction is no customer number"),
        pytest.param(("pigeon", "x", "", None), [], id="a channel that nobody knows"),
    ],
)
def test_the_best_evidence_comes_first(contact: tuple[str, str, str, object], expected: list[str]) -> None:
    assert [" ".join(pair) for pair in identifying_keys(*contact, "IT")] == expected


def test_a_handle_key_names_kind_and_value() -> None:
    assert handle_key("phone", NUMBER) == "phone:+390255501001"
