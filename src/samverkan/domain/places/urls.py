"""Addresses of places and areas."""

from samverkan.foundation.access import route

from . import views

urlpatterns = [
    route("platser/", views.places, name="places", needs="places.view"),
    route("platser/forslag/", views.suggestions, name="place_suggestions", needs="places.view"),
    route("platser/karta/", views.picker_map, name="place_map", needs="places.view"),
    route("platser/ny/", views.new_place, name="new_place", needs="places.manage"),
    route("platser/<uuid:public_id>/", views.place, name="place", needs="places.view"),
    route("omraden/", views.areas, name="areas", needs="places.view"),
    route("omraden/<uuid:public_id>/", views.area, name="area", needs="places.view"),
]
