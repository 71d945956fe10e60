from ..access import PUBLIC, SIGNED_IN, route
from . import sign_in_views, views

urlpatterns = [
    route("personer/", views.people, name="people", needs="people.view"),
    route("personer/bjud-in/", views.invite, name="invite", needs="people.invite"),
    route("personer/inbjudningar/", views.invitation_list, name="invitations", needs="people.invite"),
    route("personer/inbjudningar/<uuid:public_id>/ta-tillbaka/", views.revoke, name="revoke", needs="people.invite"),
    route("personer/organisationer/", views.organisations, name="organisations", needs="people.view"),
    route("personer/organisationer/ny/", views.new_organisation, name="new_organisation", needs="people.manage"),
    route("personer/organisationer/<uuid:public_id>/", views.organisation, name="organisation", needs="people.view"),
    route("personer/<uuid:public_id>/", views.person, name="person", needs="people.view"),
    route("personer/<uuid:public_id>/inloggning/", views.set_active, name="person_active", needs="people.manage"),
    route("personer/poster/<uuid:public_id>/avsluta/", views.end_seat, name="end_seat", needs="people.manage"),
    route("personer/poster/<uuid:public_id>/oppna/", views.reopen_seat, name="reopen_seat", needs="people.manage"),
    route("personer/poster/<uuid:public_id>/ersattare/", views.substitute, name="substitute", needs="people.manage"),
    route("inbjudan/<str:token>/", sign_in_views.invitation, name="invitation", needs=PUBLIC),
    route("byt-post/", sign_in_views.switch_seat, name="switch_seat", needs=SIGNED_IN),
    route("logga-in/demo/<uuid:public_id>/", sign_in_views.demo, name="demo_sign_in", needs=PUBLIC),
]
