"""The municipality's settings as pages: what holds, what is planned, what was taken back, and who may."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from samverkan.foundation import clock, municipality
from samverkan.foundation.access import SYSTEM, Actor, Refused
from samverkan.foundation.municipality import selectors, settings
from samverkan.foundation.municipality.models import Setting
from samverkan.foundation.search import search
from samverkan.foundation.web.errors import Refusal

Cast = dict[str, Actor]
ClientFor = Callable[[Actor], Client]
ADMIN, LEAD = "administrator", "samordnare"
KEY = "est.cycle_weeks"
ADDRESS = f"/installningar/{KEY}/"


def _day(after: int) -> date:
    return clock.today() + timedelta(days=after)


def _text(answer: Any) -> str:
    page = re.sub(r'<span class="date">([^<]*)</span>', r"\1", answer.content.decode())
    return html.unescape(re.sub(r"\s+", " ", page))


def _sent(**values: Any) -> dict[str, Any]:
    return {"value": "2", "valid_from": _day(0).isoformat(), "decision": "", "seen": "0"} | values


def test_every_setting_has_a_name_a_meaning_and_a_possible_default() -> None:
    for entry in municipality.declared():
        assert entry.name and entry.title != entry.key, entry.key
        assert str(entry.meaning).endswith(".") and len(str(entry.meaning).split(".")) <= 3, entry.key
        assert entry.is_possible(entry.default), entry.key
        assert entry.words(entry.default), entry.key


def test_the_list_shows_what_holds_since_when_and_by_whom(cast: Cast, client_for: ClientFor) -> None:
    municipality.put(SYSTEM, key="retention.notices_days", value=400)
    municipality.put(cast[LEAD], key=KEY, value=2, decision="KUG 12 §")
    municipality.put(cast[LEAD], key=KEY, value=4, valid_from=_day(30))
    page = _text(client_for(cast[ADMIN]).get("/installningar/"))
    row = next(row for row in page.split("<tr>") if "Längd på en EST-omgång" in row)
    assert "2 veckor" in row and _day(0).isoformat() in row and "Samordnare, Kommunledningskontoret" in row
    assert f"4 veckor från {_day(30).isoformat()}" in row and "1 ändring är planerad." in page
    notices = next(row for row in page.split("<tr>") if "Meddelanden i inkorgen" in row)
    assert "400 dagar" in notices and "Installationen" in notices
    invitations = next(row for row in page.split("<tr>") if "Hur länge en inbjudan gäller" in row)
    assert "14 dagar" in invitations and "från början" in invitations and "inget är bestämt" in invitations


def test_a_value_is_decided_from_today(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast[LEAD])
    answer = client.post(ADDRESS, _sent(decision="KUG 12 §"), follow=True)
    page = _text(answer)
    assert "Värdet är sparat och gäller från i dag." in page and "2 veckor" in page and "KUG 12 §" in page
    assert municipality.get(KEY) == 2 and municipality.get(KEY, on=_day(-1)) == 1
    stored = Setting.objects.get(key=KEY)
    assert (stored.set_by_id, stored.decision) == (cast[LEAD].membership_id, "KUG 12 §")


def test_a_planned_value_waits_and_can_be_taken_back(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast[ADMIN])
    assert client.post(ADDRESS, _sent(valid_from=_day(5).isoformat())).status_code == 302
    assert (municipality.get(KEY), municipality.get(KEY, on=_day(5))) == (1, 2)
    assert "Ta tillbaka" in _text(client.get(ADDRESS))
    back = {"valid_from": _day(5).isoformat()}
    page = _text(client.post(f"{ADDRESS}ta-tillbaka/", back, follow=True))
    assert "Den planerade ändringen är återtagen." in page and f"återtaget {_day(0).isoformat()}" in page
    assert municipality.get(KEY, on=_day(5)) == 1
    [row] = municipality.history(KEY)
    assert row.withdrawn_by_id == cast[ADMIN].membership_id
    assert client.post(f"{ADDRESS}ta-tillbaka/", back).status_code == 409, "not twice"


def test_what_holds_is_not_taken_back(cast: Cast, client_for: ClientFor) -> None:
    municipality.put(cast[LEAD], key=KEY, value=2)
    answer = client_for(cast[LEAD]).post(f"{ADDRESS}ta-tillbaka/", {"valid_from": _day(0).isoformat()})
    assert answer.status_code == 409 and "Värdet gäller redan." in _text(answer)
    assert municipality.get(KEY) == 2
    for day in ("", "x", "2026-02-31"):
        assert client_for(cast[LEAD]).post(f"{ADDRESS}ta-tillbaka/", {"valid_from": day}).status_code == 404


@pytest.mark.parametrize(
    ("key", "wrong", "field", "said"),
    [
        (KEY, {"value": "0"}, "value", "Skriv ett heltal från 1 till 8."),
        (KEY, {"value": "9"}, "value", "Skriv ett heltal från 1 till 8."),
        (KEY, {"value": "två"}, "value", "Skriv ett heltal från 1 till 8."),
        (KEY, {"value": "1,5"}, "value", "Skriv ett heltal från 1 till 8."),
        (KEY, {"value": ""}, "value", "Skriv ett heltal från 1 till 8."),
        (KEY, {"value": "1"}, "value", "Det värdet gäller redan den dagen."),
        (KEY, {"valid_from": _day(-1).isoformat()}, "valid_from", "Välj i dag eller en senare dag."),
        (KEY, {"valid_from": "snart"}, "valid_from", "Skriv datumet så här: 2026-11-23."),
        (KEY, {"valid_from": ""}, "valid_from", ""),
        (KEY, {"decision": "x" * 301}, "decision", ""),
        ("est.reminder_weekday", {"value": "7"}, "value", ""),
        ("est.reminder_weekday", {"value": "måndag"}, "value", ""),
        ("retention.raw_reports_days", {"value": "6"}, "value", "Skriv ett heltal från 7 till 3650."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_changes_nothing(
    cast: Cast, client_for: ClientFor, key: str, wrong: dict[str, str], field: str, said: str
) -> None:
    answer = client_for(cast[ADMIN]).post(f"/installningar/{key}/", _sent(**wrong))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field] and said in " ".join(answer.context["form"].errors[field])
    page = _text(answer)
    assert f'id="id_{field}-error"' in page or f"id_{field}" in page
    assert not Setting.objects.filter(key=key).exists()


def test_two_who_decide_at_once_are_told_and_both_texts_stand(cast: Cast, client_for: ClientFor) -> None:
    municipality.put(cast[LEAD], key=KEY, value=3)
    client = client_for(cast[ADMIN])
    answer = client.post(ADDRESS, _sent(value="4"))
    page = _text(answer)
    assert answer.status_code == 422 and "Någon annan ändrade samtidigt." in page
    assert 'value="4"' in page and "3 veckor" in page and 'name="seen" value="1"' in page
    assert municipality.get(KEY) == 3
    assert client.post(ADDRESS, _sent(value="4", seen="1")).status_code == 302
    assert municipality.get(KEY) == 4


def test_who_may_change_is_by_declaration(cast: Cast, client_for: ClientFor) -> None:
    operated = "/installningar/people.invitation_days/"
    for code in ("granskare", "direktor", "dataskyddsombud", "revisor"):
        client = client_for(cast[code])
        page = client.get(ADDRESS)
        assert page.status_code == 200 and "Spara värdet" not in page.content.decode()
        assert "Samordnare, Systemadministratör" in _text(page), "it says who does change it"
        assert client.post(ADDRESS, _sent()).status_code == 403
    lead = client_for(cast[LEAD])
    assert "Spara värdet" in lead.get(ADDRESS).content.decode()
    assert "Spara värdet" not in lead.get(operated).content.decode()
    assert lead.post(operated, _sent(value="20")).status_code == 403
    municipality.put(SYSTEM, key="people.invitation_days", value=20, valid_from=_day(9))
    assert lead.post(f"{operated}ta-tillbaka/", {"valid_from": _day(9).isoformat()}).status_code == 403
    assert client_for(cast[ADMIN]).post(operated, _sent(value="20", seen="1")).status_code == 302
    assert client_for(cast["skola"]).get("/installningar/").status_code == 403
    assert client_for(cast[ADMIN]).get("/installningar/finns.inte/").status_code == 404


def test_what_the_installation_chose_is_changed_by_nobody(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast[ADMIN])
    page = client.get("/installningar/geo.epsg/")
    assert "Det väljs när installationen skapas." in _text(page) and "Spara värdet" not in page.content.decode()
    assert client.post("/installningar/geo.epsg/", _sent(value="32618")).status_code == 403
    with pytest.raises(Refused):
        municipality.put(cast[ADMIN], key="geo.epsg", value=32618)
    assert municipality.get("geo.epsg") == 3006


def test_the_days_that_have_passed_are_not_rewritten(cast: Cast) -> None:
    with pytest.raises(Refusal) as refusal:
        municipality.put(SYSTEM, key=KEY, value=2, valid_from=_day(-1))
    assert refusal.value.field == "valid_from"


def test_a_yes_or_no_and_a_text_are_asked_for_as_such(
    cast: Cast, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "_declared", dict(settings._declared))
    settings.declare("est.test", bool, False, "Whether.", name="Ja eller nej")
    client = client_for(cast[ADMIN])
    assert client.post("/installningar/est.test/", _sent(value="True")).status_code == 302
    assert municipality.get("est.test") is True and "Ja" in _text(client.get("/installningar/est.test/"))
    contact = "/installningar/fetch.contact/"
    assert "inget än" in _text(client.get(contact))
    assert client.post(contact, _sent(value="trygghet@exempel.test")).status_code == 302
    assert municipality.get("fetch.contact") == "trygghet@exempel.test"


def test_the_search_box_finds_a_setting(cast: Cast) -> None:
    [found] = [part for part in search(cast[LEAD], "inbjudan gäller") if part.kind == "setting"]
    assert found.hits[0].url == "/installningar/people.invitation_days/"
    assert [part for part in search(cast["skola"], "inbjudan gäller") if part.kind == "setting"] == []


@trials(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 8), st.booleans()), max_size=10))
def test_the_page_and_the_value_in_use_agree_on_every_day(cast: Cast, decided: list[tuple[int, int, bool]]) -> None:
    """Whatever is decided and taken back: what the page says holds, and plans, is what is used that day."""
    Setting.objects.all().delete()
    for after, value, take_back in decided:
        municipality.put(cast[ADMIN], key=KEY, value=value, valid_from=_day(after))
        if take_back and after:
            settings.withdraw(cast[ADMIN], key=KEY, valid_from=_day(after))
    shown = selectors.standing(cast[ADMIN], KEY)
    assert shown.value == municipality.get(KEY)
    value = shown.value
    plans = {row.setting.valid_from: row.setting.value for row in shown.planned}
    for after in range(8):
        value = plans.get(_day(after), value)
        assert municipality.get(KEY, on=_day(after)) == value
    listed = [s for _name, found in selectors.standings(cast[ADMIN]) for s in found if s.entry.key == KEY]
    assert [row.state for row in listed[0].rows] == [row.state for row in shown.rows]
