from __future__ import annotations

from ..access import PUBLIC, route
from . import views

urlpatterns = [
    route("utseende/", views.set_appearance, name="set_appearance", needs=PUBLIC),
]
