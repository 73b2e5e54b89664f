"""What a team learns from the cases of an audit: points noted beside a case, to be read again."""
