"""Pages of places and areas."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from samverkan.foundation.access import Actor, Request
from samverkan.foundation.web import conflict, notices
from samverkan.foundation.web.maps import MapPicture, Mark, PlaceName, Sign
from samverkan.foundation.web.pages import form_page, found, page_of, refusals_at, sent

from . import forms, maps, picker, selectors, services
from .models import Area, Place


@require_GET
def places(request: Request) -> HttpResponse:
    """Named places, searchable; Swedish letters count."""
    form = forms.PlaceFilter(request.GET)
    form.is_valid()
    rows = selectors.places(request.actor, text=form.cleaned_data.get("q") or "")
    page = page_of(request, rows)
    return render(
        request,
        "places/places.html",
        {"filter": form, "page": page, "may_manage": request.actor.may("places.manage")},
    )


@require_GET
def suggestions(request: Request) -> HttpResponse:
    """Places whose names hold what has been typed so far, for the search field of a report."""
    found = selectors.search(request.actor, request.GET.get("q", ""))
    return render(request, "places/suggestions.html", {"found": found})


@require_GET
def picker_map(request: Request) -> HttpResponse:
    """The small map around a point or a named place, drawn anew as one comes closer."""
    return render(request, "places/_map.html", {"map": picker.closer(request.actor, request.GET)})


@require_GET
def areas(request: Request) -> HttpResponse:
    """Areas of every division and edition."""
    form = forms.AreaFilter(request.GET)
    form.is_valid()
    rows = selectors.areas(
        request.actor,
        scheme=form.cleaned_data.get("scheme") or "",
        text=form.cleaned_data.get("q") or "",
    )
    page = page_of(request, rows)
    return render(request, "places/areas.html", {"filter": form, "page": page})


def _picture(key: str, title: str, chosen: Area | None, spots: list[Place], actor: Actor) -> MapPicture | None:
    shapes = maps.drawn(selectors.counted_areas(actor), chosen=chosen.pk if chosen else None)
    if chosen is not None and not any(a.chosen for a in shapes) and chosen.geometry:
        shapes += maps.drawn([chosen], chosen=chosen.pk)
    ground, names, schematic = maps.ground()
    focus = [a for a in shapes if a.chosen] or shapes
    view = maps.viewport(focus if not spots or chosen else [], [(p.x, p.y) for p in spots])
    if view is None:
        return None
    return MapPicture(
        key,
        title,
        title,
        view,
        ground=ground,
        areas=shapes,
        schematic=schematic,
        # A named place is no more than that: the square is for places with recurring problems.
        places=[*names, *(PlaceName(p.x, p.y, p.name) for p in spots)],
        marks=[Mark(p.x, p.y, Sign.PIN, title=p.name) for p in spots],
    )


@require_GET
def area(request: Request, public_id: UUID) -> HttpResponse:
    """One area: its division, edition, classification, and places."""
    actor = request.actor
    row = found(selectors.area, actor, public_id)
    spots = list(selectors.places(actor, area=row)[:200])
    context = {
        "area": row,
        "spots": spots,
        "map": _picture("area", row.name, row, spots, actor) if row.geometry else None,
    }
    return render(request, "places/area.html", context)


@require_http_methods(["GET", "POST"])
def place(request: Request, public_id: UUID) -> HttpResponse:
    """One place; those who may can change it."""
    actor = request.actor
    row = found(selectors.place, actor, public_id)
    form = forms.PlaceForm(sent(request), initial=forms.initial_of(row))
    both = None
    if form.is_valid():
        data = dict(form.cleaned_data)
        version = data.pop("version") or 0
        with refusals_at(form) as met:
            services.change(actor, place=row, version=version, **{**data, "x": float(data["x"]), "y": float(data["y"])})
            notices.done(request, _("The change is saved."))
            return redirect("place", row.public_id)
        if met.conflict:
            row = found(selectors.place, actor, public_id)
            saved = forms.in_words(forms.initial_of(row))
            both = conflict.show_both(form, row, typed=forms.in_words(data), saved=saved)
    context = {
        "place": row,
        "form": form,
        "both": both,
        "may_manage": actor.may("places.manage"),
        "map": _picture("place", row.name, None, [row], actor),
        "picker": picker.picker(actor, form["x"].value(), form["y"].value()) if actor.may("places.manage") else None,
    }
    return form_page(request, "places/place.html", context)


@require_http_methods(["GET", "POST"])
def new_place(request: Request) -> HttpResponse:
    """Add a named place."""
    form = forms.PlaceForm(sent(request))
    del form.fields["valid_to"]
    if form.is_valid():
        data = {k: v for k, v in form.cleaned_data.items() if k != "version"}
        with refusals_at(form):
            stored = services.add(request.actor, **{**data, "x": float(data["x"]), "y": float(data["y"])})
            notices.done(request, _("The place is saved."))
            return redirect("place", stored.public_id)
    context = {"form": form, "picker": picker.picker(request.actor, form["x"].value(), form["y"].value())}
    return form_page(request, "places/place_form.html", context)
