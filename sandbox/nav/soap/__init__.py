"""SOAP 1.1 over the codeunit and the pages."""
