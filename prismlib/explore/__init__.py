"""Panels that explore a notebook in JupyterLab: its parameters under the hand, its results redrawn.

A panel reads and never feeds: it runs the functions of the notebook on the parameters that its
controls hold, and shows what the notebook would show. `panel` says how one is written.
"""
