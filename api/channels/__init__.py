"""What is said outside Careway: the words, and who carries them by e-mail, gateway and webhook."""
