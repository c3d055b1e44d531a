"""The gates of `contracts.gates`, evaluated in the flow: before dbt, after it, and after a publish."""
