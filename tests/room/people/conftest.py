"""The invented cast, loaded once per test."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from samverkan.foundation.access import Actor
from samverkan.foundation.people import demo
from samverkan.foundation.people.middleware import SECOND_STEP
from samverkan.foundation.people.models import Person


@pytest.fixture
def people(db: None) -> dict[str, Actor]:
    """Actors by the code of the cast (``samordnare``, ``granskare`` …)."""
    context = demo.Context()
    demo.load_profile(context)
    demo.load_cast(context)
    return context.cast


@pytest.fixture
def browser_of(people: dict[str, Actor]) -> Callable[[str], Client]:
    """A signed-in browser of one of the cast, both steps taken."""

    def make(code: str) -> Client:
        client = Client()
        client.force_login(Person.objects.get(pk=people[code].person_id), "allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        session[SECOND_STEP] = True
        session.save()
        return client

    return make
