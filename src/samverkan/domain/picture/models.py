"""Prepared figures per week, views that a person has named, and what was found of measures and patterns."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from samverkan.domain.measures.api import Measure
from samverkan.foundation import clock
from samverkan.foundation.access import Rows, along, exempt
from samverkan.foundation.people.models import Membership, Organisation

from . import policy


class FactSegment(models.Model):
    """The incidents of one week as packed columns (``picture.packing``). Derived; may be emptied at any time."""

    visible = exempt(
        "Counted from incidents; what is told of them is decided by the picture, which hides small counts."
    )

    audited = False

    week = models.SmallIntegerField(primary_key=True, help_text="foundation.weeks index.")
    change = models.BigIntegerField(help_text="The incidents' change that the segment was made from.")
    rows = models.IntegerField()
    packed = models.BinaryField()
    spans = models.BinaryField(
        default=bytes, help_text="Those known as spans: position, start and end (picture.spans)."
    )


class SavedView(models.Model):
    """A filter with a name. The address is what the filter writes, so that it can be sent to others."""

    visible = policy.saved_views
    objects = Rows["SavedView"].as_manager()

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    controller = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    owner = models.ForeignKey(
        Membership, models.CASCADE, related_name="+", verbose_name=pgettext_lazy("recorded field", "Responsible")
    )
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=2000, blank=True, help_text="The query string of the filter.")
    created_at = models.DateTimeField(default=clock.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Saved view")
        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "name"], name="savedview_name_once")]

    def __str__(self) -> str:
        return self.name


class ComparisonChoice(models.Model):
    """What a measure is compared with: proposed by the system (no seat) or chosen by a person. Append only."""

    visible = along("measure", "measures.Measure", needs="picture.exact")
    controlled_through = "measure"
    objects = Rows["ComparisonChoice"].as_manager()

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="comparison_choices")
    number = models.PositiveIntegerField(
        pgettext_lazy("recorded field", "Number"), help_text="1, 2 … for each measure; the highest holds."
    )
    sites = models.JSONField(
        pgettext_lazy("recorded field", "Chosen areas"),
        default=list,
        help_text="Public ids of places, or of areas when the measure has no place.",
    )
    by = models.ForeignKey(Membership, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Choice of comparison areas")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["measure", "number"], name="comparisonchoice_number_once")
        ]


class MeasureEvaluation(models.Model):
    """What could be said of a measure on a day, with everything it rests on. Append only; the latest is shown."""

    visible = along("measure", "measures.Measure", needs="picture.exact")
    controlled_through = "measure"
    objects = Rows["MeasureEvaluation"].as_manager()

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="evaluations")
    comparison = models.ForeignKey(
        ComparisonChoice,
        models.CASCADE,
        related_name="+",
        verbose_name=pgettext_lazy("recorded field", "Comparison areas"),
    )
    made_at = models.DateTimeField(pgettext_lazy("recorded field", "Made"), default=clock.now)
    as_of = models.DateField(
        pgettext_lazy("recorded field", "Judged up to"), help_text="The first day that is not counted."
    )
    prepared_for = models.DateField(
        pgettext_lazy("recorded field", "Prepared for"),
        null=True,
        help_text="The follow-up date it was prepared for by itself.",
    )
    verdict = models.CharField(pgettext_lazy("recorded field", "Verdict"), max_length=20)
    parameters = models.JSONField(pgettext_lazy("recorded field", "Choices of the calculation"))
    result = models.JSONField(pgettext_lazy("recorded field", "Result"))

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Evaluation of a measure")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["measure", "prepared_for"], name="measureevaluation_prepared_once")
        ]
        indexes: ClassVar = [models.Index(fields=["measure", "-id"], name="measureevaluation_latest")]


class Insight(models.Model):
    """A pattern that was looked for once a week, with its parameters and answer. Derived from the incidents."""

    visible = exempt(
        "Counted from incidents; what is told of them is decided by the picture, which hides small counts."
    )

    audited = False

    kind = models.CharField(max_length=20, help_text="hotspots, near_repeat or concentration.")
    week = models.SmallIntegerField(help_text="foundation.weeks index of the last week counted.")
    made_at = models.DateTimeField(default=clock.now)
    parameters = models.JSONField()
    result = models.JSONField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "week"], name="insight_once")]
