from __future__ import annotations

from ..access import PUBLIC, SIGNED_IN, route
from . import views

urlpatterns = [
    route("utseende/", views.set_appearance, name="set_appearance", needs=PUBLIC),
    route("stil/", views.style_page, name="style", needs=SIGNED_IN),
    route("stil/vecka/<str:week>/", views.style_page, name="style_week", needs=SIGNED_IN),
    route("stil/karta.geojson", views.style_map, name="style_map", needs=SIGNED_IN),
]
