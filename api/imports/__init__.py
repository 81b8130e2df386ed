"""Files of other systems as messages, whatever their encoding, row by row.

`texts` reads a file into rows, `cells` reads a cell, `layouts` makes messages of rows, `files` reads a file
of any sort, `spool` brings together what concerns one patient, `importing` does it, and `reports` tells what
became of rows.
"""
