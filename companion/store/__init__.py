"""Where handoffs live while they are open, and for a set time after: any server that speaks the Redis protocol."""
