"""The helper that marks what looks like personal data. All numbers and names are invented."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from samverkan.foundation import privacy


def kinds(text: str) -> list[tuple[str, str]]:
    return [(text[m.start : m.end], m.kind) for m in privacy.find(text)]


def with_check_digit(nine: str) -> str:
    return next(nine + d for d in "0123456789" if luhn.is_valid(nine + d))


@pytest.mark.parametrize("nine", ["800101123", "120229004", "991231999"])
@pytest.mark.parametrize("form", ["{0}-{1}", "{0}{1}", "{0} {1}", "19{0}-{1}", "{0}+{1}"])
def test_identity_numbers_in_every_form(nine: str, form: str) -> None:
    number = with_check_digit(nine)
    written = form.format(number[:6], number[6:])
    assert kinds(f"Han uppgav {written} vid kassan.") == [(written, "identity")]


def test_coordination_numbers_have_sixty_added_to_the_day() -> None:
    number = with_check_digit("800161123")
    assert kinds(f"{number[:6]}-{number[6:]}") == [(f"{number[:6]}-{number[6:]}", "identity")]


def test_a_wrong_check_digit_or_date_is_no_identity_number() -> None:
    number = with_check_digit("800101123")
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert not privacy.is_identity_number(wrong)
    assert not privacy.is_identity_number("801301" + number[6:])


@pytest.mark.parametrize(
    "written",
    ["070-174 06 05", "0701740605", "+46 70 174 06 05", "0046701740605", "+46 (0)70-174 06 05", "016-465 06 00"],
)
def test_telephone_numbers(written: str) -> None:
    assert kinds(f"Ring {written} i kväll.") == [(written, "phone")]


@pytest.mark.parametrize("written", ["ABC 123", "ABC123", "abc 12x", "MLB 84A"])
def test_registration_plates(written: str) -> None:
    assert kinds(f"En bil, {written}, stod kvar.") == [(written, "plate")]


def test_names_take_along_what_follows_and_lose_the_genitive() -> None:
    assert kinds("Vi såg Kalle Exempelsson och Annas bror.") == [("Kalle Exempelsson", "name"), ("Annas", "name")]
    assert kinds("En kvinna, Berg, ringde.") == [("Berg", "name")]


def test_addresses_to_dwellings() -> None:
    assert kinds("Hos grannen på Ekgatan 12 B, lgh 1203.") == [("Ekgatan 12 B, lgh 1203", "address")]
    assert kinds("Dörren till lägenhet 12 var öppen.") == [("lägenhet 12", "address")]
    assert kinds("Skriv till nagon@exempel.test.") == [("nagon@exempel.test", "email")]


@pytest.mark.parametrize(
    "text",
    [
        "Två rutor krossade i vindskyddet den 23 november 2026 kl. 18.30.",
        "Ungefär 15 000 kr i skador. Buss 101 stod still i 20 minuter.",
        "Skräp och glas vid lekplatsen, 12 påsar. Vecka 47 var lugnare.",
        "Belysningen är trasig längs gångvägen mellan torget och skolan.",
        "2026-11-23 18:30",
        "",
    ],
)
def test_ordinary_reports_are_left_alone(text: str) -> None:
    assert kinds(text) == []


@given(st.text(max_size=300))
def test_marks_lie_in_the_text_in_order_and_apart(text: str) -> None:
    marks = privacy.find(text)
    assert all(0 <= m.start < m.end <= len(text) for m in marks)
    assert all(a.end <= b.start for a, b in pairwise(marks))
    assert "".join(words for words, _kind in privacy.pieces(text)) == text


@given(
    st.lists(
        st.sampled_from(
            [
                "070-174 06 05",
                "ABC 123",
                "Ekgatan 12",
                "Kalle Exempelsson",
                "nagon@exempel.test",
                "stod kvar vid",
                "och",
                "\n",
            ]
        ),
        max_size=8,
    )
)
def test_what_is_stripped_is_gone(parts: list[str]) -> None:
    text = " , ".join(parts)
    left = privacy.stripped(text)
    for secret in ("174 06", "ABC 123", "Ekgatan 12", "Kalle", "nagon@"):
        assert secret not in left


@pytest.mark.parametrize(
    "repeated",
    [
        "a",
        "A",
        "1",
        " ",
        "0 ",
        "a.",
        "a@",
        "a-",
        "A-",
        "Aa ",
        "Anna ",
        "Anna. ",
        "070-123 45 67, ",
        "Storgatan 1, ",
        "lgh ",
    ],
)
def test_four_times_the_text_takes_about_four_times_as_long(repeated: str) -> None:
    """Thirty thousand letters once took 24 seconds: the square of the length. Processor time, the best of several."""

    def seconds(length: int) -> float:
        text = repeated * (length // len(repeated))
        began = time.thread_time()
        privacy.find(text)
        return time.thread_time() - began

    for _again in range(3):
        longer = min(seconds(24_000) for _ in range(2))
        if longer < 0.004 or longer / min(seconds(6_000) for _ in range(3)) < 8:
            return
    raise AssertionError(f"{longer} s for 24,000 letters of {repeated!r}")
