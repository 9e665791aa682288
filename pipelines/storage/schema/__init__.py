"""Tables, the consumers' schema ``api``, migrations, and how rows are passed to a statement.

May import ``database``, ``db``, ``embedded``, and the crawler's ``cleaning``.
"""
