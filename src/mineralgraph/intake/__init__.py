"""Article text → claims: from what a curator writes to what the gate reads.

Enters: TriG in the authoring form (data/README.md), and article texts where they are at hand.
Leaves: quads in the dataset's own form (model.md section 2), without blank nodes, each
traceable to a file and a line. Never validates, never stores. Open ``dataset.py`` first.
"""
