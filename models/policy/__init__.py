"""What is inspected: choosing under capacity, with every propensity known before the draw."""
