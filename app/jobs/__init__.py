"""Background work: Celery beside the web process.

The database is the truth about every job; the broker only carries "look at row N". A lost broker loses nothing, because
a sweep looks for what is due.
"""
