"""Strangers and insiders: forged requests, others' rows, borrowed seats, guessed passwords, bent addresses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from samverkan.domain.est.models import Priority, Report
from samverkan.domain.est.reporting import selectors as reporting
from samverkan.domain.picture import services as picture
from samverkan.domain.picture.models import SavedView
from samverkan.foundation import clock, files
from samverkan.foundation.access import PUBLIC, Actor
from samverkan.foundation.people import demo as demo_people
from samverkan.foundation.people.middleware import SEAT
from samverkan.foundation.people.models import Membership, Person
from samverkan.foundation.refs import Ref
from tests.harness.people import client_for
from tests.harness.routes import make_rows, routes

AWAY = (
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "https:evil.example",
    "\t//evil.example",
    "javascript:alert(1)",
)


def _sign_in(client: Client, code: str, password: str = demo_people.PASSWORD, **more: Any) -> Any:
    return client.post("/konto/login/", {"login": f"{code}@exempel.test", "password": password}, **more)


def test_nothing_is_written_without_the_forms_token(
    demo: dict[str, Actor], quiet: None, undone: Callable[..., Any], tried: Counter[str]
) -> None:
    rows = make_rows(demo)
    client = Client(enforce_csrf_checks=True)
    client.cookies = client_for(demo["samordnare"]).cookies
    client.raise_request_exception = False
    answers = {}
    for route in routes():
        address = rows.address(route)
        answers[route.pattern] = undone(lambda: client.post(address, {"x": "1"})).status_code  # noqa: B023
    assert {pattern: status for pattern, status in answers.items() if status not in {403, 404, 405}} == {}
    assert sum(status == 403 for status in answers.values()) > 40
    tried["forms without their token"] += len(answers)


def test_reading_an_address_that_writes_does_nothing(
    demo: dict[str, Actor], quiet: None, undone: Callable[..., Any]
) -> None:
    """Addresses that only take forms refuse links, pictures and previews."""
    rows = make_rows(demo)
    client = client_for(demo["samordnare"])
    writing = (
        "withdraw_report",
        "send_report",
        "recall_report",
        "nothing",
        "nothing_undo",
        "remind",
        "reopen_reporter",
        "nothing_for",
        "nothing_for_undo",
        "est_drop_priority",
        "est_leave_meeting",
        "est_drop_decision",
        "measure_undo",
        "revoke",
        "end_seat",
        "reopen_seat",
        "person_active",
        "switch_seat",
        "demo_sign_in",
        "set_language",
        "set_appearance",
        "inbox_read_all",
    )
    by_name = {route.name: route for route in routes()}
    answers = {name: undone(lambda: client.get(rows.address(by_name[name]))).status_code for name in writing}  # noqa: B023
    assert {name: status for name, status in answers.items() if status != 405} == {}
    # Reloading the page that refused a form leads back to the empty one.
    before = Priority.objects.count()
    assert undone(lambda: client.get(rows.address(by_name["est_add_priority"]))).status_code == 302
    assert Priority.objects.count() == before


@pytest.mark.parametrize("target", AWAY)
def test_no_address_leads_away(demo: dict[str, Actor], target: str, undone: Callable[..., Any]) -> None:
    client = client_for(demo["samordnare"])
    person = Membership.objects.get(pk=demo["samordnare"].membership_id)
    tries = [
        lambda: client.post("/sprak/", {"language": "en", "next": target}),
        lambda: client.post("/utseende/", {"appearance": "dark", "next": target}),
        lambda: client.post("/byt-post/", {"seat": person.public_id, "next": target}),
        lambda: client.get("/konto/login/", {"next": target}),
        lambda: client.post("/konto/logout/", {"next": target}),
        lambda: Client().post(
            "/konto/login/", {"login": "skola@exempel.test", "password": demo_people.PASSWORD, "next": target}
        ),
    ]
    for attempt in tries:
        answer = undone(attempt)
        assert answer.status_code < 500
        place = answer.get("Location", "/")
        assert place.startswith("/") and not re.match(r"/[/\\]", place), place


def test_headers_cannot_be_added(demo: dict[str, Actor], quiet: None) -> None:
    client = client_for(demo["samordnare"])
    client.raise_request_exception = False
    for value in ("/x\r\nSet-Cookie: own=1", "/x\nLocation: //evil.example"):
        for address, data in (
            ("/sprak/", {"language": value, "next": value}),
            ("/utseende/", {"appearance": value, "next": value}),
        ):
            answer = client.post(address, data)
            assert answer.status_code < 500
            assert "own" not in answer.cookies
            assert not any("\n" in header or "\r" in header for header in answer.headers.values())


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:80@localhost", "localhost/evil", "[::1"]
)
def test_only_the_own_host_names_are_answered(demo: dict[str, Actor], settings: Any, host: str) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    answer = Client().get("/konto/login/", HTTP_HOST=host)
    assert answer.status_code == 400
    answer = Client().get("/konto/login/", HTTP_HOST="localhost", HTTP_X_FORWARDED_HOST=host)
    assert answer.status_code == 200
    assert "evil" not in answer.content.decode()


def test_a_link_in_mail_never_follows_the_askers_host(demo: dict[str, Actor], settings: Any) -> None:
    from django.core import mail

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.ALLOWED_HOSTS = ["*"]
    Client().post("/konto/password/reset/", {"email": "skola@exempel.test"}, HTTP_HOST="evil.example")
    [letter] = mail.outbox
    assert "evil.example/" not in letter.body
    assert f"{settings.BASE_URL}/konto/password/reset/key/" in letter.body


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "....//etc/passwd", "%00"]
)
@pytest.mark.parametrize(
    "root", ["/filer/", "/static/", "/static/css/", "/lagesbild/ladda-ner/", "/veckan/2026-W46/utgava/1/fil."]
)
def test_no_path_leads_out(demo: dict[str, Actor], root: str, path: str) -> None:
    answer = client_for(demo["samordnare"]).get(root + path)
    assert answer.status_code in {301, 302, 400, 404}
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert b"root:" not in body


def test_an_oversize_form_is_refused(demo: dict[str, Actor], quiet: None) -> None:
    client = client_for(demo["bostadsbolag"])
    client.raise_request_exception = False
    for data in ({"text": "x" * (6 << 20)}, {f"field{n}": "x" for n in range(1500)}):
        answer = client.post(
            "/rapportera/",
            "&".join(f"{k}={v}" for k, v in data.items()),
            content_type="application/x-www-form-urlencoded",
        )
        assert answer.status_code in {400, 413}
    many = {f"file{n}": SimpleUploadedFile("x.jpg", b"x") for n in range(150)}
    assert client.post("/rapportera/", many).status_code in {400, 413}


def test_bodies_that_are_no_forms_are_refused(demo: dict[str, Actor], quiet: None) -> None:
    client = client_for(demo["bostadsbolag"])
    client.raise_request_exception = False
    for kind in (
        "application/json",
        "text/xml",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "x" * 500,
        "",
    ):
        for body in (b"", b"\xff\xfe\x00", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n', b"{"):
            assert client.generic("POST", "/rapportera/", body, kind).status_code < 500, (kind, body)


@pytest.mark.parametrize("code", ["skola", "hyresvard", "ordningsvakt", "bostadsbolag"])
def test_others_reports_do_not_exist(demo: dict[str, Actor], code: str, undone: Callable[..., Any]) -> None:
    actor = demo[code]
    client = client_for(actor)
    own = set(reporting.own(actor).values_list("public_id", flat=True))
    others = Report.objects.exclude(public_id__in=own).order_by("pk")
    assert others.exists()
    gone = {client.get(f"/mina-rapporter/{'0' * 8}-0000-0000-0000-{'0' * 12}/").status_code}
    for row in others[:5]:
        for page in ("", "andra/", "kasta/"):
            gone.add(client.get(f"/mina-rapporter/{row.public_id}/{page}").status_code)
        for page in ("andra/", "dra-tillbaka/", "skicka/", "kasta/"):
            address, given = f"/mina-rapporter/{row.public_id}/{page}", {"version": row.version}
            gone.add(undone(lambda address=address, given=given: client.post(address, given)).status_code)
        gone.add(client.get(f"/rapportera/kvitto/{row.public_id}/").status_code)
        if row.text:
            assert row.text not in client.get("/mina-rapporter/").content.decode()
    assert gone == {404}


def test_others_views_notices_and_photos_do_not_exist(demo: dict[str, Actor]) -> None:
    from io import BytesIO

    from PIL import Image

    view = picture.save_view(demo["samordnare"], name="Min egen", address="")
    _row, token = picture.remove_view(
        demo["samordnare"], public_id=picture.save_view(demo["samordnare"], name="Bort", address="").public_id
    )
    other = client_for(demo["kommunpolis"])
    other.raise_request_exception = False
    assert other.post(f"/lagesbild/vyer/{view.public_id}/ta-bort/").status_code in {404, 409}
    assert other.post(f"/lagesbild/vyer/angra/{token}/").status_code in {404, 409}
    assert SavedView.objects.filter(pk=view.pk).exists()
    assert not SavedView.objects.filter(name="Bort").exists()
    drawn = BytesIO()
    Image.new("RGB", (8, 8)).save(drawn, "JPEG")
    report = Report.objects.filter(organisation_id=demo["hyresvard"].organisation_id)[0]
    photo = files.attach(
        demo["hyresvard"],
        ref=Ref("report", report.public_id),
        upload=SimpleUploadedFile("a.jpg", drawn.getvalue()),
        kind="photo",
    )
    assert client_for(demo["hyresvard"]).get(f"/filer/{photo.public_id}/").status_code == 200
    for code in ("skola", "ordningsvakt", "fortroendevald", "revisor"):
        assert client_for(demo[code]).get(f"/filer/{photo.public_id}/").status_code == 404, code
    assert Client().get(f"/filer/{photo.public_id}/").status_code == 302


def test_the_seat_of_another_is_not_taken(demo: dict[str, Actor]) -> None:
    client = client_for(demo["skola"])
    anothers = Membership.objects.get(pk=demo["administrator"].membership_id).public_id
    for value in (
        anothers,
        demo["administrator"].membership_id,
        -1,
        "1e9",
        "9" * 40,
        "\x00",
        ["1", anothers],
    ):
        assert client.post("/byt-post/", {"seat": value}).status_code == 404
    session = client.session
    session[SEAT] = demo["administrator"].membership_id  # as if another's seat had come into the session
    session.save()
    assert client.get("/inkorg/").wsgi_request.actor.membership_id == demo["skola"].membership_id  # type: ignore[attr-defined]


def test_an_ended_seat_opens_nothing_more(demo: dict[str, Actor]) -> None:
    client = client_for(demo["skola"])
    assert client.get("/rapportera/").status_code == 200
    Membership.objects.filter(person_id=demo["skola"].person_id).update(
        from_on=clock.today() - timedelta(days=9), until_on=clock.today()
    )
    assert client.get("/rapportera/").status_code == 403
    assert client.post("/rapportera/", {"category": "klotter"}).status_code == 403
    assert client.get("/inkorg/").wsgi_request.actor.role == ""  # type: ignore[attr-defined]


def test_the_session_is_another_after_sign_in_and_gone_after_sign_out(demo: dict[str, Actor], settings: Any) -> None:
    settings.DEMO = True
    client = Client()
    client.get("/konto/login/")
    session = client.session
    session["planted"] = "1"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = before = session.session_key or ""
    assert before
    assert _sign_in(client, "samordnare").status_code == 302
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie.value != before
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["domain"]
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert thief.get("/inkorg/").status_code == 302
    thief.cookies[settings.SESSION_COOKIE_NAME] = cookie.value
    assert thief.get("/inkorg/").status_code == 200
    assert client.post("/konto/logout/").status_code == 302
    assert thief.get("/inkorg/").status_code == 302, "a copied cookie is worth nothing after sign-out"


def test_a_new_password_ends_the_other_sessions(demo: dict[str, Actor], settings: Any) -> None:
    settings.DEMO = True
    client = Client()
    _sign_in(client, "skola")
    assert client.get("/inkorg/").status_code == 200
    person = Person.objects.get(pk=demo["skola"].person_id)
    person.set_password("ett-helt-nytt-losenord-7")
    person.save()
    assert client.get("/inkorg/").status_code == 302


@pytest.mark.parametrize(
    "disguise", [lambda n: {}, lambda n: {"HTTP_X_FORWARDED_FOR": f"10.0.0.{n}"}], ids=["plain", "forged address"]
)
def test_passwords_cannot_be_guessed_for_long(
    demo: dict[str, Actor], quiet: None, disguise: Callable[[int], dict[str, str]]
) -> None:
    cache.clear()
    client = Client()
    answers = [_sign_in(client, "samordnare", f"fel-losenord-{n}", **disguise(n)) for n in range(12)]
    late = _sign_in(client, "samordnare")
    assert late.status_code != 302, "the right password does not help after many wrong ones"
    assert answers[-1].status_code in {200, 422, 429}
    assert Client().get("/inkorg/").status_code == 302


def test_sign_in_tells_nobody_who_has_an_account(demo: dict[str, Actor], quiet: None) -> None:
    cache.clear()
    known = _sign_in(Client(), "samordnare", "fel-losenord").content.decode()
    cache.clear()
    unknown = _sign_in(Client(), "finns.inte", "fel-losenord").content.decode()

    def bare(page: str) -> str:
        return re.sub(r'value="[^"]*"', "", page)

    assert bare(known) == bare(unknown)


def test_without_the_second_step_nothing_is_reached(
    demo: dict[str, Actor], quiet: None, undone: Callable[..., Any], settings: Any
) -> None:
    settings.DEMO = False
    rows = make_rows(demo)
    client = Client()
    client.force_login(Person.objects.get(pk=demo["samordnare"].person_id))
    session = client.session
    session[SEAT] = demo["samordnare"].membership_id
    session.save()
    reached = {}
    for route in routes():
        if route.needs != PUBLIC and not route.pattern.startswith("/konto/"):
            for call in (client.get, client.post):
                answer = undone(lambda: call(rows.address(route)))  # noqa: B023
                if (answer.status_code, answer.get("Location")) != (302, "/konto/2fa/") and answer.status_code != 401:
                    reached[route.pattern] = answer.status_code
    assert reached == {}


def test_behind_a_proxy_one_who_guesses_does_not_lock_out_the_rest(
    demo: dict[str, Actor], quiet: None, settings: Any
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    cache.clear()
    for n in range(100):
        # What the attacker writes in the header itself comes before what the proxy adds.
        _sign_in(Client(), f"finns.inte{n}", "fel-losenord", HTTP_X_FORWARDED_FOR=f"10.9.9.{n}, 192.0.2.66")
    refused = _sign_in(Client(), "samordnare", HTTP_X_FORWARDED_FOR="192.0.2.66")
    assert refused.status_code != 302
    assert _sign_in(Client(), "samordnare", HTTP_X_FORWARDED_FOR="192.0.2.7").status_code == 302
