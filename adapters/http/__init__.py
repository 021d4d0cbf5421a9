"""What every HTTP request of keyswitch has in common, whichever provider it goes to."""
