"""The simulated border: hidden truth first, then a policy, then labels."""
