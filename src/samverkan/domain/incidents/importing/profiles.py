"""Saved mappings by name; ``polisen`` is always there."""

from __future__ import annotations

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from samverkan.foundation.access import Actor, require
from samverkan.foundation.people import services as people
from samverkan.foundation.web.errors import Refusal

from ..models import ImportProfile
from . import polisen
from .mapping import Mapping, MappingError, from_dict


def by_name(name: str) -> Mapping:
    """The mapping with a name. MappingError names the ones there are."""
    if name == "polisen":
        return polisen.MAPPING
    saved = ImportProfile.objects.filter(name=name).first()
    if saved is None:
        names = ["polisen", *ImportProfile.objects.order_by("name").values_list("name", flat=True)]
        raise MappingError(
            _("There is no profile “{name}”. There is: {names}.").format(name=name, names=", ".join(names))
        )
    return from_dict(saved.mapping)


@transaction.atomic
def remember(actor: Actor, *, name: str, points: dict[str, str]) -> None:
    """Keep, with a saved profile, what was answered about categories' exact places; the latest answer holds."""
    require(actor, "incidents.import")
    profile = ImportProfile.objects.select_for_update().filter(name=name).first()
    if profile is not None and points:
        profile.mapping["points"] = {**profile.mapping.get("points", {}), **points}
        profile.save()


@transaction.atomic
def save(actor: Actor, *, name: str, mapping: Mapping) -> ImportProfile:
    """Save a mapping under a name; the same name again replaces it."""
    require(actor, "incidents.import")
    slug = slugify(name)[:60]
    if not slug or slug == "polisen":
        raise Refusal(_("Give the profile a name of its own."), field="name")
    profile, _new = ImportProfile.objects.update_or_create(
        name=slug, defaults={"mapping": mapping.as_dict(), "made_by_id": actor.person_id, "controller": people.home()}
    )
    return profile
