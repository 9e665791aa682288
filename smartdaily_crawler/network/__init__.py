"""What comes from the network: keep a run out of private networks, renderers too, know robots.txt, and refuse bodies that are not whole.

May import ``reasons``, ``cleaning`` and ``per_crawler``.
"""
