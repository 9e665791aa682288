"""What commands share: the operator's command, output, text differences.

May import ``pipelines``.
"""
