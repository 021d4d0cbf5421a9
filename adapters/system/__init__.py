"""The machine itself: its clock, its environment, the person's home folder."""
