"""The simulator: listeners with tastes and habits, and the events they would send."""
