"""Who sees which rows: one rule for each model with content, asked as ``Model.objects.visible_to(actor)``.

A rule is a function from the actor to a condition on the rows, kept in the room's ``policy.py`` and named
on the model as ``visible``. Every selector, form choice, search, export, resolver and document asks it, so
that access is a filter in the query. A model whose rows are nobody's content says why instead (``exempt``).

Who answers for the personal data of a row stands on it as ``controller``; what is a part of another row says
which with ``controlled_through``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from .actor import Actor

M = TypeVar("M", bound=models.Model)
Rule = Callable[[Actor], Q]

#: Every row: adds nothing to a query. No row: answered without asking the database.
ALL, NONE = Q(), Q(pk__in=())


@dataclass(frozen=True)
class Exempt:
    """Why a model has no rule."""

    reason: str

    def __call__(self, actor: Actor) -> Q:
        raise LookupError(f"No rule says who sees these rows: {self.reason}")


def exempt(reason: str) -> Exempt:
    """For rows that nobody is kept from, or that no selector gives out; ``reason`` says which and why."""
    return Exempt(reason)


def by(permission: str) -> Rule:
    """All rows for who holds a permission, none for others."""
    return lambda actor: ALL if actor.may(permission) else NONE


def along(field: str, model: str, needs: str = "") -> Rule:
    """As the row that a field points to ("room.Model"), for who holds ``needs`` as well."""

    def rule(actor: Actor) -> Q:
        seen = rule_of(apps.get_model(model))(actor)
        if needs and not actor.may(needs):
            return NONE
        return (
            seen if seen in (ALL, NONE) else Q(**{f"{field}__in": apps.get_model(model)._default_manager.filter(seen)})
        )

    return rule


def rule_of(model: type[models.Model]) -> Rule:
    """The rule of a model. LookupError when it has none, and no reason either."""
    try:
        rule: Rule = vars(model)["visible"]
    except KeyError:
        raise LookupError(f"{model.__name__} neither says who sees its rows nor why it does not.") from None
    return rule


def controller_of(model: type[models.Model]) -> Coalesce | F:
    """The key of who answers for a row, for queries. LookupError when a model with content does not say."""
    path: str = getattr(model, "controlled_through", "")
    for name in path.split("__") if path else ():
        further: Any = model._meta.get_field(name).related_model
        model = further
    prefix = f"{path}__" if path else ""
    if not any(field.name == "controller" for field in model._meta.fields):
        raise LookupError(f"{model.__name__} has no controller, and says no row that it is a part of.")
    # An organisation without one answers for itself.
    return (
        Coalesce(f"{prefix}controller", path) if model._meta.get_field("controller").null else F(f"{prefix}controller")
    )


def with_content() -> list[type[models.Model]]:
    """Every model that says who sees its rows: those that can hold personal data."""
    return [m for m in apps.get_models() if "visible" in vars(m) and not isinstance(vars(m)["visible"], Exempt)]


class Rows(models.QuerySet[M]):
    """Rows that know who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Those that the actor may see."""
        return self.filter(rule_of(self.model)(actor))
