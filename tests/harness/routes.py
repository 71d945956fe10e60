"""Every address of the site, and one row of each kind to fill its parameters with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from samverkan.foundation.access import Actor, needs_of
from samverkan.foundation.people.services import home
from samverkan.foundation.weeks import Week
from tests.harness.contract import contracts


@dataclass(frozen=True)
class Route:
    """One declared address: its pattern as a whole, its name for ``reverse`` and what it needs."""

    pattern: str
    name: str
    needs: str | None
    parameters: tuple[str, ...]


def routes() -> list[Route]:
    """All of them, sorted, each once."""
    found = {route.pattern: route for route in _walk(get_resolver(), "", "", ())}
    return [found[pattern] for pattern in sorted(found)]


def _walk(resolver: URLResolver, prefix: str, space: str, inherited: tuple[str, ...]) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        parameters = (*inherited, *entry.pattern.converters, *getattr(entry.pattern.regex, "groupindex", {}))
        parameters = tuple(dict.fromkeys(parameters))
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _walk(entry, pattern, inner, parameters)
        elif isinstance(entry, URLPattern):
            yield Route("/" + pattern, f"{space}{entry.name or ''}", needs_of(entry.callback), parameters)


@dataclass
class Rows:
    """Values of the addresses' parameters: by the address' name, else by how its pattern begins."""

    by_name: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_beginning: dict[str, dict[str, Any]] = field(default_factory=dict)

    def values(self, route: Route) -> dict[str, Any] | None:
        """What fills the parameters, or None when nobody said."""
        if not route.parameters:
            return {}
        found = self.by_name.get(route.name)
        if found is None:
            beginnings = [b for b in self.by_beginning if route.pattern.startswith(b)]
            found = self.by_beginning[max(beginnings, key=len)] if beginnings else {}
        return found if set(found) == set(route.parameters) else None

    def address(self, route: Route) -> str:
        """The address with a row's identity in it."""
        return reverse(route.name, kwargs=self.values(route))


def make_rows(cast: dict[str, Actor]) -> Rows:
    """One row of each kind in the demonstration, for every address with a parameter."""
    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str
    from allauth.mfa.models import Authenticator
    from django.core.files.uploadedfile import SimpleUploadedFile

    from samverkan.domain.est.models import AlarmRun, Decision, Edition, EstWeek, Report, Reporter, ReportState
    from samverkan.domain.est.week import cycles
    from samverkan.domain.est.week import services as week_services
    from samverkan.domain.incidents.api import Category, Incident
    from samverkan.domain.incidents.models import ImportRun
    from samverkan.domain.measures.api import Measure, Problem
    from samverkan.domain.picture import services as picture_services
    from samverkan.domain.places.api import Area, Place
    from samverkan.foundation import clock, files, notify
    from samverkan.foundation.people import invitations
    from samverkan.foundation.people.models import Membership, Organisation, Person
    from samverkan.foundation.refs import Ref

    lead = cast["samordnare"]
    person = Person.objects.get(pk=cast["skola"].person_id)
    seat = Membership.objects.get(pk=cast["skola"].membership_id)
    invitation = invitations.invite(
        lead,
        email="ny@exempel.test",
        organisation=Organisation.objects.get(name="Kfast"),
        role="est_reporter",
        function="Rapportör",
    )
    edition = Edition.objects.select_related("week").order_by("-pk")[0]
    locked = str(Week.from_index(edition.week.first))
    present = cycles.reported_week()
    row = EstWeek.objects.get(first=present.index)
    place = Place.objects.order_by("pk")[0]
    AlarmRun.objects.get_or_create(
        week=present.index, defaults={"controller": home(), "enough": True, "result": _one_pattern(present)}
    )
    priority = week_services.put_first(lead, week=row, place=place, why="För provet.")
    decision = week_services.decide(lead, week=row, text="För provet")
    left = Decision.objects.filter(week=edition.week, measure=None)[0]
    view = picture_services.save_view(lead, name="För provet", address="")
    _gone, token = picture_services.remove_view(
        lead, public_id=picture_services.save_view(lead, name="Borttagen", address="").public_id
    )
    key = Authenticator.objects.create(user_id=cast["direktor"].person_id, type="webauthn", data=_passkey())
    ref = Ref("est_edition", edition.public_id)
    notify.notify(membership_ids=[lead.membership_id], ref=ref, template="est.released", data={"week": 46})
    from samverkan.foundation.notify.models import Notice

    notice = Notice.objects.order_by("-pk")[0]
    paper = files.attach(
        lead, ref=ref, upload=SimpleUploadedFile("papper.pdf", _SMALL_PDF, "application/pdf"), kind="document"
    )
    report = Report.objects.filter(organisation_id=cast["hyresvard"].organisation_id, state=ReportState.SUBMITTED)[0]
    reporter = Reporter.objects.filter(membership_id=cast["skola"].membership_id)[0]
    run = ImportRun.objects.create(
        controller=home(), ended_at=clock.now(), rejects=b"rad;skal\n", counts={"read": 1, "rejected": 1}
    )
    in_week = {"week": str(present)}

    def public(thing: Any) -> dict[str, Any]:
        return {"public_id": thing.public_id}

    return Rows(
        by_name={
            "account_confirm_email": {"key": "ingen"},
            "account_reset_password_from_key": {
                "uidb36": user_pk_to_url_str(person),
                "key": default_token_generator.make_token(person),
            },
            "mfa_remove_webauthn": {"pk": key.pk},
            "mfa_edit_webauthn": {"pk": key.pk},
            "invitation": {"token": invitations.token_of(invitation)},
            "demo_sign_in": public(person),
            "inbox_open": public(notice),
            "file": public(paper),
            "style_week": in_week,
            "picture_incident": public(Incident.objects.order_by("-started_at")[0]),
            "incident_words": public(Incident.objects.order_by("-started_at")[0]),
            "incident_correct": public(Incident.objects.filter(source__kind="partners").order_by("-started_at")[0]),
            **dict.fromkeys(
                ("incident_end", "incident_reopen"),
                public(Incident.objects.filter(kind="development", ended_at=None).order_by("-started_at")[0]),
            ),
            "picture_export": {"form": "csv"},
            "picture_view_remove": public(view),
            "picture_view_restore": {"token": token},
            "category": {"code": Category.objects.filter(main__isnull=False).order_by("pk")[0].code},
            "est_pattern": {**in_week, "number": 1},
            "est_plan_against": {**in_week, "number": 1},
            "est_drop_priority": {**in_week, "public_id": priority.public_id},
            "est_drop_decision": {**in_week, "public_id": decision.public_id},
            "est_tick_decision": public(left),
            "est_untick_decision": public(left),
            "est_edition": {"week": locked},
            "est_edition_number": {"week": locked, "number": edition.number},
            "est_edition_file": {"week": locked, "number": edition.number, "form": "html"},
        },
        by_beginning={
            "/personer/<uuid:public_id>/": public(person),
            "/personer/poster/": public(seat),
            "/personer/organisationer/": public(seat.organisation),
            "/personer/inbjudningar/": public(invitation),
            "/installningar/": {"key": "est.cycle_weeks"},
            "/platser/": public(place),
            "/omraden/": public(Area.objects.order_by("pk")[0]),
            "/atgarder/": public(Measure.objects.order_by("pk")[0]),
            "/problem/": public(Problem.objects.order_by("pk")[0]),
            "/import/": public(run),
            "/veckan/": {"week": str(present)},
            # A report that waits for review: the private landlord's, whom the matrix has a column for.
            "/rapportera/": public(report),
            "/rapportera/at/": {"seat": seat.public_id},
            "/mina-rapporter/": public(report),
            "/granska/": public(report),
            "/rapportorer/": public(reporter),
            "/rapportorer/inget/": {"seat": seat.public_id},
            **{beginning: filled for room in contracts() for beginning, filled in room.addresses().items()},
        },
    )


def _one_pattern(last: Week) -> dict[str, Any]:
    """What the search for what is starting answers when it finds one pattern, at a place that has a problem."""
    from samverkan.domain.places.api import Place

    spot = Place.objects.get(name="Bryggtorget")
    end = (last.sunday - date(1970, 1, 1)).days
    cluster = {
        "centre": [spot.x, spot.y],
        "radius_m": 300.0,
        "start": end - 9,
        "end": end,
        "observed": 6,
        "expected": 1.5,
        "p_value": 0.001,
        "recurrence_weeks": 60.0,
        "step": 3,
        "where": spot.name,
        "category_ids": [],
        "new_count": 4,
        "is_new": False,
    }
    method = {"replicates": 999, "seed": 1, "events": 100, "places": 9, "first_day": "2025-11-23"}
    return {"clusters": [cluster], "notes": [], **method, "last_day": str(last.sunday)}


def _passkey() -> dict[str, Any]:
    """A key as the library stores it, for pages that offer to sign in with it."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from fido2.cose import ES256
    from fido2.utils import websafe_encode
    from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

    identity, flags = b"nyckel", AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    credential = AttestedCredentialData.create(bytes(16), identity, public)
    made = AttestationObject.create("none", AuthenticatorData.create(bytes(32), flags, 0, credential), {})
    asked = CollectedClientData.create("webauthn.create", b"", "https://exempel.test")
    response = {"clientDataJSON": websafe_encode(asked), "attestationObject": websafe_encode(made)}
    name = websafe_encode(identity)
    return {
        "name": "Nyckel",
        "credential": {"id": name, "rawId": name, "type": "public-key", "response": response},
    }


_SMALL_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 10 10]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
