"""Queries under a deadline: where the work can be stopped, and what bounds it.

Enters: a SPARQL query with its dataset, format and limits. Leaves: the serialised answer,
complete or as a stream, or an error; never a part that looks whole. Knows engines only through
the store contract. Open ``base.py`` first.
"""
