"""Addresses of newroom, each with what it needs."""

from samverkan.foundation.access import route

from . import views

urlpatterns = [
    route("nyadress/", views.newthings, name="newroom", needs="newroom.view"),
    route("nyadress/ny/", views.new_newthing, name="new_newthing", needs="newroom.manage"),
    route("nyadress/<uuid:public_id>/", views.newthing, name="newthing", needs="newroom.view"),
    route("nyadress/<uuid:public_id>/andra/", views.change_newthing, name="change_newthing", needs="newroom.manage"),
    route("nyadress/<uuid:public_id>/steg/", views.step_newthing, name="step_newthing", needs="newroom.manage"),
]
