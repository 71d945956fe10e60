"""The pages of the picture: parse, ask once, show."""

from __future__ import annotations

from uuid import UUID

from django.db.models.expressions import Combinable
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from samverkan.domain.incidents.api import is_own, lasts
from samverkan.foundation import clock
from samverkan.foundation.access import Actor, Request
from samverkan.foundation.postgres.functions import SvSort
from samverkan.foundation.web import notices
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.web.maps import to_geojson
from samverkan.foundation.web.pages import attachment, form_page, found, page_of
from samverkan.foundation.weeks import Week

from . import exports, filters, history, presentation, selectors, services, suppression
from .answer import Picture
from .asking import as_partner, ask, ask_one_by_one
from .forms import PictureFilter
from .insight import patterns_shown
from .insight import selectors as insight_selectors

_SORTS: dict[str, tuple[str | Combinable, ...]] = {
    "tid": ("started_at", "pk"),
    "-tid": ("-started_at", "-pk"),
    "rubrik": (SvSort("title"), "pk"),
    "-rubrik": (SvSort("title").desc(), "-pk"),
    "kategori": (SvSort("category__name_sv"), "-started_at", "-pk"),
    "-kategori": (SvSort("category__name_sv").desc(), "-started_at", "-pk"),
    "omrade": (SvSort("area__name"), "-started_at", "-pk"),
    "-omrade": (SvSort("area__name").desc(), "-started_at", "-pk"),
}


def _viewer(request: Request) -> Actor:
    """Who the picture is for: the actor, or a partner when the actor asks how it looks to one."""
    actor = request.actor
    return as_partner(actor) if request.GET.get("som") == "partner" else actor


@require_GET
def picture(request: Request) -> HttpResponse:
    """The whole picture for one filter."""
    asked = ask(_viewer(request), request.GET, nearest=True)
    page = presentation.Page(asked)
    query = asked.filter.query()
    viewed_as_partner = asked.actor != request.actor
    suffix = "&som=partner" if viewed_as_partner else ""
    sort = request.GET.get("sortera", "-antal")
    return form_page(
        request,
        "picture/picture.html",
        {
            "page": page,
            "summary": page.summary,
            "notes": asked.notes,
            "form": PictureFilter(asked, request.GET, partner=viewed_as_partner),
            "query": query,
            "area_rows": page.area_rows(sort),
            "categories": page.bars("category", _("By category"), _("Category")),
            "sources": page.bars("source", _("By source"), _("Source")),
            "map_data": f"{reverse('picture_map')}?{query}{suffix}",
            "formats": [] if viewed_as_partner else _formats(query),
            "views": selectors.saved_views(asked.actor)[:12],
            "may_list": asked.actor.may("incidents.view"),
            "viewed_as_partner": viewed_as_partner,
            "may_view_as_partner": asked.exact,
            "period_weeks": suppression.PERIOD_WEEKS,
            "patterns": _patterns(asked),
        },
    )


def _patterns(asked: Picture) -> patterns_shown.Page | None:
    """What was found of the year's patterns, for who sees every count."""
    return patterns_shown.Page(insight_selectors.insights(asked.actor)) if asked.exact else None


def _formats(query: str) -> list[tuple[str, str]]:
    names = {"csv": "CSV", "xlsx": "Excel", "geojson": "GeoJSON", "gpkg": "GeoPackage"}
    return [(names[form], f"{reverse('picture_export', args=[form])}?{query}") for form in exports.FORMATS]


@require_GET
def map_data(request: Request) -> JsonResponse:
    """The map's layers for the map that can be moved."""
    drawn = presentation.Page(ask(_viewer(request), request.GET)).ringed
    if drawn is None:
        return JsonResponse({"type": "FeatureCollection", "features": []}, content_type="application/geo+json")
    return JsonResponse(to_geojson(drawn, presentation.to_lonlat), content_type="application/geo+json")


@require_GET
def incident_list(request: Request) -> HttpResponse:
    """The incidents of a filter one by one, for who may read them; else those of one's own organisation."""
    actor = request.actor
    asked = ask_one_by_one(actor, request.GET)
    order = _SORTS.get(request.GET.get("sortera", ""), _SORTS["-tid"])
    form = PictureFilter(asked, request.GET)
    query = asked.filter.query()
    return form_page(
        request,
        "picture/list.html",
        {
            "form": form,
            "filter": form,
            "page": page_of(request, asked.rows.order_by(*order)),
            "query": query,
            "own_only": not actor.may("incidents.view"),
            "formats": [(name, f"{address}&innehall=handelser") for name, address in _formats(query)]
            if actor.may("incidents.view")
            else [],
        },
    )


@require_GET
def incident(request: Request, public_id: UUID) -> HttpResponse:
    """One incident: what is known, how surely, and what it said before."""
    row = found(selectors.incident, request.actor, public_id)
    return render(
        request,
        "picture/incident.html",
        {
            "incident": row,
            "certainty": history.certainty(row),
            "when": history.when(row),
            "versions": history.versions(row),
            "map": history.small_map(row, presentation.ground_layers()),
            "may_edit": request.actor.may("incidents.edit"),
            "is_own": is_own(row),
            "can_end": lasts(row) and row.ended_at is None,
            "can_reopen": lasts(row) and row.ended_at is not None,
        },
    )


@require_GET
def export(request: Request, form: str) -> HttpResponse:
    """The picture, or its incidents, as a file."""
    if form not in exports.FORMATS:
        raise Http404
    actor = request.actor
    one_by_one = request.GET.get("innehall") == "handelser"
    if one_by_one and not actor.may("incidents.view"):
        raise Http404
    content = exports.content_of(ask(actor, request.GET), incidents=one_by_one)
    name = "handelser" if one_by_one else "lagesbild"
    file = f"{name}-{clock.today().isoformat()}.{form}"
    return attachment(file, exports.write(content, form), exports.FORMATS[form])


def saved_views(request: Request) -> HttpResponse:
    """One's own named views; posted to, names the filter given."""
    actor = request.actor
    name, query = request.POST.get("name", ""), request.POST.get("query", request.GET.urlencode())
    error = ""
    if request.method == "POST":
        try:
            view = services.save_view(actor, name=name, address=query, follows="follows" in request.POST)
        except Refusal as refusal:
            error = refusal.message
        else:
            notices.done(request, _("The view “%(name)s” is saved.") % {"name": view.name})
            return redirect(f"{reverse('picture')}?{view.address}")
    # A page that was opened to name a view shows which; the list's own address names none.
    asked = filters.parse(QueryDict(query))
    query = asked.query()
    return form_page(
        request,
        "picture/views.html",
        {
            "views": selectors.saved_views(actor),
            "query": query,
            "span": asked.span,
            "follows": "follows" in request.POST
            if request.method == "POST"
            else asked.last_week == Week.current().plus(-1),
            "name": name,
            "error": error,
            "has_errors": bool(error),
        },
    )


@require_POST
def remove_view(request: Request, public_id: UUID) -> HttpResponse:
    """Take a view's name away; it can be brought back from the message."""
    view, token = services.remove_view(request.actor, public_id=public_id)
    notices.done(
        request,
        _("The view “%(name)s” is removed.") % {"name": view.name},
        undo=reverse("picture_view_restore", args=[token]),
    )
    return redirect("picture_views")


@require_POST
def restore_view(request: Request, token: str) -> HttpResponse:
    """Bring a removed view back."""
    view = services.restore_view(request.actor, token=token)
    notices.done(request, _("The view “%(name)s” is back.") % {"name": view.name})
    return redirect("picture_views")
