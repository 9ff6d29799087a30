"""What every answer goes through, whatever it says: bodies, formats, caching, problems, logs.

Nothing here knows the graph or a route. Open ``envelope.py`` first: it is around every answer.
"""
