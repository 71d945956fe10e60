from ..access import SIGNED_IN, route
from . import views

urlpatterns = [
    route("inkorg/", views.inbox, name="inbox", needs=SIGNED_IN),
    route("inkorg/alla-lasta/", views.read_all, name="inbox_read_all", needs=SIGNED_IN),
    route("inkorg/<uuid:public_id>/", views.open_notice, name="inbox_open", needs=SIGNED_IN),
]
