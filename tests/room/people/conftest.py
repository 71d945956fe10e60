"""The invented cast by code (``samordnare``, ``granskare`` …), and browsers they have signed in with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.test import Client

from samverkan.foundation.access import Actor


@pytest.fixture
def people(db: None, cast: Mapping[str, Actor]) -> Mapping[str, Actor]:
    return cast


@pytest.fixture
def browser_of(people: Mapping[str, Actor], client_for: Any) -> Callable[[str], Client]:
    return lambda code: client_for(people[code])
