"""What reviewers see, put together from lower wings."""
