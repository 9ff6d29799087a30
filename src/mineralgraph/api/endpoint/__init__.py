"""SPARQL over HTTP: the two protocols, and the short way from the socket to an answer.

Open ``sparql.py`` first; ``wire.py``, ``plain.py`` and ``front.py`` are the short way.
"""
