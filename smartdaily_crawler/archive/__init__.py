"""The archive: responses in WARC 1.1, written by a crawl and read again. May import ``crawl`` and ``rendering``.

A record is named by its place, ``FILE:OFFSET``, the file relative to the folder ``ARCHIVE``. ``warcio``, an extra, is imported by
``writing`` and ``places`` only, which are imported where they are needed.
"""
