"""What the insights tell the rest of the house at start."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy

from samverkan.domain.measures import api as measures
from samverkan.foundation import notify, refs, registries
from samverkan.foundation.access import Actor

from . import tasks  # noqa: F401 (jobs are declared when imported)


def _evaluation(actor: Actor, public_id: UUID) -> refs.Linked | None:
    """The evaluation for who may see it, else the measure itself."""
    if not actor.may("measures.view"):
        return None
    found = measures.measures(actor).filter(public_id=public_id).first()
    if found is None:
        return None
    page = "measure_evaluation" if actor.may("picture.exact") else "measure"
    return refs.Linked(found.title, reverse(page, args=[found.public_id]))


def _about(actor: Actor, ids: list[UUID]) -> dict[UUID, str]:
    """Title and place of the measures that the actor may see."""
    if not actor.may("measures.view"):
        return {}
    found = measures.measures(actor).filter(public_id__in=ids)
    return {
        m.public_id: ", ".join(filter(None, (m.title, m.place.name if m.place else m.area.name if m.area else "")))
        for m in found
    }


def _panel(actor: Actor, measure: Any) -> dict[str, Any] | None:
    """The latest verdict on the measure's own page."""
    if not actor.may("picture.exact") or measure.starts_on is None:
        return None
    if not (measure.area_id or measure.place_id or measure.x is not None):
        return None
    from . import selectors, words

    stored = selectors.latest(actor, measure)
    return {
        "measure": measure,
        "stored": stored,
        "answer": words.answer(stored.result, measure) if stored else "",
        "how_much": words.how_much(stored.result) if stored else "",
    }


def _demo(context: Any) -> None:
    from . import demo

    demo.load(context)


def ready() -> None:
    """Fill the registries."""
    measures.panels.add("did_it_help", 10, "picture/insight/_panel.html", _panel)
    refs.register("measure_evaluation", _evaluation, _about)
    notify.templates.register(
        "picture.measure_judged",
        gettext_lazy("A measure is ready to be followed up"),
        gettext_lazy("The comparison before and after is prepared. Read it and note what was seen of the effect."),
    )
    registries.demo_loaders.add(50, "insights", _demo)
