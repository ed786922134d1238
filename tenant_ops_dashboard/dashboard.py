"""Where Horizon's autodiscovery looks for a dashboard of an installed application."""

from django.urls import include, path

from tenant_ops_dashboard.api import urls
from tenant_ops_dashboard.panels.dashboard import TenantOps

__all__ = ["TenantOps"]

TenantOps.beside = (path("api/", include(urls.urlpatterns)),)
