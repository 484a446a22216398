"""Analyses: pure functions, tables in and tables out; no file, clock, environment or network."""
