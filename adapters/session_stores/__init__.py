"""Where credentials are kept: one sealed file, its key, and the locks around both.

Only `sealing` knows a cryptographic library, and it is imported by what needs the secrets themselves. Reading what a
status shows (`auth_file`) needs the standard library alone.
"""
