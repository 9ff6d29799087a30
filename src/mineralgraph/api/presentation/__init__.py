"""How terms, labels, texts and pages are put before people; no route and no question.

Open ``pages.py`` first: the templates and their policy.
"""
