"""Run the sites of the list on many machines: when each is due, the queue, workers, and the processes of runs.

May import ``run``, ``storage`` and the crawler's ``sites``. ``engine`` and ``worker`` need the extra ``fleet``; the rest does not.
"""
