"""Other people's clients trade on the paper exchange, unmodified: only the place they talk to is ours.

They come with the extra ``strangers``; without it every module here is skipped and says so.
"""
