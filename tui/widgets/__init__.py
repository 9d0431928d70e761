"""Leaves of the screen tree: each shows one slice of state and posts messages that carry values.

``format.py`` is the only place where numbers become text. Widgets never see a service.
"""
