"""The curators' door: Django's admin over the desk."""
