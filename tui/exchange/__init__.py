"""The local paper exchange: another program that speaks the venue's wire.

``python -m tui.exchange`` or ``kftui exchange``. A pure engine (``step(command, now) -> events``) stands
behind the venue's doors (REST, WebSocket, signature checks). It imports ``tui.wire`` and nothing else of
ours, and keeps its own position and margin code on purpose: the desk's is tested against it.
"""
