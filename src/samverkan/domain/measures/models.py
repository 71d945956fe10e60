"""Problems with their causes, and the measures that act on them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samverkan.domain.places.api import Area, Place
from samverkan.foundation import clock
from samverkan.foundation.access import Rows, along, by
from samverkan.foundation.people.models import Membership, Organisation
from samverkan.foundation.postgres.roles import APPEND_ONLY

from . import policy


class Perspective(models.TextChoices):
    """Where a cause lies (Brå's samverkanshandbok)."""

    SITUATION = "situation", _("The place and the situation")
    VICTIMISATION = "victimisation", _("Those who are exposed")
    OFFENDER = "offender", _("Those who cause it")


class MeasureType(models.TextChoices):
    SITUATIONAL = "situational", _("Situational")
    SOCIAL = "social", _("Social")


class Status(models.TextChoices):
    PLANNED = "planned", _("Planned")
    ONGOING = "ongoing", _("Ongoing")
    DONE = "done", _("Carried out")
    CHECKED = "checked", _("Effect assessed")
    STOPPED = "stopped", _("Stopped")


class Problem(models.Model):
    """Something that recurs and is worth acting on: what, where and why it arises."""

    visible = by("measures.view_all")
    objects = Rows["Problem"].as_manager()

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    controller = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    title = models.CharField(pgettext_lazy("recorded field", "Heading"), max_length=200)
    description = models.TextField(pgettext_lazy("recorded field", "Description"), blank=True)
    category_codes = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        verbose_name=pgettext_lazy("recorded field", "Kinds of events"),
    )
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    closed_on = models.DateField(pgettext_lazy("recorded field", "Closed"), null=True, blank=True)
    is_invented = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Problem")

    def __str__(self) -> str:
        return self.title


class Cause(models.Model):
    """Why a problem arises, from one perspective."""

    visible = policy.causes
    controlled_through = "problem"
    objects = Rows["Cause"].as_manager()

    problem = models.ForeignKey(Problem, models.CASCADE, related_name="causes")
    perspective = models.CharField(
        pgettext_lazy("recorded field", "Perspective"),
        max_length=20,
        choices=Perspective,
        default=Perspective.SITUATION,
    )
    text = models.CharField(pgettext_lazy("recorded field", "Text"), max_length=500)
    order = models.PositiveSmallIntegerField(pgettext_lazy("recorded field", "Place in the list"), default=0)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Cause")
        ordering: ClassVar = ["order", "pk"]


class Measure(models.Model):
    """What is done, by whom, by when, and why. The same record serves the week and the action plan."""

    visible = policy.measures
    objects = Rows["Measure"].as_manager()

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    controller = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    problem = models.ForeignKey(Problem, models.PROTECT, null=True, blank=True, related_name="measures")
    causes = models.ManyToManyField(
        Cause,
        blank=True,
        related_name="measures",
        verbose_name=pgettext_lazy("recorded rows", "Cause that a measure acts on"),
    )
    title = models.CharField(pgettext_lazy("recorded field", "Heading"), max_length=200)
    why = models.TextField(pgettext_lazy("recorded field", "Why"), help_text="What it is expected to change.")
    type = models.CharField(max_length=12, choices=MeasureType, default=MeasureType.SITUATIONAL)
    owner = models.ForeignKey(
        Membership,
        models.PROTECT,
        related_name="measures",
        help_text="The one responsible.",
        verbose_name=pgettext_lazy("recorded field", "Responsible"),
    )
    category_codes = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        verbose_name=pgettext_lazy("recorded field", "Kinds of events"),
    )
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="measures")
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="measures")
    x = models.FloatField(pgettext_lazy("recorded field", "Position east"), null=True, blank=True)
    y = models.FloatField(pgettext_lazy("recorded field", "Position north"), null=True, blank=True)
    radius_m = models.PositiveIntegerField(pgettext_lazy("recorded field", "Radius in metres"), null=True, blank=True)
    starts_on = models.DateField(pgettext_lazy("recorded field", "First day"), null=True, blank=True)
    ends_on = models.DateField(
        pgettext_lazy("recorded field", "Last day"), null=True, blank=True, help_text="Last day it goes on."
    )
    due_on = models.DateField(
        pgettext_lazy("recorded field", "To be done by"), help_text="When it is to be carried out."
    )
    follow_up_on = models.DateField(
        pgettext_lazy("recorded field", "Follow up"), null=True, blank=True, help_text="When its effect is assessed."
    )
    status = models.CharField(
        pgettext_lazy("recorded field", "Status"), max_length=10, choices=Status, default=Status.PLANNED
    )
    effect = models.TextField(
        pgettext_lazy("recorded field", "Effect"), blank=True, help_text="What was seen of its effect."
    )
    decided_in_week = models.SmallIntegerField(
        pgettext_lazy("recorded field", "Decided in week"), null=True, blank=True, help_text="foundation.weeks index."
    )
    created_at = models.DateTimeField(default=clock.now)
    is_invented = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Measure")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="measure_span",
            ),
            models.CheckConstraint(
                condition=Q(x__isnull=True, y__isnull=True) | Q(x__isnull=False, y__isnull=False), name="measure_point"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "due_on"], name="measure_due")]

    def __str__(self) -> str:
        return self.title

    @property
    def judged_on(self) -> list[str]:
        """Codes of the kinds of events that its effect is judged on: its own, else its problem's. None: all kinds."""
        return list(self.category_codes or (self.problem.category_codes if self.problem else ()))


class CooperatingActor(models.Model):
    """Another organisation that takes part, and with what."""

    visible = along("measure", "measures.Measure")
    controlled_through = "measure"
    objects = Rows["CooperatingActor"].as_manager()

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="actors")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    contribution = models.CharField(pgettext_lazy("recorded field", "Contribution"), max_length=300, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Party that cooperates in a measure")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["measure", "organisation"], name="cooperatingactor_once")
        ]


class StatusChange(models.Model):
    """A step in a measure's life. Append only."""

    visible = along("measure", "measures.Measure")
    controlled_through = "measure"
    objects = Rows["StatusChange"].as_manager()

    grants = APPEND_ONLY

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="changes")
    before = models.CharField(pgettext_lazy("recorded field", "Before"), max_length=10, choices=Status, blank=True)
    after = models.CharField(pgettext_lazy("recorded field", "After"), max_length=10, choices=Status)
    note = models.TextField(pgettext_lazy("recorded field", "Note"), blank=True)
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(Membership, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Step of a measure")
