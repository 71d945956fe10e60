from __future__ import annotations

from samverkan.foundation.access import route

from . import views

urlpatterns = [
    route("lagesbild/", views.picture, name="picture", needs="picture.view"),
    route("lagesbild/karta.geojson", views.map_data, name="picture_map", needs="picture.view"),
    route("lagesbild/lista/", views.incident_list, name="picture_list", needs="picture.view"),
    route("lagesbild/handelse/<uuid:public_id>/", views.incident, name="picture_incident", needs="picture.view"),
    route("lagesbild/ladda-ner/<str:form>/", views.export, name="picture_export", needs="picture.view"),
    route("lagesbild/vyer/", views.saved_views, name="picture_views", needs="picture.view"),
    route(
        "lagesbild/vyer/<uuid:public_id>/ta-bort/", views.remove_view, name="picture_view_remove", needs="picture.view"
    ),
    route("lagesbild/vyer/angra/<str:token>/", views.restore_view, name="picture_view_restore", needs="picture.view"),
]
