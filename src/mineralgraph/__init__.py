"""A knowledge graph of critical-minerals diplomacy."""
