"""Microsoft Dynamics NAV 2016 and later, over OData V4 and one SOAP codeunit."""
