"""Disposal by rule: each room registers what, on which ground and after how many days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from .. import clock, municipality, registries
from .models import Disposal


@dataclass(frozen=True)
class Outcome:
    """What one rule found or disposed of."""

    key: str
    meaning: str
    before: date
    count: int


def due(today: date | None = None) -> list[Outcome]:
    """What each rule would dispose of, without doing so."""
    return [
        Outcome(rule.key, str(rule.meaning), before, rule.due(before))
        for rule, before in _rules(today or clock.today())
    ]


def run(today: date | None = None) -> list[Outcome]:
    """Carry every rule out, each in its own transaction, and record what was disposed of."""
    outcomes = []
    for rule, before in _rules(today or clock.today()):
        with transaction.atomic():
            count = rule.dispose(before)
            if count:
                Disposal.objects.create(rule=rule.key, count=count)
        outcomes.append(Outcome(rule.key, str(rule.meaning), before, count))
    return outcomes


def _rules(today: date) -> list[tuple[registries.RetentionRule, date]]:
    return [
        (rule, today - timedelta(days=int(municipality.get(rule.setting)))) for rule in registries.retention_rules.all()
    ]
