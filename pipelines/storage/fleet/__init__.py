"""The list of the sites that are crawled again and again, the workers that crawl them, and the place of their queue.

May import ``schema`` and the rooms below it.
"""
