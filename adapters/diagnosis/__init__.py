"""Looks at the machine for `keyswitch doctor`: each module at one part of it, and none changes anything."""
