"""The plain way: Django models, nested serializers and a viewset with prefetching, as the manuals of DRF show it."""
