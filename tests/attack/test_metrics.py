"""Who may read the installation's own figures."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_this_computer_reads_them_and_nobody_else() -> None:
    assert Client().get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR="203.0.113.9").get("/metrics").status_code == 404


@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via"]
)
def test_what_a_proxy_passed_on_is_not_from_this_computer(name: str) -> None:
    assert Client().get("/metrics", headers={name: "127.0.0.1"}).status_code == 404


def test_behind_a_proxy_only_the_token_opens(settings: Any) -> None:
    settings.BEHIND_PROXY = True
    assert Client().get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "lång-och-hemlig"
    assert Client().get("/metrics").status_code == 404
    assert Client().get("/metrics", headers={"Authorization": "Bearer fel"}).status_code == 404
    right = {"Authorization": "Bearer lång-och-hemlig"}
    assert Client().get("/metrics", headers=right).status_code == 200
    assert Client(REMOTE_ADDR="203.0.113.9").get("/metrics", headers=right).status_code == 200


def test_a_token_that_is_set_is_asked_of_this_computer_too(settings: Any) -> None:
    settings.METRICS_TOKEN = "hemlig"
    assert Client().get("/metrics").status_code == 404
