"""The gate: quads in, a verdict out. Nothing enters the graph but through here.

Enters: quads in the dataset's own form, the reference data around them, and the article texts
that are at hand. Leaves: a ``Report`` whose findings say what is wrong and how to mend it.
Never touches a store, and knows no HTTP. Open ``check.py`` first.
"""
