"""What every floor above may use: errors, seeds, parameter rules, records, files, hashing."""
