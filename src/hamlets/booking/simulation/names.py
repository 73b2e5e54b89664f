"""Names that nobody can take for real ones."""

from __future__ import annotations

TREES = (
    "Ash", "Maple", "Birch", "Rowan", "Willow", "Hazel", "Elm", "Oak", "Alder", "Aspen",
    "Beech", "Cedar", "Cherry", "Chestnut", "Cypress", "Elder", "Fig", "Fir", "Hawthorn",
    "Hickory", "Holly", "Hornbeam", "Juniper", "Larch", "Laurel", "Lime", "Linden", "Magnolia",
    "Mulberry", "Myrtle", "Olive", "Pear", "Pine", "Plane", "Plum", "Poplar", "Quince",
    "Redwood", "Sequoia", "Sorrel", "Spruce", "Sycamore", "Tamarisk", "Walnut", "Whitebeam",
    "Yew", "Acacia", "Almond", "Apple", "Apricot", "Bamboo", "Baobab", "Bay", "Box", "Broom",
    "Buckthorn", "Damson", "Dogwood", "Ebony", "Gorse", "Hemlock", "Ivy", "Medlar", "Mimosa",
    "Osier", "Palm", "Pecan", "Rosewood", "Sandalwood", "Sumac", "Teak", "Wych",
)  # fmt: skip
FLOWERS = (
    "Foxglove", "Bluebell", "Primrose", "Cowslip", "Campion", "Clover", "Daisy", "Harebell",
    "Heather", "Iris", "Lavender", "Lupin", "Marigold", "Meadowsweet", "Orchid", "Oxeye",
    "Pansy", "Peony", "Poppy", "Rosemary", "Sage", "Snowdrop", "Speedwell", "Tansy", "Teasel",
    "Thistle", "Thyme", "Tulip", "Vetch", "Violet", "Yarrow", "Anemone", "Aster", "Bramble",
    "Celandine", "Comfrey", "Crocus", "Dahlia", "Fennel", "Fern", "Jasmine", "Saffron",
)  # fmt: skip
NETWORK_LANGUAGES = ("Bengali", "Somali", "Urdu", "Polish", "Italian", "French", "Arabic", "Hindi")

_TITLES = {
    "nurse": "Nurse",
    "healthcare_assistant": "Assistant",
    "pharmacist": "Pharmacist",
    "paramedic": "Paramedic",
    "physiotherapist": "Physio",
    "advanced_practitioner": "Practitioner",
    "physician_associate": "Associate",
    "social_prescriber": "Link Worker",
    "care_coordinator": "Coordinator",
    "administrator": "Desk",
}


def staff_name(role: str, plant: str) -> str:
    """Return the invented name of a member of staff."""
    return f"{_TITLES.get(role, 'Dr')} Example-{plant}"
