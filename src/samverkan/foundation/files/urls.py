from ..access import SIGNED_IN, route
from . import views

urlpatterns = [
    route("filer/<uuid:public_id>/", views.open_file, name="file", needs=SIGNED_IN),
]
