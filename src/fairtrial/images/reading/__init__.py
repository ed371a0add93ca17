"""Pictures read from where they lie: folders, tables, archives, DICOM, into one pack of pixels."""
