"""An encoder in ONNX Runtime, the fastest library that one could take instead: the mean of the last state."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

from dlfa_core.models.batching import batch_rows

TOKENS = 512  # in a batch; more were slower


class LastState(torch.nn.Module):
    """What is exported."""

    def __init__(self, model: torch.nn.Module):
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


def export(folder: str) -> Path:
    """Write a checkpoint as ONNX beside it, optimised by its own tool, and in 8 bits; the path of the first."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    path = Path(folder) / "model.onnx"
    model = LastState(AutoModel.from_pretrained(folder, attn_implementation="eager")).eval()
    ids = torch.arange(5, 15).reshape(2, 5)
    dynamic = {0: torch.export.Dim("batch", max=4096), 1: torch.export.Dim("length", max=512)}
    torch.onnx.export(
        model,
        (ids, torch.ones_like(ids)),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["last_hidden_state"],
        dynamic_shapes={"input_ids": dynamic, "attention_mask": dynamic},
        dynamo=True,
        verbose=False,
        external_data=False,
    )
    quantize_dynamic(path, path.with_name("model-int8.onnx"), weight_type=QuantType.QInt8)
    return path


class OnnxEncoder:
    """Reads texts sorted by their subwords, so that there is little padding."""

    def __init__(self, folder: str, file: str = "model.onnx"):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        self._session = onnxruntime.InferenceSession(
            str(Path(folder) / file), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = AutoTokenizer.from_pretrained(folder)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """float32 (n, hidden)."""
        ids = self._tokenizer(list(texts), truncation=True, max_length=256)["input_ids"]
        found: list = [None] * len(texts)
        for rows in batch_rows([len(each) for each in ids], TOKENS):
            batch = self._tokenizer.pad({"input_ids": [ids[row] for row in rows]}, return_tensors="np")
            mask = batch["attention_mask"].astype(np.int64)
            inputs = {"input_ids": batch["input_ids"].astype(np.int64), "attention_mask": mask}
            (states,) = self._session.run(None, inputs)
            for row, state, kept in zip(rows, states, mask, strict=True):
                found[row] = state[: kept.sum()].mean(0)
        return np.stack(found)
