"""Reading: the only package that opens input files or, later, calls AWS."""
