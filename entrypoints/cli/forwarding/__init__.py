"""The commands by which a person lends sign-ins to other machines."""
