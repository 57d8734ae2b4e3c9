"""A Django service: how many of an article there are. Served by ASGI; see services.py."""

from __future__ import annotations

import logging
import os
from typing import Any

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import JsonResponse
from django.urls import path
from logloom.web.django import logging_settings

log = logging.getLogger("stock")


async def article(request: Any, number: int) -> JsonResponse:
    log.info("%d of article %d", number * 3, number)
    return JsonResponse({"count": number * 3})


urlpatterns = [path("articles/<int:number>", article)]
settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY=os.urandom(32).hex(),
    MIDDLEWARE=["logloom.web.django.LoggingMiddleware"],
    LOGGING=logging_settings(service="stock"),
)
django.setup()
application = get_asgi_application()
