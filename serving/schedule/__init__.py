"""When things run by themselves: the schedule's settings, and who is told of failures."""
