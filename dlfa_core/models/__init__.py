"""Encoders: every layer of a pretrained model in one pass.

Names are imported on first use, so that the page process stays free of torch and transformers:
`fingerprint`, `locate` and `ModelError` need neither, `Encoder` needs both.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "attribution.explainer": ["Explainer"],
        "attribution.registry": ["BASELINES", "METHODS", "MOST_NEUTRAL", "OUTPUTS", "find_method", "most_neutral"],
        "attribution.result": ["Explanation", "Explanations", "delta_advice"],
        "attribution.subject": ["StackedSubject"],
        "batching": ["NoSubwords"],
        "checking": ["check_at_hand"],
        "choices": ["ChoiceReading", "read_choices"],
        "continuing": ["continue_from"],
        "distillation": ["Teacher"],
        "encoder": ["Encoder", "States"],
        "fingerprint": ["fingerprint"],
        "finetuning": ["TaskTrainer", "Tuning", "start_task_model"],
        "fusion.aif": ["AIF"],
        "fusion.build": ["build_fusion"],
        "fusion.dlfa": ["DLFA", "Fused"],
        "fusion.registry": ["FUSIONS", "find_fusion"],
        "fused_encoder": ["FUSED_STATES", "FusedEncoder"],
        "gates": ["GateReader"],
        "hardware": ["choose_device", "choose_dtype", "puts_on_accelerator"],
        "heads": ["SentenceHead", "SpanHead", "TokenHead"],
        "loading": ["load_config", "load_tokenizer"],
        "masked_head": ["MaskedHead", "fused_at"],
        "masked_language": ["MaskedLanguageModel"],
        "passes": ["Passes"],
        "shrinking": ["Shrunk", "shrink"],
        "size": ["n_blocks", "n_parameters"],
        "source": ["TASK_MODELS", "ModelError", "bundled_encoders", "bundled_task_models", "full_name", "locate"],
        "spans": ["LONGEST_QUESTION", "best_answers", "read_spans"],
        "stacked": ["HeadSpec", "HeadTraining", "StackedHeads"],
        "ppmi_initialisation": ["start_from", "start_vectors"],
        "subword_choice": ["Choice"],
        "subword_counts": ["Text", "subword_counts"],
        "task_batches": ["batch_examples", "read_examples"],
        "task_config": ["DlfaConfig"],
        "task_loading": ["load_task_model"],
        "tasks": [
            "DlfaForMultipleChoice",
            "DlfaForQuestionAnswering",
            "DlfaForSequenceClassification",
            "DlfaForTokenClassification",
            "TaskModel",
        ],
        "training": ["MEASUREMENTS", "CHECKPOINT", "Batch", "PretrainingRecipe", "Step", "Pretraining"],
        "vocabulary": ["cased_tokenizer", "learn_vocabulary", "read_tokenizer"],
    },
)
