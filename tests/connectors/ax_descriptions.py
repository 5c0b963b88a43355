"""The four real service descriptions, where the folder beside the checkout has them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from connectors.ax.models import Service
from connectors.ax.wsdl import load_service

FOLDER = Path(__file__).parents[3] / "shared" / "reference" / "ax-wsdl"
PORTS = sorted(path.parent.name for path in FOLDER.glob("*/porttype.wsdl"))
"""Names of the ports that are there; empty where the folder is not."""

_HOST = "http://ax.example.invalid"


async def fetch(url: str) -> bytes:
    """A file of the folder under an address of its own."""
    return (FOLDER / urlsplit(url).path.lstrip("/")).read_bytes()


async def service(port: str) -> Service:
    """The described service of one port."""
    return await load_service(port, f"{_HOST}/{port}/{port}.wsdl", fetch)


def schema(port: str) -> etree.XMLSchema:
    """Everything the description of a port declares, as one XML Schema."""
    folder = FOLDER / port
    files = [
        folder / "messages.xsd",
        folder / "document.xsd",
        *sorted((FOLDER / "common").iterdir()),
    ]
    imports = "".join(
        f'<xs:import namespace="{_target(file)}" schemaLocation="{file.as_uri()}"/>'
        for file in files
    )
    text = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(text))


def _target(file: Path) -> str:
    return str(etree.parse(file).getroot().get("targetNamespace"))
