"""Addresses of the municipality's settings."""

from ..access import route
from . import views

urlpatterns = [
    route("installningar/", views.settings_page, name="settings", needs="settings.view"),
    route("installningar/<str:key>/", views.setting, name="setting", needs="settings.view"),
    route("installningar/<str:key>/ta-tillbaka/", views.withdraw, name="withdraw_setting", needs="settings.change"),
]
