"""Prints and totals of PEFT: adapters on small networks of transformers."""

import contextlib
import importlib
import io
from collections.abc import Iterator
from typing import Any

from tests.helpers.real_models import RealModel
from tests.oracle.models.library_prints import SMALL, TRANSFORMERS
from tests.oracle.models.prints import printed
from tests.oracle.models.torch_counts import trained_of
from tests.oracle.vision import name_operators

LIBRARIES = ("torch", "transformers", "peft")


def models() -> Iterator[RealModel]:
    """Yield the line of totals alone, and with the print of the network."""
    name_operators()
    peft, library = importlib.import_module("peft"), importlib.import_module("transformers")
    for name, base, settings in _adapters(peft, library):
        network = peft.get_peft_model(base, settings)
        with contextlib.redirect_stdout(io.StringIO()) as out:
            network.print_trainable_parameters()
        line = out.getvalue()
        yield RealModel(f"PEFT's line, {name}", line, refused="PEFT's line")
        total = sum(parameter.numel() for parameter in network.parameters())
        real = printed(f"PEFT, {name}", f"{line}{network}\n", network, says=("PEFT",))
        exact = real.total == total and not real.elsewhere
        yield RealModel(**vars(real) | {"trained": trained_of(network) if exact else None})
        yield printed(f"PEFT without its line, {name}", repr(network), network, kept=False)


def _adapters(peft: Any, library: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield (name, network, configuration of the adapter)."""

    def gpt() -> Any:
        return library.GPT2LMHeadModel(library.GPT2Config(**TRANSFORMERS["GPT2LMHeadModel"]))

    def bert() -> Any:
        return library.BertForSequenceClassification(library.BertConfig(**SMALL))

    def llama() -> Any:
        return library.LlamaForCausalLM(library.LlamaConfig(**TRANSFORMERS["LlamaForCausalLM"]))

    attention = ["q_proj", "v_proj"]
    yield "LoRA on GPT-2", gpt(), peft.LoraConfig(r=4, task_type="CAUSAL_LM", fan_in_fan_out=True)
    yield "LoRA on BERT", bert(), peft.LoraConfig(r=4, task_type="SEQ_CLS", lora_dropout=0.1)
    yield "LoRA on Llama", llama(), peft.LoraConfig(r=8, target_modules="all-linear", bias="all")
    yield "DoRA on Llama", llama(), peft.LoraConfig(r=8, target_modules=attention, use_dora=True)
    saved = {"target_modules": attention, "modules_to_save": ["lm_head"]}
    yield "LoRA with a saved head", llama(), peft.LoraConfig(r=2, **saved)
    yield "LoRA on embeddings", llama(), peft.LoraConfig(r=2, target_modules=["embed_tokens", "v_proj"])
    yield (
        "IA3 on Llama",
        llama(),
        peft.IA3Config(target_modules=["k_proj", "down_proj"], feedforward_modules=["down_proj"]),
    )
    yield "AdaLoRA on Llama", llama(), peft.AdaLoraConfig(target_modules=attention, total_step=10)
    yield "LoHa on Llama", llama(), peft.LoHaConfig(target_modules=attention)
    yield "LoKr on Llama", llama(), peft.LoKrConfig(target_modules=attention)
    yield "OFT on Llama", llama(), peft.OFTConfig(target_modules=attention, oft_block_size=4)
    yield "VeRA on Llama", llama(), peft.VeraConfig(target_modules=["up_proj"], r=4)
    yield "prompts on Llama", llama(), peft.PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=5)
    yield "prefixes on Llama", llama(), peft.PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=5)
    sequence = importlib.import_module("torch").nn
    conv = sequence.Sequential(
        sequence.Conv2d(3, 8, 3), sequence.ConvTranspose2d(8, 4, 2, 2), sequence.Conv2d(4, 3, 1)
    )
    yield "LoRA on convolutions", conv, peft.LoraConfig(r=2, target_modules=["0", "2"])
