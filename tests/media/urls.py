"""The site's addresses with this wing's below /media/."""

from django.urls import include, path

from examhall.site.urls import urlpatterns as site

urlpatterns = [path("media/", include("examhall.media.http.urls")), *site]
