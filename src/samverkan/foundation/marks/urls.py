"""Addresses of what waits for an answer."""

from ..access import route
from . import views

urlpatterns = [
    route("markerat/", views.queue, name="marks", needs="marks.answer"),
    route("markerat/svara/", views.answer, name="answer_marks", needs="marks.answer"),
]
