"""Addresses of the week, of reporting and of review."""

from __future__ import annotations

from .week.urls import urlpatterns as week

urlpatterns = [*week]
