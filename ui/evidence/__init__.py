"""What the Evidence page asks and shows beyond what pages share."""

from ui.evidence.choices import layer, similarity, task
from ui.evidence.results import all_tasks, gathered, offer_probes, similarity_beside

__all__ = ["all_tasks", "gathered", "layer", "offer_probes", "similarity", "similarity_beside", "task"]
