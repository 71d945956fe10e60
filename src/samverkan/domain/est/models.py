"""The week: who reports, what they saw, the picture put together, decided and locked."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samverkan.domain.incidents.api import Category, Incident, Kind, Observation, TimePrecision, Trend
from samverkan.domain.measures.api import Measure, Problem
from samverkan.domain.places.api import Area, Place
from samverkan.foundation import clock
from samverkan.foundation.access import Rows, along, by
from samverkan.foundation.editions.models import Sealed
from samverkan.foundation.people.models import Membership, Organisation
from samverkan.foundation.postgres.roles import APPEND_ONLY
from samverkan.foundation.weeks import Week

from . import policy


class WeekState(models.TextChoices):
    OPEN = "open", _("In progress")
    MEETING = "meeting", _("Meeting in progress")
    FROZEN = "frozen", _("Locked")


class EstWeek(models.Model):
    """One cycle of EST: usually a week, named by its first ISO week. Stored when something is first done with it."""

    visible = policy.weeks
    objects = Rows["EstWeek"].as_manager()

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    controller = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    first = models.SmallIntegerField(
        pgettext_lazy("recorded field", "First week"),
        unique=True,
        help_text="foundation.weeks index of the first week.",
    )
    weeks = models.PositiveSmallIntegerField(pgettext_lazy("recorded field", "Number of weeks"), default=1)
    state = models.CharField(
        pgettext_lazy("recorded field", "State"), max_length=8, choices=WeekState, default=WeekState.OPEN
    )
    judgement = models.TextField(
        pgettext_lazy("recorded field", "Joint assessment"), blank=True, help_text="The coordinator's joint assessment."
    )
    meeting_at = models.DateTimeField(pgettext_lazy("recorded field", "Time of the meeting"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Week")

    @property
    def first_week(self) -> Week:
        return Week.from_index(self.first)

    @property
    def last_week(self) -> Week:
        return Week.from_index(self.first + self.weeks - 1)


class Reporter(models.Model):
    """A seat that is expected to report every cycle, from a date until (not including) another."""

    visible = policy.duties
    controlled_through = "membership__organisation"
    objects = Rows["Reporter"].as_manager()

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="reporter_duties")
    group = models.CharField(
        pgettext_lazy("recorded field", "Group"),
        max_length=60,
        help_text="How it is grouped: schools, housing companies …",
    )
    from_on = models.DateField(default=clock.today)
    until_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Reporter")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["membership"], condition=Q(until_on__isnull=True), name="reporter_open_once"
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gt=F("from_on")), name="reporter_span"
            ),
        ]


class ReportState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    SENT_BACK = "sent_back", _("Sent back")
    REVIEWED = "reviewed", _("Reviewed")
    IN_WEEK = "in_week", _("In the week")
    CLOSED = "closed", _("Closed")


class Channel(models.TextChoices):
    OWN = "own", _("Reported in Samverkan")
    CALL = "call", _("Telephone call")
    EMAIL = "email", _("E-mail")


class Report(models.Model):
    """What a partner saw, as it was written. Becomes an incident when it has been reviewed.

    ``text`` holds the raw words only until the review; what is taken out is then gone.
    """

    visible = policy.reports
    objects = Rows["Report"].as_manager()

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    controller = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", help_text="Of the reporting organisation."
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="reports")
    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="reports", help_text="The one who reported."
    )
    entered_by = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who wrote it in for them.",
        verbose_name=pgettext_lazy("recorded field", "Written in by"),
    )
    channel = models.CharField(
        pgettext_lazy("recorded field", "How it was told"), max_length=8, choices=Channel, default=Channel.OWN
    )
    week = models.SmallIntegerField(
        pgettext_lazy("recorded field", "Week"),
        help_text="foundation.weeks index of the cycle's first week it belongs to.",
    )
    state = models.CharField(
        pgettext_lazy("recorded field", "State"), max_length=10, choices=ReportState, default=ReportState.SUBMITTED
    )
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.EVENT)
    category = models.ForeignKey(Category, models.PROTECT, related_name="+")
    text = models.TextField(pgettext_lazy("recorded field", "Text"), blank=True)
    trend = models.CharField(
        pgettext_lazy("recorded field", "Compared with before"), max_length=10, choices=Trend, default=Trend.NEW
    )
    observation = models.CharField(
        pgettext_lazy("recorded field", "How it is known"),
        max_length=12,
        choices=Observation,
        default=Observation.OBSERVED,
    )
    seriousness = models.PositiveSmallIntegerField(
        pgettext_lazy("recorded field", "Seriousness"), null=True, blank=True
    )
    started_at = models.DateTimeField(pgettext_lazy("recorded field", "Start"))
    ended_at = models.DateTimeField(pgettext_lazy("recorded field", "End"), null=True, blank=True)
    time_precision = models.CharField(
        pgettext_lazy("recorded field", "How surely the time is known"),
        max_length=8,
        choices=TimePrecision,
        default=TimePrecision.MINUTE,
    )
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    x = models.FloatField(pgettext_lazy("recorded field", "Position east"), null=True, blank=True)
    y = models.FloatField(pgettext_lazy("recorded field", "Position north"), null=True, blank=True)
    radius_m = models.PositiveIntegerField(pgettext_lazy("recorded field", "Radius in metres"), null=True, blank=True)
    development = models.ForeignKey(
        Incident,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("recorded field", "Belongs to the development"),
    )
    incident = models.ForeignKey(Incident, models.SET_NULL, null=True, blank=True, related_name="reports")
    submitted_at = models.DateTimeField(pgettext_lazy("recorded field", "Sent in"), null=True, blank=True)
    reviewed_at = models.DateTimeField(pgettext_lazy("recorded field", "Reviewed"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("recorded field", "Reviewed by"),
    )
    sent_back_because = models.CharField(
        pgettext_lazy("recorded field", "Why it was sent back"), max_length=500, blank=True
    )
    answer = models.CharField(
        pgettext_lazy("recorded field", "Answer"),
        max_length=500,
        blank=True,
        help_text="What became of it, told to the one who reported.",
    )
    created_at = models.DateTimeField(default=clock.now)
    is_invented = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Report")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(x__isnull=True, y__isnull=True) | Q(x__isnull=False, y__isnull=False), name="report_point"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="report_span"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "week"], name="report_state")]


class NothingToReport(models.Model):
    """The seat has answered: nothing to report this cycle. Distinct from silence."""

    visible = policy.duties
    controlled_through = "membership__organisation"
    objects = Rows["NothingToReport"].as_manager()

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    week = models.SmallIntegerField(pgettext_lazy("recorded field", "Week"))
    at = models.DateTimeField(default=clock.now)
    entered_by = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("recorded field", "Written in by"),
    )

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Nothing to report")
        constraints: ClassVar = [models.UniqueConstraint(fields=["membership", "week"], name="nothing_once")]


class Reminder(models.Model):
    """A reminder sent to a seat, or to its substitute."""

    visible = policy.duties
    controlled_through = "membership__organisation"
    objects = Rows["Reminder"].as_manager()

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    week = models.SmallIntegerField(pgettext_lazy("recorded field", "Week"))
    at = models.DateTimeField(default=clock.now)
    to_substitute = models.BooleanField(pgettext_lazy("recorded field", "Also to the substitute"), default=False)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Reminder")


class Priority(models.Model):
    """A place or area that the week puts first, and why."""

    visible = by("est.week")
    objects = Rows["Priority"].as_manager()

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    controller = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    week = models.ForeignKey(EstWeek, models.CASCADE, related_name="priorities")
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    problem = models.ForeignKey(Problem, models.PROTECT, null=True, blank=True, related_name="priorities")
    why = models.TextField(pgettext_lazy("recorded field", "Why"))
    order = models.PositiveSmallIntegerField(pgettext_lazy("recorded field", "Place in the list"), default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Priority")


class Decision(models.Model):
    """What the meeting decided; a decision to act becomes a measure."""

    visible = by("est.week")
    objects = Rows["Decision"].as_manager()

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    controller = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    week = models.ForeignKey(EstWeek, models.CASCADE, related_name="decisions")
    text = models.TextField(pgettext_lazy("recorded field", "Text"))
    responsible = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("recorded field", "Responsible"),
    )
    due_on = models.DateField(pgettext_lazy("recorded field", "To be done by"), null=True, blank=True)
    measure = models.ForeignKey(Measure, models.PROTECT, null=True, blank=True, related_name="+")
    order = models.PositiveSmallIntegerField(pgettext_lazy("recorded field", "Place in the list"), default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Decision of a meeting")


class DecisionTick(models.Model):
    """A decision that planned no measure is ticked off as done, or the tick is taken back; the latest row holds.

    A record of its own, since what belongs to a locked week does not change. Append only.
    """

    visible = along("decision", "est.Decision")
    controlled_through = "decision"
    objects = Rows["DecisionTick"].as_manager()

    grants = APPEND_ONLY

    decision = models.ForeignKey(
        Decision, models.PROTECT, related_name="ticks", verbose_name=pgettext_lazy("recorded field", "Decision")
    )
    done = models.BooleanField(pgettext_lazy("recorded field", "Done"))
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Decision ticked off")


class Edition(Sealed):
    """A locked week."""

    visible = by("est.released")
    controlled_through = "week"
    objects = Rows["Edition"].as_manager()

    week = models.ForeignKey(EstWeek, models.PROTECT, related_name="editions")

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Edition of a week")
        constraints: ClassVar = [models.UniqueConstraint(fields=["week", "number"], name="edition_once")]


class EditionTakenOut(models.Model):
    """Personal data was found in an edition after the lock: its content goes for good. Why, when and who stay. Append only."""

    visible = along("edition", "est.Edition")
    controlled_through = "edition__week"
    objects = Rows["EditionTakenOut"].as_manager()

    grants = APPEND_ONLY

    edition = models.OneToOneField(
        Edition,
        models.PROTECT,
        related_name="taken_out",
        verbose_name=pgettext_lazy("recorded rows", "Edition of a week"),
    )
    reason = models.CharField(pgettext_lazy("recorded field", "Reason"), max_length=500)
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Content taken out of an edition")


class AlarmRun(models.Model):
    """The week's one search for clusters that are starting. Run once per cycle, so that looking again adds nothing."""

    visible = by("est.week")
    objects = Rows["AlarmRun"].as_manager()

    controller = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    week = models.SmallIntegerField(
        pgettext_lazy("recorded field", "Week"),
        unique=True,
        help_text="foundation.weeks index of the cycle's last week.",
    )
    computed_at = models.DateTimeField(pgettext_lazy("recorded field", "Computed"), default=clock.now)
    enough = models.BooleanField(pgettext_lazy("recorded field", "Enough to search in"))
    result = models.JSONField(
        pgettext_lazy("recorded field", "Result"), help_text="Clusters, notes, parameters and seed."
    )

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Search for unusual patterns")
