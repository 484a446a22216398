"""Narrative: the computed sentences and the tables of each notebook, which stays thin."""
