"""The venue's words, byte for byte, shared by the client and the paper exchange.

A dialect is one sub-package. Nothing here decides anything: names, shapes, costs and signing rules only.
May be imported by ``client`` and ``exchange``; knows nothing of ``model``.
"""
