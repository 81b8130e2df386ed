"""Every page there is to look at, by name; what stands in braces is of one hospital."""

from tests.web.hospital import Hospital

Places = dict[str, str]
"""What the braces stand for."""

PAGES = {
    "today": "/",
    "list": "/lists/overdue",
    "patients": "/patients",
    "patient": "/patients/{patient}",
    "timeline": "/patients/{patient}/timeline",
    "why-not": "/patients/{patient}/why-not",
    "print": "/patients/{patient}/print",
    "record": "/patients/{patient}/record",
    "record-values": "/patients/{patient}/record/obs",
    "record-treatment": "/patients/{patient}/record/med",
    "record-condition": "/patients/{patient}/record/cond",
    "record-vaccination": "/patients/{patient}/record/vax",
    "record-pause": "/patients/{patient}/record/admin",
    "record-override": "/patients/{patient}/record/override",
    "newcomer": "/patients/{newcomer}",
    "enrol": "/patients/{newcomer}/record/enrol",
    "cohort": "/cohorts/pm-ild",
    "pathway": "/pathways/pm-ild",
    "imports": "/imports",
    "import": "/imports/{upload}",
    "settings": "/settings",
    "people": "/settings/people",
    "webhooks": "/settings/webhooks",
    "deliveries": "/settings/webhooks/{webhook}",
    "reference": "/docs",
}
"""Addresses of what a clinical lead who administers the site may see."""

LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh, Maximiliane Theodora Friederike Auguste"
"""A name as long as names get."""

MEDICINES = b"patient,date,drug,op\nnobody,2026-01-01,mmf,start\nnobody,01/02/2026,mmf,start\n"
"""A file with rows that are refused."""


def shown(hospital: Hospital, patient: str) -> Places:
    """Return what the braces stand for, after making a file, a webhook and a patient on no pathway."""
    return {
        "patient": patient,
        "newcomer": hospital.new("Newcomer, Nell"),
        "upload": hospital.sent("medicines", MEDICINES),
        "webhook": hospital.webhook(),
    }
