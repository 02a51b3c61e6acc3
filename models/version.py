"""The version of Gouji, in one place: the package, the command, the service and the citation file have it from here."""

VERSION = "0.1.0"
