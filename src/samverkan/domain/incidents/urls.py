"""Addresses of imports and categories."""

from samverkan.foundation.access import route

from . import views

urlpatterns = [
    route("import/", views.imports, name="import", needs="incidents.import"),
    route("import/<uuid:public_id>/", views.one_import, name="import_run", needs="incidents.import"),
    route("import/<uuid:public_id>/lage/", views.progress, name="import_progress", needs="incidents.import"),
    route("import/<uuid:public_id>/avvisade.csv", views.rejected_csv, name="import_rejected", needs="incidents.import"),
    route("kategorier/", views.categories, name="categories", needs="incidents.categories"),
    route("kategorier/ny/", views.new_category, name="new_category", needs="incidents.categories"),
    route("kategorier/kategori/<slug:code>/", views.category, name="category", needs="incidents.categories"),
]
