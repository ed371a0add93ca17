"""Problems as data: a YAML file and perhaps a table in, vectorised functions and answers out."""
