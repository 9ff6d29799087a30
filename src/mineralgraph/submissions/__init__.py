"""Writes to a graph that is being served: who may, what it changes, and the record of it.

Enters: a document or a decision, and the token of whoever sends it. Leaves: one atomic change,
which the gate has passed and ``pipeline.write`` has made, with its audit record. Knows no HTTP.
Open ``writer.py`` first.
"""
