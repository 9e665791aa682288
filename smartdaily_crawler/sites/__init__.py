"""What is known of one site: its profile and which addresses are its own. Data only.

May import ``markup`` and ``cleaning``.
"""
