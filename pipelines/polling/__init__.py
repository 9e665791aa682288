"""How often a site's lists are looked at: rates of new entries, and the times of polls that they give. Pure functions.

May import nothing of the project.
"""
