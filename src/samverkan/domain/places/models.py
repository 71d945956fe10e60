"""Areas by scheme and edition, municipalities, and named places."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samverkan.foundation import clock
from samverkan.foundation.access import Rows, by, exempt
from samverkan.foundation.people.models import Organisation
from samverkan.foundation.postgres.functions import SvSort


class Municipality(models.Model):
    """A municipality by name, with SCB's code where known. Sources often give only the name."""

    visible = exempt("The ground that everybody stands on: names, borders and drawings that are published.")

    name = models.CharField(max_length=100, unique=True)
    code = models.CharField(max_length=4, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Municipality")

    def __str__(self) -> str:
        return self.name


class AreaScheme(models.Model):
    """A way of dividing the municipality: districts, DeSO, RegSO, the police's classification …"""

    visible = exempt("The ground that everybody stands on: names, borders and drawings that are published.")

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    counts_incidents = models.BooleanField(
        pgettext_lazy("recorded field", "Incidents are counted in it"),
        default=False,
        help_text="Incidents are counted in these areas.",
    )

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Division into areas")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["counts_incidents"], condition=Q(counts_incidents=True), name="areascheme_one_counts"
            )
        ]

    def __str__(self) -> str:
        return self.name


class AreaEdition(models.Model):
    """One edition of a scheme, as its source published it."""

    visible = exempt("The ground that everybody stands on: names, borders and drawings that are published.")

    scheme = models.ForeignKey(
        AreaScheme, models.PROTECT, related_name="editions", verbose_name=pgettext_lazy("recorded field", "Division")
    )
    name = models.CharField(max_length=80, help_text="For example 2025.")
    valid_from = models.DateField()
    valid_to = models.DateField(pgettext_lazy("recorded field", "Valid to"), null=True, blank=True)
    source = models.CharField(pgettext_lazy("recorded field", "Source"), max_length=200, blank=True)
    licence = models.CharField(pgettext_lazy("recorded field", "Conditions of use"), max_length=200, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Edition of a division into areas")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scheme", "name"], name="areaedition_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="areaedition_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.name}"


class AreaQuerySet(Rows["Area"]):
    def on(self, day: object) -> AreaQuerySet:
        return self.filter(Q(valid_from__lte=day), Q(valid_to__isnull=True) | Q(valid_to__gt=day))

    def counted(self) -> AreaQuerySet:
        """The areas that incidents are counted in."""
        return self.filter(edition__scheme__counts_incidents=True)


class Area(models.Model):
    """One area of an edition. Geometry is WKB in the installation's metric coordinate system."""

    visible = by("places.view")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    controller = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    edition = models.ForeignKey(
        AreaEdition, models.PROTECT, related_name="areas", verbose_name=pgettext_lazy("recorded field", "Edition")
    )
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    geometry = models.BinaryField(pgettext_lazy("recorded field", "Border on the map"), null=True, blank=True)
    min_x = models.FloatField(pgettext_lazy("recorded field", "Western edge"), null=True)
    min_y = models.FloatField(pgettext_lazy("recorded field", "Southern edge"), null=True)
    max_x = models.FloatField(pgettext_lazy("recorded field", "Eastern edge"), null=True)
    max_y = models.FloatField(pgettext_lazy("recorded field", "Northern edge"), null=True)
    area_m2 = models.FloatField(pgettext_lazy("recorded field", "Size in square metres"), null=True)
    classification = models.CharField(
        pgettext_lazy("recorded field", "The police's assessment of the area"), max_length=40, blank=True
    )
    attributes = models.JSONField(pgettext_lazy("recorded field", "Other data"), default=dict, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(pgettext_lazy("recorded field", "Valid to"), null=True, blank=True)
    is_invented = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Area")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "code", "valid_from"], name="area_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="area_span"
            ),
        ]
        indexes: ClassVar = [models.Index(SvSort("name"), name="area_sv_sort")]

    def __str__(self) -> str:
        return self.name


class PlaceKind(models.TextChoices):
    SQUARE = "square", _("Square")
    STREET = "street", _("Street")
    PARK = "park", _("Park")
    SCHOOL = "school", _("School")
    STATION = "station", _("Station")
    SHOPPING = "shopping", _("Shopping centre")
    HOUSING = "housing", _("Housing")
    CAR_PARK = "car_park", _("Car park")
    LEISURE = "leisure", _("Leisure centre or sports ground")
    ADDRESS = "address", _("Address")
    OTHER = "other", _("Other place")


class Place(models.Model):
    """A named place or an address, with a point and how far it reaches."""

    visible = by("places.view")
    objects = Rows["Place"].as_manager()

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    controller = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    name = models.CharField(max_length=150)
    also_called = models.CharField(pgettext_lazy("recorded field", "Also called"), max_length=300, blank=True)
    kind = models.CharField(max_length=20, choices=PlaceKind, default=PlaceKind.OTHER)
    x = models.FloatField(pgettext_lazy("recorded field", "Position east"))
    y = models.FloatField(pgettext_lazy("recorded field", "Position north"))
    radius_m = models.PositiveIntegerField(pgettext_lazy("recorded field", "Radius in metres"), default=75)
    area = models.ForeignKey(Area, models.SET_NULL, null=True, blank=True, related_name="places")
    valid_from = models.DateField(default=clock.today)
    valid_to = models.DateField(pgettext_lazy("recorded field", "Valid to"), null=True, blank=True)
    is_invented = models.BooleanField(default=False)
    source = models.CharField(pgettext_lazy("recorded field", "Source"), max_length=120, blank=True)
    external_id = models.CharField(pgettext_lazy("recorded field", "Number at the source"), max_length=120, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Place")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(external_id=""), name="place_external_once"
            )
        ]
        indexes: ClassVar = [
            GinIndex(OpClass(models.functions.Lower("name"), name="gin_trgm_ops"), name="place_name_trgm"),
            models.Index(SvSort("name"), name="place_sv_sort"),
        ]

    def __str__(self) -> str:
        return self.name


class GroundKind(models.TextChoices):
    """What the map is drawn on, from below."""

    LAND = "land", _("Land")
    WATER = "water", _("Water")
    GREEN = "green", _("Green")
    ROAD = "road", _("Road")
    STREET = "street", _("Streets")
    RAILWAY = "railway", _("Railway")


class GroundFeature(models.Model):
    """One shape of the map's ground: our own vector layer, so that no stranger's map tiles are needed."""

    visible = exempt("The ground that everybody stands on: names, borders and drawings that are published.")

    kind = models.CharField(max_length=8, choices=GroundKind)
    name = models.CharField(max_length=80, blank=True)
    geometry = models.BinaryField(
        pgettext_lazy("recorded field", "Border on the map"),
        help_text="WKB in the installation's metric coordinate system.",
    )
    source = models.CharField(pgettext_lazy("recorded field", "Source"), max_length=120, blank=True)
    is_schematic = models.BooleanField(pgettext_lazy("recorded field", "Schematic"), default=False)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Line or surface of the map")
