"""What parked messages need from the world: a place, and a look at the network."""
