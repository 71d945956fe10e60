"""One store for everything that has a place (or only an area) and a time (or a span)."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from samverkan.domain.places.api import Area, Municipality, Place
from samverkan.foundation import clock
from samverkan.foundation.access import Rows, along, by, exempt
from samverkan.foundation.people.models import Membership, Organisation, Person
from samverkan.foundation.postgres.roles import APPEND_ONLY

from . import policy


class Kind(models.TextChoices):
    EVENT = "event", _("Single event")
    DEVELOPMENT = "development", _("Development")
    PLACE_FEATURE = "place_feature", _("Place with recurring problems")


class Precision(models.TextChoices):
    """How surely the place is known. Only points and approximate places have coordinates."""

    POINT = "point", _("Known place")
    APPROXIMATE = "approximate", _("Approximate place")
    AREA = "area", _("Area only")
    MUNICIPALITY = "municipality", _("Municipality only")


class TimePrecision(models.TextChoices):
    MINUTE = "minute", _("Known time")
    DAY = "day", _("Day only")
    SPAN = "span", _("Between two times")
    LATEST = "latest", _("Not later than")


class Observation(models.TextChoices):
    OBSERVED = "observed", _("Own observation")
    SECOND_HAND = "second_hand", _("Told by somebody else")
    UNKNOWN = "unknown", _("Not stated")


class Trend(models.TextChoices):
    NEW = "new", _("New")
    UNCHANGED = "unchanged", _("Unchanged")
    WORSE = "worse", _("Worse")
    BETTER = "better", _("Better")


class SourceKind(models.TextChoices):
    PARTNERS = "partners", _("Partners' reports")
    POLICE_FEED = "police_feed", _("The police's published events")
    FILE = "file", _("Imported file")
    FAULTS = "faults", _("Fault reports")


class Source(models.Model):
    """Where incidents come from. External identities are unique within a source."""

    visible = exempt("Words for what is counted and where it comes from, the same for everybody.")

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=150)
    kind = models.CharField(max_length=20, choices=SourceKind)
    controller = models.ForeignKey(Organisation, models.PROTECT)
    licence = models.CharField(pgettext_lazy("recorded field", "Conditions of use"), max_length=200, blank=True)
    is_invented = models.BooleanField(default=False)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Source")

    def __str__(self) -> str:
        return self.name


#: The main category that digests are sorted under. What is counted never belongs to it.
DIGESTS = "sammanfattning"


class CategoryQuerySet(models.QuerySet["Category"]):
    def of_incidents(self) -> CategoryQuerySet:
        """Those that one incident can be about: all but the digests', which are never counted."""
        return self.exclude(code=DIGESTS).exclude(main__code=DIGESTS)


class PointAnswer(models.TextChoices):
    """Who has said whether a category's exact places may be kept. Until somebody has, they are not."""

    WAITS = "waits", pgettext_lazy("exact places", "Nobody has answered")
    FORMER = "former", pgettext_lazy("exact places", "By a former rule")
    GIVEN = "given", pgettext_lazy("exact places", "Answered")


class Category(models.Model):
    """What an incident is about; two levels. Names change with history, codes never."""

    visible = exempt("Words for what is counted and where it comes from, the same for everybody.")

    code = models.SlugField(max_length=80, unique=True)
    name_sv = models.CharField(pgettext_lazy("recorded field", "Name in Swedish"), max_length=120)
    name_en = models.CharField(pgettext_lazy("recorded field", "Name in English"), max_length=120, blank=True)
    main = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=pgettext_lazy("recorded field", "Main category"),
    )
    is_home_bound = models.BooleanField(
        pgettext_lazy("recorded field", "Home-bound"),
        default=True,
        help_text="Kept at area level only, since a dwelling identifies those who live there.",
    )
    point_answer = models.CharField(
        pgettext_lazy("recorded field", "Whether exact places may be kept"),
        max_length=6,
        choices=PointAnswer,
        default=PointAnswer.WAITS,
        help_text="Home-bound until somebody has answered.",
    )
    for_reports = models.BooleanField(
        pgettext_lazy("recorded field", "Offered to partners who report"),
        default=False,
        help_text="Offered to partners who report.",
    )
    order = models.PositiveSmallIntegerField(pgettext_lazy("recorded field", "Place in the list"), default=100)
    retired_on = models.DateField(pgettext_lazy("recorded field", "No longer used from"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Category")
        verbose_name_plural = "categories"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_home_bound=True) | ~Q(point_answer="waits"), name="category_asked_first"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return (self.name_en or self.name_sv) if (get_language() or "sv").startswith("en") else self.name_sv


class CategoryVersion(models.Model):
    """What a category was called and where it belonged before a change. Append only."""

    visible = exempt("Words for what is counted and where it comes from, the same for everybody.")

    grants = APPEND_ONLY

    category = models.ForeignKey(Category, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(pgettext_lazy("recorded field", "Number"))
    name_sv = models.CharField(pgettext_lazy("recorded field", "Name in Swedish"), max_length=120)
    name_en = models.CharField(pgettext_lazy("recorded field", "Name in English"), max_length=120, blank=True)
    main = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=pgettext_lazy("recorded field", "Main category"),
    )
    is_home_bound = models.BooleanField(pgettext_lazy("recorded field", "Home-bound"))
    replaced_at = models.DateTimeField(pgettext_lazy("recorded field", "Replaced"), default=clock.now)
    replaced_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, verbose_name=pgettext_lazy("recorded field", "Replaced by")
    )

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Earlier version of a category")
        constraints: ClassVar = [models.UniqueConstraint(fields=["category", "number"], name="categoryversion_once")]


class Incident(models.Model):
    """An event, a development or a place feature. Coordinates are metres in the installation's system."""

    visible = policy.incidents
    objects = Rows["Incident"].as_manager()

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Few controllers and sources: an index for each would be written a million times and never used.
    controller = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.EVENT)
    source = models.ForeignKey(Source, models.PROTECT, related_name="incidents", db_index=False)
    external_id = models.CharField(pgettext_lazy("recorded field", "Number at the source"), max_length=200)
    category = models.ForeignKey(Category, models.PROTECT, related_name="incidents")
    title = models.CharField(pgettext_lazy("recorded field", "Heading"), max_length=300, blank=True)
    description = models.TextField(pgettext_lazy("recorded field", "Description"), blank=True)
    url = models.CharField(pgettext_lazy("recorded field", "Link"), max_length=500, blank=True)
    observation = models.CharField(
        pgettext_lazy("recorded field", "How it is known"),
        max_length=12,
        choices=Observation,
        default=Observation.UNKNOWN,
    )
    seriousness = models.PositiveSmallIntegerField(
        pgettext_lazy("recorded field", "Seriousness"), null=True, blank=True, help_text="1 low, 2 middle, 3 high."
    )
    trend = models.CharField(
        pgettext_lazy("recorded field", "Compared with before"), max_length=10, choices=Trend, blank=True
    )
    is_digest = models.BooleanField(
        pgettext_lazy("recorded field", "Is a summary of many events"),
        default=False,
        help_text="A summary of many events; kept apart, never counted.",
    )

    started_at = models.DateTimeField(pgettext_lazy("recorded field", "Start"))
    ended_at = models.DateTimeField(
        pgettext_lazy("recorded field", "End"), null=True, blank=True, help_text="End of the span, not included."
    )
    time_precision = models.CharField(
        pgettext_lazy("recorded field", "How surely the time is known"),
        max_length=8,
        choices=TimePrecision,
        default=TimePrecision.MINUTE,
    )
    published_at = models.DateTimeField(
        pgettext_lazy("recorded field", "Published"),
        null=True,
        help_text="When the source told of it, where that is another time than when it happened.",
    )
    week = models.SmallIntegerField(
        pgettext_lazy("recorded field", "Week"),
        help_text="foundation.weeks index of the start, by Stockholm's calendar.",
    )

    precision = models.CharField(
        pgettext_lazy("recorded field", "How surely the place is known"), max_length=14, choices=Precision
    )
    x = models.FloatField(pgettext_lazy("recorded field", "Position east"), null=True)
    y = models.FloatField(pgettext_lazy("recorded field", "Position north"), null=True)
    radius_m = models.PositiveIntegerField(pgettext_lazy("recorded field", "Radius in metres"), null=True, blank=True)
    hexagon = models.IntegerField(
        pgettext_lazy("recorded field", "Square of the map"),
        null=True,
        help_text="foundation.geo.hexagons: 300 m across flats.",
    )
    # Most rows lack some of these, and an import writes every index: theirs hold only the rows that have them.
    area = models.ForeignKey(Area, models.SET_NULL, null=True, blank=True, related_name="incidents", db_index=False)
    place = models.ForeignKey(Place, models.SET_NULL, null=True, blank=True, related_name="incidents", db_index=False)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    organisation = models.ForeignKey(
        Organisation,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="Who reported it.",
    )
    observed_at = models.DateTimeField(
        pgettext_lazy("recorded field", "When the source was read"), help_text="When the source was seen to say this."
    )
    first_observed_at = models.DateTimeField(
        pgettext_lazy("recorded field", "When the source was first seen to say this"),
        null=True,
        help_text="Empty where it is the same as the last time.",
    )
    content_hash = models.BinaryField(pgettext_lazy("recorded field", "Fingerprint of the content"), max_length=16)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(pgettext_lazy("recorded field", "Last changed"), default=clock.now)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Incident")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "external_id"], name="incident_external_once"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="incident_span"
            ),
            # What is known only by area or municipality is never drawn as a point.
            models.CheckConstraint(
                condition=Q(precision__in=["point", "approximate"], x__isnull=False, y__isnull=False)
                | Q(precision__in=["area", "municipality"], x__isnull=True, y__isnull=True, hexagon__isnull=True),
                name="incident_place_honest",
            ),
            models.CheckConstraint(
                condition=Q(seriousness__isnull=True) | Q(seriousness__gte=1, seriousness__lte=3),
                name="incident_seriousness",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["week", "id"], name="incident_week"),
            models.Index(fields=["-started_at", "-id"], name="incident_started"),
            *(
                models.Index(fields=[name], condition=Q(**{f"{name}__isnull": False}), name=f"incident_{name}")
                for name in ("area", "place", "municipality", "organisation")
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.public_id)


class IncidentVersion(models.Model):
    """What a source or a person said at another time: replaced versions, and older ones that came late.

    Append only. ``content`` holds the fields that differ between versions, as JSON.
    """

    visible = along("incident", "incidents.Incident")
    controlled_through = "incident"
    objects = Rows["IncidentVersion"].as_manager()

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="versions")
    observed_at = models.DateTimeField(pgettext_lazy("recorded field", "When the source was read"))
    last_observed_at = models.DateTimeField(
        pgettext_lazy("recorded field", "When the source was last seen to say this"),
        null=True,
        help_text="Empty where it is the same as the first time.",
    )
    content_hash = models.BinaryField(pgettext_lazy("recorded field", "Fingerprint of the content"), max_length=16)
    content = models.JSONField(pgettext_lazy("recorded field", "Content"))
    recorded_at = models.DateTimeField(pgettext_lazy("recorded field", "Recorded"), default=clock.now)
    edited_at = models.DateTimeField(
        pgettext_lazy("recorded field", "Corrected"),
        null=True,
        help_text="When a person replaced it; empty where its source did.",
    )
    edited_by = models.ForeignKey(
        Membership,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=pgettext_lazy("recorded field", "Corrected by"),
    )

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Earlier version of an incident")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "content_hash", "observed_at"], name="incidentversion_once")
        ]


class WeekChange(models.Model):
    """The last change that touched a week, so that prepared figures know what to renew."""

    visible = exempt("Numbers of weeks and of changes, nothing of what changed.")

    audited = False

    week = models.SmallIntegerField(primary_key=True)
    change = models.BigIntegerField(help_text="From the sequence incidents_change; larger is later.")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["change"], name="weekchange_change")]


class FeedMemory(models.Model):
    """What is remembered of calls to one publisher's server. All processes together keep its limits by it."""

    visible = exempt("When published addresses were called, nothing of what they answered.")

    audited = False

    host = models.CharField(max_length=260, primary_key=True)
    calls = models.JSONField(default=list, help_text="The times of a day's calls.")
    not_before = models.DateTimeField(null=True, help_text="Until when the server asked to be left alone.")
    gone = models.JSONField(default=dict, help_text="Addresses that answered 404, and when. Never asked again.")
    seen = models.JSONField(default=dict, help_text="For each address what identifies the answer last stored.")


class ImportProfile(models.Model):
    """A saved mapping of columns, by name."""

    visible = by("incidents.import")
    objects = Rows["ImportProfile"].as_manager()

    controller = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    name = models.SlugField(max_length=60, unique=True)
    mapping = models.JSONField(pgettext_lazy("recorded field", "What the columns mean"))
    made_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, verbose_name=pgettext_lazy("recorded field", "Made by")
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Import profile")


class ImportRun(models.Model):
    """One import: what was read and what came of it."""

    visible = by("incidents.import")
    objects = Rows["ImportRun"].as_manager()

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    controller = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    source = models.ForeignKey(Source, models.PROTECT, null=True)
    started_at = models.DateTimeField(pgettext_lazy("recorded field", "Start"), default=clock.now)
    ended_at = models.DateTimeField(pgettext_lazy("recorded field", "End"), null=True)
    started_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, verbose_name=pgettext_lazy("recorded field", "Started by")
    )
    profile = models.CharField(pgettext_lazy("recorded field", "Import profile"), max_length=60, blank=True)
    counts = models.JSONField(pgettext_lazy("recorded field", "Numbers of rows"), default=dict)
    files = models.JSONField(pgettext_lazy("recorded field", "Files"), default=list)
    rejects = models.BinaryField(
        pgettext_lazy("recorded field", "Rejected rows"),
        null=True,
        help_text="The rejected rows as CSV, to be mended and given again.",
    )

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Import")


class Upload(models.Model):
    """Files that one person has given, until they are read or their time is out. Shown to nobody else.

    ``preview`` and ``tried`` say what the files say, so they are sealed as the files are.
    """

    visible = policy.uploads
    objects = Rows["Upload"].as_manager()

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    controller = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    person = models.ForeignKey(
        Person, models.CASCADE, related_name="+", verbose_name=pgettext_lazy("recorded field", "Given by")
    )
    names = models.JSONField(pgettext_lazy("recorded field", "Files"))
    profile = models.CharField(pgettext_lazy("recorded field", "Import profile"), max_length=60, blank=True)
    chosen = models.JSONField(pgettext_lazy("recorded field", "What the columns mean"), null=True)
    sheet = models.CharField(pgettext_lazy("recorded field", "Sheet"), max_length=100, blank=True)
    language = models.CharField(
        pgettext_lazy("recorded field", "Language"), max_length=10, help_text="Of the reasons for rejected rows."
    )
    doing = models.CharField(
        pgettext_lazy("recorded field", "State"), max_length=10, blank=True, help_text="checking, importing or stopped."
    )
    read = models.PositiveIntegerField(pgettext_lazy("recorded field", "Rows read"), default=0)
    preview = models.BinaryField(pgettext_lazy("recorded field", "First rows"))
    tried = models.BinaryField(pgettext_lazy("recorded field", "What a trial found"), null=True)
    changed_at = models.DateTimeField(pgettext_lazy("recorded field", "Last changed"), default=clock.now)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Files to import")


class UploadPart(models.Model):
    """A piece of a file that was given, sealed.

    ``file`` is its place among the upload's names; after the last come the rows that a trial would reject.
    """

    visible = along("upload", "incidents.Upload")
    controlled_through = "upload"
    objects = Rows["UploadPart"].as_manager()

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="parts", db_index=False)
    file = models.PositiveSmallIntegerField(pgettext_lazy("recorded field", "File"))
    number = models.PositiveIntegerField(pgettext_lazy("recorded field", "Number"))
    content = models.BinaryField(pgettext_lazy("recorded field", "Content"))

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Part of a file to import")
        constraints: ClassVar = [models.UniqueConstraint(fields=["upload", "file", "number"], name="uploadpart_once")]


class ImportedFile(models.Model):
    """When a file's very content was first seen: the time of observation of rows that tell none."""

    visible = by("incidents.import")
    controlled_through = "source"
    objects = Rows["ImportedFile"].as_manager()

    source = models.ForeignKey(Source, models.CASCADE)
    sha256 = models.CharField(pgettext_lazy("recorded field", "Fingerprint"), max_length=64)
    first_seen_at = models.DateTimeField(pgettext_lazy("recorded field", "First seen"), default=clock.now)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Imported file")
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "sha256"], name="importedfile_once")]
