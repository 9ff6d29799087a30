"""The engine behind one contract: quads in, answers out.

Enters: changes that the gate has passed, and SPARQL. Leaves: answers with every datatype and
language kept. Never validates, and knows no shape. Open ``base.py`` first: the contract.
"""
