"""The app as an installed program; a wheel puts the app's files into this package (`dlfa_core.shipped`)."""
