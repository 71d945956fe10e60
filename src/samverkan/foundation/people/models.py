"""Organisations, people and the seats they hold over time."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .. import clock
from ..access import roles


class OrganisationKind(models.TextChoices):
    MUNICIPALITY = "municipality", _("Municipality")
    DEPARTMENT = "department", _("Municipal department")
    POLICE = "police", _("Police")
    HOUSING_COMPANY = "housing_company", _("Municipal housing company")
    PRIVATE_LANDLORD = "private_landlord", _("Private landlord")
    SCHOOL = "school", _("School")
    GUARD_COMPANY = "guard_company", _("Guard company")
    BUSINESS = "business", _("Business")
    ASSOCIATION = "association", _("Association")
    OTHER_MUNICIPALITY = "other_municipality", _("Other municipality")
    AUTHORITY = "authority", _("Other authority")


#: The municipality and its parts.
MUNICIPAL_KINDS = frozenset({OrganisationKind.MUNICIPALITY, OrganisationKind.DEPARTMENT})
#: Not authorities: they may not process data on crime about others (article 10 GDPR).
PRIVATE_KINDS = frozenset(
    {
        OrganisationKind.PRIVATE_LANDLORD,
        OrganisationKind.GUARD_COMPANY,
        OrganisationKind.BUSINESS,
        OrganisationKind.ASSOCIATION,
    }
)


class Organisation(models.Model):
    """A body that takes part. An authority of its own is its own data controller."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=30, choices=OrganisationKind)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    controller = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="controlled",
        help_text="The body answerable for the personal data; empty when it is itself.",
    )
    is_home = models.BooleanField(default=False)
    is_invented = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Organisation")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name"], name="organisation_name_once"),
            models.UniqueConstraint(fields=["is_home"], condition=Q(is_home=True), name="organisation_one_home"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def controller_or_self_id(self) -> int:
        return self.controller_id or self.pk


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, email: str | None) -> Person:
        return self.get(email=(email or "").lower())


class Person(AbstractBaseUser):
    """Someone who can sign in. What they may do follows from their seats, never from flags here."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150)
    is_active = models.BooleanField(default=True)
    is_invented = models.BooleanField(default=False)
    language = models.CharField(max_length=5, default="sv")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[PersonManager] = PersonManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Person")
        constraints: ClassVar = [models.CheckConstraint(condition=Q(email=Lower("email")), name="person_email_lower")]

    def __str__(self) -> str:
        return self.name

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return False  # Django's own permissions are not used

    def has_module_perms(self, app_label: str) -> bool:
        return False


class MembershipQuerySet(models.QuerySet["Membership"]):
    def on(self, day: Any) -> MembershipQuerySet:
        """Seats that are held on a date."""
        return self.filter(Q(from_on__lte=day), Q(until_on__isnull=True) | Q(until_on__gt=day))


class Membership(models.Model):
    """A seat: one person, one role, in one organisation, from a date until (not including) another."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=30, choices=roles.choices)
    function = models.CharField(max_length=150, help_text="The function as it is called in the organisation.")
    substitute = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="substitutes_for")
    from_on = models.DateField(default=clock.today)
    until_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Seat")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gt=F("from_on")), name="membership_span"
            ),
            models.UniqueConstraint(
                fields=["person", "organisation", "role"],
                condition=Q(until_on__isnull=True),
                name="membership_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.function}, {self.organisation}"


class Invitation(models.Model):
    """A seat offered to an address. The link's secret is stored only as a hash."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField()
    organisation = models.ForeignKey(Organisation, models.PROTECT)
    role = models.CharField(max_length=30, choices=roles.choices)
    function = models.CharField(max_length=150)
    invited_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, help_text="Empty: whoever runs the installation, by command."
    )
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Invitation")

    def __str__(self) -> str:
        return str(self.public_id)


class Remembered(models.Model):
    """Something that all web processes must remember for a while, such as recent attempts to sign in.

    Written by ``attempts.SharedCache`` only. The key is a keyed hash: whose attempts they are is not told.
    """

    audited = False

    key = models.CharField(max_length=64, primary_key=True)
    value = models.JSONField()
    expires_at = models.DateTimeField(db_index=True)
