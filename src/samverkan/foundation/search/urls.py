from ..access import SIGNED_IN, route
from . import views

urlpatterns = [route("sok/", views.results, name="search", needs=SIGNED_IN)]
