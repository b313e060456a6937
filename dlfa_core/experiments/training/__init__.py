"""What the experiments that train classifiers have in common: settings, heads, outcomes, statistics."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "frozen": ["FrozenRecipe", "fit_frozen", "recipe_of", "train_frozen"],
        "transfer_statistics": [
            *("CONFIGURATION", "DIFFERENCES", "SCORES"),
            *("Resamples", "TransferStatistics", "Group", "language_groups"),
        ],
        "head_specs": ["check_fusion", "frame_of", "fusion_label", "layers_of", "left_out", "plan_of", "plans_of"],
        "settings": [
            *("BEYOND", "DIFFERENT", "FROZEN", "MODES", "MODE_LABELS", "Grid", "Schedule", "TrainingSettings"),
            *("checked_norm", "chosen_task", "schedule_of"),
        ],
        "outcome": ["Trained", "about_task", "counted", "cut_said", "narrow", "read_for"],
    },
)
