"""A recording shown again on the same desk: the client and the service as they are, on the recording's wire and clock.

Nothing here can reach a network. ``loop`` is time that is moved by hand, ``index`` and ``wire`` stand where the venue
was, ``player`` moves a whole desk through the recording, ``desk`` is that desk as the screens see it, ``app`` the
screens with a player's keys, ``show`` the command.
"""
