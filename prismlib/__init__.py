"""Analysis of cloud cost and launch readiness: every claim recomputed from its parts.

The package is laid out by what may touch what (``tests/test_architecture.py`` holds it)::

    errors, paths, periods  <-  fields  <-  currencies, tables, findings
    tables  <-  sources                 the only package that opens input files
    tables  <-  analyses                pure functions: tables in, tables out
    analyses  <-  charts                result table -> plotly figure
    charts  <-  report              what notebooks display; how they are rendered and published
    report  <-  narrative           computed sentences and tables of each notebook
    narrative, sources  <-  explore     controls over the same functions, for JupyterLab
    narrative, explore  <-  notebooks; report, sources  <-  cli
"""

__version__ = "0.1.0"
