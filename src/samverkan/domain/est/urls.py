"""Addresses of the week, of reporting and of review."""

from __future__ import annotations

from .reporting.urls import urlpatterns as reporting
from .week.urls import urlpatterns as week

urlpatterns = [*week, *reporting]
