"""What `keyswitch usage` prints, in each of its forms."""
