"""What a provider sends back when somebody signs in, and the client that this installation is there."""
