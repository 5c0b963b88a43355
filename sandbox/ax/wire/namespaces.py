"""XML namespaces of AIF. They are http:// although newer documentation prints https://."""

from __future__ import annotations

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"

CONTEXT = "http://schemas.microsoft.com/dynamics/2010/01/datacontracts"
FAULT = "http://schemas.microsoft.com/dynamics/2008/01/documents/Fault"
KEY = "http://schemas.microsoft.com/dynamics/2006/02/documents/EntityKey"
KEY_LIST = "http://schemas.microsoft.com/dynamics/2006/02/documents/EntityKeyList"
KEY_PAGE = "http://schemas.microsoft.com/dynamics/2011/02/documents/EntityKeyPage"
PAGING = "http://schemas.microsoft.com/dynamics/2011/02/documents/DocumentPaging"
CRITERIA = "http://schemas.microsoft.com/dynamics/2006/02/documents/QueryCriteria"
SHARED = "http://schemas.microsoft.com/dynamics/2008/01/sharedtypes"
SERIALIZATION = "http://schemas.microsoft.com/2003/10/Serialization/"
ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
INFOLOG = "http://schemas.datacontract.org/2004/07/Microsoft.Dynamics.AX.Framework.Services"
CUSTOM_TYPES = "http://schemas.datacontract.org/2004/07/Dynamics.Ax.Application"

SERVICES = "http://schemas.microsoft.com/dynamics/2008/01/services"
CUSTOM = "http://tempuri.org"
ROUTING_SERVICE = "http://tempuri.org/"
ROUTER = "http://schemas.microsoft.com/netfx/2009/05/routing"
NO_ADDRESSING = "http://schemas.microsoft.com/ws/2005/05/addressing/none"

PREFIXES = {
    "ctx": CONTEXT,
    "f": FAULT,
    "ek": KEY,
    "ekl": KEY_LIST,
    "ekp": KEY_PAGE,
    "dp": PAGING,
    "qc": CRITERIA,
    "st": SHARED,
    "arr": ARRAYS,
    "info": INFOLOG,
    "dc": CUSTOM_TYPES,
}
"""The prefixes that schemas and descriptions of the stand-in use."""
