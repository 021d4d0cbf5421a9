"""Lending the use of sign-ins to other machines of their owner."""
