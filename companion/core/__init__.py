"""The pure core: it decides, and knows nothing of the network, the store, the clock or chance."""
