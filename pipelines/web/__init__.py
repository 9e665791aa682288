"""The pages of ``scrapy web``: a server, views, drawings, templates and their assets.

May import ``storage`` and ``run``; holds no SQL. The only room that knows Starlette, Jinja2 and uvicorn.
"""
