"""Where actions become cells and get run."""
