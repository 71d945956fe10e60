"""Saved mappings by name; ``polisen`` is always there."""

from __future__ import annotations

from django.utils.translation import gettext as _

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
