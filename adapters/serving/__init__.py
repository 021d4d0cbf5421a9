"""What every server of this program stands on: it accepts, waits for a head no longer than it must, and hangs up."""
