"""The addresses of the guided set-up."""

from django.contrib import admin
from django.urls import path

from contactcenter.foundation.sized import sized
from contactcenter.guided import asking, publish_views, views
from customers.uploads import LARGEST

_view = admin.site.admin_view

urlpatterns = [
    path("", _view(views.begin), name="guided"),
    path("done/<int:pk>/", _view(publish_views.done), name="guided_done"),
    path("<uuid:pk>/ask/<slug:name>/", _view(asking.ask), name="guided_ask"),
    path("<uuid:pk>/publish/", _view(publish_views.last), {}, name="guided_publish"),
    path("<uuid:pk>/<slug:name>/", _view(sized(views.step, views.too_large, lambda: LARGEST)), name="guided_step"),
]
