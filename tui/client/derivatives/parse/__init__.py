"""Wire to model: the only place where the venue's shapes become the desk's values.

One module per subject. Everything here is a pure function; what cannot be a value raises ``MalformedError``, never
anything else, and no word of the venue passes through unmapped.
"""
