"""The HTTP face: REST for other systems, with problems, ETags and OpenAPI."""

from api.http.app import create_app

__all__ = ["create_app"]
