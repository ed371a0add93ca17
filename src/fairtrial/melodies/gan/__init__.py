"""The GAN on bars: its networks, its training, several runs at once, what it writes."""
