"""Fusions: what a task model may make of the states of its encoder, DLFA and its controls.

The properties in `registry.FUSIONS` are free of torch, so that a page can list them.
"""
