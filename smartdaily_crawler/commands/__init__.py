"""Commands of ``scrapy``, one per module.

May import all rooms; no room imports it.
"""

import gc

# Scrapy imports this package before the modules with the commands. A start makes some hundred thousand objects that last, and a page
# few cycles: looking for them after each 700 new objects, Python's default, takes a tenth of the processor time of a crawl.
gc.set_threshold(10_000)
