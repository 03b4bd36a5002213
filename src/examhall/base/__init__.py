"""What every wing may use: words, errors, clock, ids, settings, transactions, the writer and the job seam."""
