"""What the week says on the start page of those who follow the work."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from samverkan.foundation.access import Actor
from samverkan.foundation.registries import Told
from samverkan.foundation.text import shortened
from samverkan.foundation.web.dates import near_words
from samverkan.foundation.weeks import Week

from ..models import Edition
from ..templatetags.est import compared
from . import content, selectors


def tell(actor: Actor) -> list[Told]:
    """The latest locked week as the actor may see it, and what it put first and decided."""
    if not actor.may("est.released"):
        return []
    edition = selectors.latest_editions(actor).first()
    if edition is None:
        return [Told(_("No week is locked yet."), reverse("est_editions"))]
    week = Week.from_index(edition.week.first)
    shown = content.for_actor(actor, content.kept(Edition.objects.visible_to(actor).get(pk=edition.pk).content))
    url, language = reverse("est_edition", args=[str(week)]), get_language() or "sv"
    text = _("Week %(week)s") % {"week": week.number}
    if shown.figures.shown and shown.figures.total is not None:
        reports = ngettext("%(n)s report", "%(n)s reports", shown.figures.total) % {"n": shown.figures.total}
        verdict = shown.figures.verdict
        text += f": {reports}" + (f", {compared(verdict)}" if verdict != "unknown" else "")
    locked = _("Locked %(when)s.") % {"when": near_words(edition.frozen_at, language)}
    told = [Told(text, url, " ".join([locked, shortened(shown.judgement, 200)]).strip())]
    told += [Told(_("Put first: %(where)s") % {"where": p.where}, url, shortened(p.why, 200)) for p in shown.priorities]
    told += [Told(_("Decided: %(what)s") % {"what": shortened(d.text, 120)}, url, d.who or "") for d in shown.decisions]
    return told
