"""Pages of what the picture can tell: did a measure help, and where does it gather."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samverkan.domain.measures import api as measures
from samverkan.domain.measures.api import Measure
from samverkan.foundation.access import Request
from samverkan.foundation.web import notices
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.web.forms import offer
from samverkan.foundation.web.pages import form_page, found, refusals_at, sent

from ..asking import ask
from ..filters import Filter
from ..presentation import Page
from . import figures, patterns_shown, selectors, services, sites, words


def _measure(request: Request, public_id: UUID) -> Measure:
    return found(measures.measure, request.actor, public_id)


class ComparisonForm(forms.Form):
    """What to compare with. ``number`` is the choice that the person saw."""

    number = forms.IntegerField(widget=forms.HiddenInput)
    places = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, required=False)

    def __init__(self, *args: Any, offers: list[selectors.Offer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["places"].label = _("Compare with")
        self.fields["places"].help_text = _(
            "Choose places that have had the same conditions but no measure. Choose before you look at the figures."
        )
        offer(self, "places", [(o.key, _words(o)) for o in offers])


def _words(offer: selectors.Offer) -> str:
    values = {"name": offer.name, "n": offer.level}
    if offer.busy:
        return (
            _("%(name)s, %(n)s reports in the two years before. Another measure against the same has begun there.")
            % values
        )
    return _("%(name)s, %(n)s reports in the two years before") % values


@require_http_methods(["GET", "POST"])
def did_it_help(request: Request, public_id: UUID) -> HttpResponse:
    """Before and after, beside comparison places that a person can choose."""
    row = _measure(request, public_id)
    judged = selectors.judged(request.actor, row)
    number = judged.choice.number if judged.choice else 0
    initial = {"number": number, "places": [o.key for o in judged.offers if o.chosen]}
    form = ComparisonForm(sent(request), offers=judged.offers, initial=initial)
    if form.is_valid():
        data = form.cleaned_data
        with refusals_at(form):
            services.choose(request.actor, measure=row, number=data["number"], keys=data["places"])
            notices.done(
                request,
                _("The comparison is changed and counted anew."),
                undo=reverse("measure_evaluation_undo", args=[row.public_id]),
            )
            return redirect("measure_evaluation", row.public_id)
    return form_page(request, "picture/insight/did_it_help.html", _context(judged) | {"form": form})


def _context(found: selectors.Judged) -> dict[str, Any]:
    row, result = found.measure, found.result
    context: dict[str, Any] = {
        "measure": row,
        "stored": found.stored,
        "choice": found.choice,
        "result": result,
        "categories": found.categories,
        "answer": words.answer(result, row),
    }
    if result is None or not result["weeks"]:
        return context
    metres = round(result["ground"]["reach"] or sites.BUFFER_METRES)
    here = result["rows"][0]["name"] or row.title
    return context | {
        "how_much": words.how_much(result),
        "before": words.span(result["first"], result["start"]),
        "after": words.span(result["start"], result["end"]),
        "moved": words.moved(result, metres),
        "unknowns": words.unknowns(result),
        "series": figures.series(result, _("The measure begins")),
        "interval": figures.interval(result),
        "table": figures.table(result, here, metres),
        "map": figures.drawn(result, here),
        "metres": metres,
    }


@require_POST
def judge_anew(request: Request, public_id: UUID) -> HttpResponse:
    """Count with what is known today."""
    row = _measure(request, public_id)
    try:
        services.judge(request.actor, measure=row)
    except Refusal as refusal:
        notices.warn(request, refusal.message)
    else:
        notices.done(request, _("Counted anew with what is known today."))
    return redirect("measure_evaluation", row.public_id)


@require_POST
def undo_choice(request: Request, public_id: UUID) -> HttpResponse:
    """Go back to the comparison before the last choice."""
    row = _measure(request, public_id)
    try:
        services.undo_choice(request.actor, measure=row)
    except Refusal as refusal:
        notices.warn(request, refusal.message)
    else:
        notices.done(request, _("The change is undone."))
    return redirect("measure_evaluation", row.public_id)


@require_GET
def patterns(request: Request) -> HttpResponse:
    """Places with many reports, concentration and repetition nearby, as last looked for."""
    page = patterns_shown.Page(selectors.insights(request.actor))
    hours = Page(ask(request.actor, Filter().over(*page.weeks))) if page.weeks else None
    return render(request, "picture/insight/patterns.html", {"page": page, "hours": hours})
