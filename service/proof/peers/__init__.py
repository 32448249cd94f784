"""Other people's model servers, measured beside ours with the same model."""
