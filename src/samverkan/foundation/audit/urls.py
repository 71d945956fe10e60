"""Addresses of the change log."""

from ..access import route
from . import views

urlpatterns = [
    route("andringslogg/", views.log, name="audit_log", needs="audit.view"),
    route("andringslogg/andringslogg.csv", views.log_csv, name="audit_log_csv", needs="audit.view"),
    route("andringslogg/ansvar/", views.answered_for, name="answered_for", needs="audit.view"),
]
