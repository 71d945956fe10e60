"""Addresses of measures and problems."""

from samverkan.foundation.access import route

from . import views

urlpatterns = [
    route("atgarder/", views.measures, name="measures", needs="measures.view"),
    route("atgarder/mina/", views.my_measures, name="my_measures", needs="measures.follow"),
    route("atgarder/lista.csv", views.measures_csv, name="measures_csv", needs="measures.view"),
    route("atgarder/ny/", views.new_measure, name="new_measure", needs="measures.manage"),
    route("atgarder/<uuid:public_id>/", views.measure, name="measure", needs="measures.view"),
    route("atgarder/<uuid:public_id>/andra/", views.change_measure, name="change_measure", needs="measures.manage"),
    route("atgarder/<uuid:public_id>/angra/", views.undo, name="measure_undo", needs="measures.follow"),
    route("problem/", views.problems, name="problems", needs="measures.view_all"),
    route("problem/nytt/", views.new_problem, name="new_problem", needs="measures.manage"),
    route("problem/<uuid:public_id>/", views.problem, name="problem", needs="measures.view_all"),
]
