"""One noun of the API in each file; ``register`` adds its routes to the application.

Open ``queries.py`` first: a route and an OpenAPI operation for each canned query.
"""
