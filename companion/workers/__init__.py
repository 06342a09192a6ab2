"""What runs beside the web: timers and deliveries. Each has `run_once(now_ms) -> int` and a loop around it."""
