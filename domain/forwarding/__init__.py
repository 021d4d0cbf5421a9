"""How one machine lends the use of its sign-ins to another, and never the sign-ins themselves."""
