"""Where live keys come from and where ``kftui login`` keeps them: the environment, the system's keyring, a 0600 file.

``lookup`` is what others ask; ``system`` talks to the keyring, ``file`` reads and writes the file. Kept keys stand
under the address they were checked at, so that keys of the live account cannot be found for any other.
"""
