"""Run notebooks and publish what they say: pages, a weekly summary, findings and a workbook.

`prismlib.report.display` is what notebooks call; `prismlib.report.render` makes the report. It is
the only package that imports papermill and nbconvert, and `display` needs neither.
"""
