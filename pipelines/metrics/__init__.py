"""Metrics of a database and its sites for Prometheus. Needs the extra ``metrics``.

May import ``run.verdict``, ``storage``, and the crawler's ``items``.
"""
