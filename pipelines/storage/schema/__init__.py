"""Tables, the consumers' schema ``api``, migrations, and how rows travel to a statement.

May import ``db`` and ``embedded``.
"""
