"""The alphabet: terms, prefixes, formats, dates and identifiers.

Knows RDF, SPARQL syntax and EDTF; knows nothing of claims, gates or stores. Open
``namespaces.py`` first: every IRI of the project comes from its one prefix table.
"""
