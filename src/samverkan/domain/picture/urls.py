from __future__ import annotations

from samverkan.foundation.access import route

from . import views
from .insight import views as insight

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
    route("lagesbild/monster/", insight.patterns, name="picture_patterns", needs="picture.exact"),
    route(
        "atgarder/<uuid:public_id>/hjalpte-det/", insight.did_it_help, name="measure_evaluation", needs="picture.exact"
    ),
    route(
        "atgarder/<uuid:public_id>/hjalpte-det/rakna-om/",
        insight.judge_anew,
        name="measure_evaluation_anew",
        needs="picture.exact",
    ),
    route(
        "atgarder/<uuid:public_id>/hjalpte-det/angra/",
        insight.undo_choice,
        name="measure_evaluation_undo",
        needs="picture.exact",
    ),
]
