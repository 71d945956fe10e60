"""Who holds what, which rows a rule gives, and what an address needs: the rules themselves, without a database."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import URLPattern, path
from django.urls import include as django_include
from django.urls.converters import get_converters

from samverkan.foundation.access import (
    ALL,
    ANONYMOUS,
    NONE,
    PUBLIC,
    SIGNED_IN,
    SYSTEM,
    Actor,
    Refused,
    acting,
    actor,
    along,
    by,
    controller_of,
    exempt,
    give,
    include,
    needs_of,
    register,
    registered,
    require,
    route,
    rows,
    with_content,
)
from samverkan.foundation.access.middleware import DeclaredRoutesMiddleware
from samverkan.foundation.weeks import Week


def seat(role: str, kind: str = "municipality") -> Actor:
    return Actor(1, 2, 3, kind, role, 3)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the permissions that the test declares."""
    for name in ("_PERMISSIONS", "_EXCLUDED", "_GIVEN"):
        monkeypatch.setattr(actor, name, {})
    register({"garden.see": ["gardener", "guest"], "garden.dig": ["gardener"]}, not_for={"garden.dig": ["company"]})


def test_a_seat_holds_what_its_role_holds_and_nothing_else() -> None:
    assert seat("gardener").may("garden.dig") and seat("guest").may("garden.see")
    assert not seat("guest").may("garden.dig") and not seat("").may("garden.see")
    assert SYSTEM.may("garden.dig") and not ANONYMOUS.may("garden.see")


def test_some_organisations_never_hold_a_permission_whatever_the_role() -> None:
    assert not seat("gardener", "company").may("garden.dig")
    assert seat("gardener", "company").may("garden.see")
    give({"garden.dig": ["helper"]})
    assert seat("helper").may("garden.dig") and not seat("helper", "company").may("garden.dig")


def test_a_permission_that_nobody_declares_is_a_program_error() -> None:
    for who in (seat("gardener"), SYSTEM):
        with pytest.raises(LookupError, match=r"garden\.sow"):
            who.may("garden.sow")
    give({"garden.sow": ["gardener"], "garden.dig": ["helper"]})
    with pytest.raises(LookupError, match=r"garden\.sow"):
        registered()


def test_a_permission_is_declared_once() -> None:
    register({"garden.dig": ["gardener"]})
    assert seat("gardener", "company").may("garden.dig"), "declared anew without exceptions"
    with pytest.raises(ValueError, match=r"garden\.dig"):
        register({"garden.dig": ["gardener", "guest"]})
    assert not seat("guest").may("garden.dig")


def test_more_roles_are_given_what_a_floor_below_declares() -> None:
    assert registered() == {"garden.dig": {"gardener"}, "garden.see": {"gardener", "guest"}}
    give({"garden.dig": ["helper"]})
    give({"garden.dig": ["neighbour"], "garden.see": ["helper"]})
    assert seat("helper").may("garden.dig") and seat("neighbour").may("garden.dig") and seat("helper").may("garden.see")
    assert not seat("neighbour").may("garden.see")
    told = registered()
    assert list(told) == ["garden.dig", "garden.see"]
    assert told["garden.dig"] == {"gardener", "helper", "neighbour"}


def test_who_may_not_is_refused_and_told_what_is_missing() -> None:
    require(seat("gardener"), "garden.dig")
    with pytest.raises(Refused) as refused:
        require(seat("guest"), "garden.dig")
    assert refused.value.permission == "garden.dig" and "garden.dig" in str(refused.value)
    assert str(Refused("garden.dig", "Not today.")) == "Not today."


def test_who_has_signed_in() -> None:
    assert seat("guest").is_signed_in and SYSTEM.is_signed_in and not ANONYMOUS.is_signed_in


# Rules of rows.


def test_a_rule_by_permission_gives_all_or_nothing() -> None:
    assert by("garden.dig")(seat("gardener")) is ALL
    assert by("garden.dig")(seat("guest")) is NONE


@pytest.fixture
def trees(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A model of the house with a rule of the test's own: gardeners see all, guests some, others none."""
    model = apps.get_model("measures.Measure")
    some = Q(title="Eken")
    sees = {"gardener": ALL, "guest": some}
    monkeypatch.setattr(model, "visible", lambda who: sees.get(who.role, NONE))
    return model


def test_a_rule_along_a_field_is_the_other_rows_rule(trees: Any) -> None:
    rule = along("measure", "measures.Measure")
    assert rule(seat("gardener")) == ALL and rule(seat("stranger")) == NONE
    (condition,) = rule(seat("guest")).children
    assert condition[0] == "measure__in"
    assert str(condition[1].query) == str(trees._default_manager.filter(title="Eken").query)


def test_a_rule_along_a_field_may_need_a_permission_as_well(trees: Any) -> None:
    rule = along("measure", "measures.Measure", needs="garden.dig")
    assert rule(seat("gardener")) == ALL
    assert rule(seat("gardener", "company")) == NONE
    assert rule(seat("guest")) == NONE


def test_a_model_has_a_rule_of_its_own_or_is_an_error() -> None:
    class Parent:
        visible = by("garden.see")

    class Child(Parent):
        pass

    assert rows.rule_of(Parent) is Parent.visible  # type: ignore[type-var]
    with pytest.raises(LookupError, match="Child"):
        rows.rule_of(Child)  # type: ignore[type-var]


def test_rows_without_a_rule_are_given_to_nobody_by_the_reason() -> None:
    reason = exempt("they are weather")
    assert reason.reason == "they are weather"
    with pytest.raises(LookupError, match="they are weather"):
        reason(SYSTEM)


def test_rows_are_filtered_by_the_rule_of_their_model(trees: Any) -> None:
    wanted = trees.objects.filter(title="Eken")
    assert str(trees.objects.visible_to(seat("guest")).query) == str(wanted.query)


def test_what_holds_content_is_what_says_who_sees_it() -> None:
    models = with_content()
    assert apps.get_model("measures.Measure") in models and apps.get_model("est.Report") in models
    ruleless = [m for m in apps.get_models() if isinstance(vars(m).get("visible"), rows.Exempt)]
    assert ruleless and not set(ruleless) & set(models)
    assert all("visible" in vars(model) for model in models)


def _model(*fields: Any, **attributes: Any) -> Any:
    named = {field.name: field for field in fields}
    return SimpleNamespace(
        __name__="Tree", _meta=SimpleNamespace(fields=fields, get_field=named.__getitem__), **attributes
    )


def test_who_answers_for_a_row_stands_on_it_or_on_what_it_is_a_part_of() -> None:
    controller, uncertain = (
        SimpleNamespace(name="controller", null=False),
        SimpleNamespace(name="controller", null=True),
    )
    tree = _model(SimpleNamespace(name="age"), controller)
    assert controller_of(tree) == F("controller")
    garden = _model(uncertain)
    bed = _model(SimpleNamespace(name="garden", related_model=garden))
    flower = _model(SimpleNamespace(name="bed", related_model=bed), controlled_through="bed__garden")
    # An organisation that says nothing answers for itself.
    assert controller_of(flower) == Coalesce("bed__garden__controller", "bed__garden")
    leaf = _model(SimpleNamespace(name="tree", related_model=tree), controlled_through="tree")
    assert controller_of(leaf) == F("tree__controller")
    with pytest.raises(LookupError, match="Tree"):
        controller_of(_model(SimpleNamespace(name="age")))


# Addresses.


def view(request: Any) -> HttpResponse:
    return HttpResponse("here")


def test_an_address_says_what_it_needs() -> None:
    declared = route("trad/<week:week>/", lambda request: HttpResponse(), name="tree", needs="garden.see")
    assert needs_of(declared.callback) == "garden.see" and declared.name == "tree"
    assert needs_of(lambda request: None) is None
    found: Any = declared.resolve("trad/2026-W47/")
    assert found.kwargs == {"week": Week(2026, 47)}
    assert declared.resolve("trad/2026-W99x/") is None

    assert get_converters()["week"].to_url(Week(2026, 4)) == "2026-W04"


def test_others_addresses_are_declared_by_name_and_the_rest_by_default() -> None:
    def patterns() -> list[Any]:
        inner = path("djup/", lambda request: None, name="deep")
        return [
            path("in/", lambda request: None, name="login"),
            path("nagot/", lambda request: None, name="other"),
            path("utan/", lambda request: None),
            path("under/", django_include(([inner], "under"))),
        ]

    def told(resolver: Any) -> dict[str, str | None]:
        return {
            str(entry.name): needs_of(entry.callback)
            for part in resolver.url_patterns
            for entry in (part.url_patterns if not isinstance(part, URLPattern) else [part])
        }

    declared = {"login": PUBLIC, "deep": "garden.dig"}
    found = include("konto/", (patterns(), "account"), declared, default=SIGNED_IN)
    assert told(found) == {"login": PUBLIC, "other": SIGNED_IN, "None": SIGNED_IN, "deep": "garden.dig"}
    assert str(found.pattern) == "konto/"
    without = told(include("konto/", (patterns(), "account"), declared))
    assert without == {"login": PUBLIC, "other": None, "None": None, "deep": "garden.dig"}


def _asked(needs: str | None, who: Actor, address: str = "/trad/?a=b") -> Any:
    request: Any = RequestFactory().get(address)
    request.user, request.actor = SimpleNamespace(is_authenticated=who.is_signed_in), who
    target = route("trad/", lambda request: None, name="tree", needs=needs).callback if needs else view
    middleware = DeclaredRoutesMiddleware(lambda passed: HttpResponse(passed.path))
    assert middleware(request).content == request.path.encode()
    return middleware.process_view(request, target, (), {})


def test_the_door_opens_for_who_holds_what_the_address_needs() -> None:
    assert _asked(PUBLIC, ANONYMOUS) is None
    assert _asked(SIGNED_IN, seat("guest")) is None
    assert _asked("garden.see", seat("guest")) is None
    with pytest.raises(Refused) as refused:
        _asked("garden.dig", seat("guest"))
    assert refused.value.permission == "garden.dig"


def test_who_has_not_signed_in_is_sent_there_and_a_program_is_told() -> None:
    for needs in (SIGNED_IN, "garden.see"):
        answer = _asked(needs, ANONYMOUS)
        assert answer.status_code == 302 and answer["Location"].endswith("?next=/trad/%3Fa%3Db")
        answer = _asked(needs, ANONYMOUS, "/api/v1/trad/")
        assert answer.status_code == 401 and json.loads(answer.content) == {"detail": "Sign in first."}


def test_an_address_that_declares_nothing_is_refused_to_everybody() -> None:
    for who in (SYSTEM, ANONYMOUS):
        with pytest.raises(ImproperlyConfigured, match="not declared"):
            _asked(None, who)
    assert _asked(None, ANONYMOUS, "/static/a.css") is None


# Signatures of what is written.


@pytest.mark.parametrize(
    ("sql", "writes"),
    [
        ("INSERT INTO a", True),
        ("  update a SET b", True),
        ("\nDELETE FROM a", True),
        ("MERGE INTO a", True),
        ("merge a", True),
        ("WITH x AS (SELECT 1) INSERT INTO a", True),
        ("with x as (select 1) delete from a", True),
        ("WITH x AS (SELECT 1) UPDATE a", True),
        ("WITH x AS (SELECT 1) SELECT updated FROM x", False),
        ("SELECT 1", False),
        ("SELECT 'DELETE FROM a'", False),
    ],
)
def test_what_writes_is_known_by_its_words(sql: str, writes: bool) -> None:
    assert acting._is_write(sql) is writes  # type: ignore[attr-defined]


def test_the_signature_names_person_seat_and_request() -> None:
    told = acting.setting_of  # type: ignore[attr-defined]
    assert told(Actor(7, 8, 9, "", "", 9), "abc") == "7:8:abc"
    assert told(SYSTEM, "") == "::"
    assert told(ANONYMOUS, "x" * 40) == "::" + "x" * 36
