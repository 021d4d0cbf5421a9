"""What is done about the models themselves."""
