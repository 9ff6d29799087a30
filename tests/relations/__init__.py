"""Tests of relations between claims; see ``worlds`` for the data."""
