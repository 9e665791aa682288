"""For scrapyd-deploy, which builds with it and would write one of its own; everything stands in pyproject.toml."""

from setuptools import setup

setup()
