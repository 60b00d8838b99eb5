"""What holds of every decider, whatever is asked: `stories.py` lists what may be asked of each."""
