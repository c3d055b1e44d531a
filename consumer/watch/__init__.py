"""What the sink tells about itself while it runs: metrics, health and a journal."""
