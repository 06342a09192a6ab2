"""What touches the world outside, each with a twin that does not."""
