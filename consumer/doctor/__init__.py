"""`backbeat sink doctor`: what is wrong with the broker, the topics, the credentials and the store."""
