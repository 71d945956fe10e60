"""Addresses of imports, categories and what can be done with an incident."""

from samverkan.foundation.access import route

from . import edit_views, erasing_views, views

urlpatterns = [
    route("import/", views.imports, name="import", needs="incidents.import"),
    route("import/<uuid:public_id>/", views.one_import, name="import_run", needs="incidents.import"),
    route("import/<uuid:public_id>/lage/", views.progress, name="import_progress", needs="incidents.import"),
    route("import/<uuid:public_id>/avvisade.csv", views.rejected_csv, name="import_rejected", needs="incidents.import"),
    route("kategorier/", views.categories, name="categories", needs="incidents.categories"),
    route("kategorier/ny/", views.new_category, name="new_category", needs="incidents.categories"),
    route("kategorier/platser/", views.category_points, name="category_points", needs="incidents.categories"),
    route("kategorier/kategori/<slug:code>/", views.category, name="category", needs="incidents.categories"),
    route(
        "lagesbild/handelse/<uuid:public_id>/andra/",
        edit_views.correct,
        name="incident_correct",
        needs="incidents.edit",
    ),
    route("lagesbild/handelse/<uuid:public_id>/avsluta/", edit_views.end, name="incident_end", needs="incidents.edit"),
    route(
        "lagesbild/handelse/<uuid:public_id>/oppna/", edit_views.reopen, name="incident_reopen", needs="incidents.edit"
    ),
    route(
        "lagesbild/handelse/<uuid:public_id>/ta-bort-ord/",
        erasing_views.take_out_words,
        name="incident_words",
        needs="incidents.edit",
    ),
]
