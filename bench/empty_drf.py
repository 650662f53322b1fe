"""An empty DRF view: it reads JSON and answers JSON, and that is all. What the decide server is measured against."""

from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class EmptyView(APIView):
    """Every caller goes to the standard queue."""

    def post(self, request: Request) -> Response:
        asked: Any = request.data
        return Response({"call_id": asked["call_id"], "queue": "standard"})


urlpatterns = [path("api/v1/decisions", EmptyView.as_view())]
