"""Mappings of columns are saved by name."""

from __future__ import annotations

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from samverkan.foundation.access import Actor, require
from samverkan.foundation.people import services as people
from samverkan.foundation.web.errors import Refusal

from ..importing.mapping import Mapping
from ..models import ImportProfile


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
