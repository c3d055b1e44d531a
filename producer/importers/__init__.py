"""Files that people have (histories, logs, reference tables) turned into events, each row counted."""
