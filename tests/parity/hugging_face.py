"""Transformers beside those of Hugging Face's library, of small configurations and without a download."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from .others import Case

SMALL = {"width": 32, "depth": 2, "heads": 4, "vocabulary": 100}


def words(length: int = 11, seed: int = 0) -> Tensor:
    return torch.randint(5, 90, (2, length), generator=torch.Generator().manual_seed(seed))


def _transformers() -> Any:
    import transformers

    transformers.logging.set_verbosity_error()
    return transformers


def gpt2() -> nn.Module:
    library = _transformers()
    return library.GPT2LMHeadModel(library.GPT2Config(n_embd=32, n_layer=2, n_head=4, vocab_size=100, n_positions=16))


def bert() -> nn.Module:
    library = _transformers()
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128}
    return library.BertModel(library.BertConfig(**sizes, vocab_size=100, max_position_embeddings=16))


def decoder(name: str, **more: Any) -> nn.Module:
    library = _transformers()
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}
    config = getattr(library, f"{name}Config")(**sizes, vocab_size=100, rms_norm_eps=1e-5, **more)
    return getattr(library, f"{name}ForCausalLM")(config)


def llama() -> nn.Module:
    return decoder("Llama", num_key_value_heads=4)


def llama_3() -> nn.Module:
    return decoder("Llama", num_key_value_heads=2, rope_theta=500_000.0)


def mistral() -> nn.Module:
    return decoder("Mistral", num_key_value_heads=2, sliding_window=4)


def t5() -> nn.Module:
    library = _transformers()
    sizes = {"d_model": 32, "num_layers": 2, "num_heads": 4, "d_kv": 8, "d_ff": 48, "vocab_size": 100}
    return library.T5Model(library.T5Config(**sizes, feed_forward_proj="relu"))


def whisper() -> nn.Module:
    library = _transformers()
    sides = {"layers": 2, "attention_heads": 4, "ffn_dim": 128}
    both = {f"{side}_{name}": value for side in ("encoder", "decoder") for name, value in sides.items()}
    lengths = {"max_source_positions": 20, "max_target_positions": 16, "num_mel_bins": 8}
    tokens = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
    return library.WhisperForConditionalGeneration(
        library.WhisperConfig(d_model=32, vocab_size=100, **both, **lengths, **tokens)
    )


def clip() -> nn.Module:
    library = _transformers()
    layers = {"num_hidden_layers": 2, "num_attention_heads": 4, "projection_dim": 24}
    text = {"hidden_size": 32, "intermediate_size": 128, "vocab_size": 100, "max_position_embeddings": 16}
    vision = {"hidden_size": 48, "intermediate_size": 192, "image_size": 32, "patch_size": 8}
    config = library.CLIPConfig(
        text_config={**text, **layers, "eos_token_id": 2}, vision_config={**vision, **layers}, projection_dim=24
    )
    return library.CLIPModel(config)


def clip_outputs(module: nn.Module, image: Tensor, sentence: Tensor) -> tuple[Tensor, ...]:
    given = module(input_ids=sentence, pixel_values=image)
    return given.image_embeds, given.text_embeds, given.logits_per_image.diagonal()


class Vaswani(nn.Module):
    """torch.nn's layers of the Transformer, between the paper's embeddings."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(100, 32)
        self.scores = nn.Linear(32, 100, bias=False)
        self.scores.weight = self.embedding.weight
        layers = [
            make(32, 4, 48, batch_first=True) for make in (nn.TransformerEncoderLayer, nn.TransformerDecoderLayer)
        ]
        self.encoder = nn.TransformerEncoder(layers[0], 2, enable_nested_tensor=False)
        self.decoder = nn.TransformerDecoder(layers[1], 2)

    def placed(self, sentence: Tensor) -> Tensor:
        angles = torch.arange(sentence.shape[1])[:, None] / 10_000 ** (torch.arange(0, 32, 2) / 32)
        return self.embedding(sentence) * 32**0.5 + torch.stack([angles.sin(), angles.cos()], -1).flatten(1)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        mask = nn.Transformer.generate_square_subsequent_mask(target.shape[1])
        return self.scores(self.decoder(self.placed(target), self.encoder(self.placed(source)), tgt_mask=mask))


@cache
def image() -> Tensor:
    return torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))


T5_NAMES = (
    (r"block\.0\.layer\.0\.SelfAttention\.relative_attention_bias", "bias.table"),
    (r"block\.(\d+)\.", r"block\1."),
    (r"layer\.\d\.DenseReluDense", "feed_forward"),
    (r"layer\.0\.SelfAttention", "self_attention"),
    (r"layer\.1\.EncDecAttention", "cross_attention"),
    (r"layer\.0\.layer_norm", "norm1"),
    (r"layer\.1\.layer_norm", "norm2"),
    (r"layer\.2\.layer_norm", "norm3"),
    ("final_layer_norm", "norm"),
)

TRANSFORMERS = (
    Case(
        "transformer_base",
        Vaswani,
        lambda: (words(), words(7)),
        {**SMALL, "hidden": 48},
        ((r"\.layers", ""),),
        tolerance=1e-6,
    ),
    Case(
        "bert_base",
        bert,
        lambda: (words(), words() % 2),
        {**SMALL, "context": 16},
        run=lambda module, x, segments: tuple(module(x, token_type_ids=segments).to_tuple()[:2]),
    ),
    Case(
        "gpt2",
        gpt2,
        lambda: (words(),),
        {**SMALL, "context": 16},
        ((r"^transformer\.", ""),),
        run=lambda module, x: module(x).logits,
    ),
    Case("llama_2_7b", llama, lambda: (words(),), {**SMALL, "hidden": 48}, run=lambda module, x: module(x).logits),
    Case(
        "llama_3_8b",
        llama_3,
        lambda: (words(),),
        {**SMALL, "kv_heads": 2, "hidden": 48},
        run=lambda module, x: module(x).logits,
    ),
    Case(
        "mistral_7b",
        mistral,
        lambda: (words(),),
        {**SMALL, "kv_heads": 2, "hidden": 48, "window": 4},
        run=lambda module, x: module(x).logits,
    ),
    Case(
        "t5_small",
        t5,
        lambda: (words(140), words(140, seed=1)),
        {**SMALL, "head_dim": 8, "hidden": 48},
        T5_NAMES,
        (r"embed_tokens",),
        run=lambda module, x, target: module(input_ids=x, decoder_input_ids=target).last_hidden_state,
        tolerance=1e-6,
    ),
    Case(
        "whisper_base",
        whisper,
        lambda: (image().reshape(2, -1)[:, : 8 * 40].reshape(2, 8, 40), words()),
        {**SMALL, "mels": 8, "frames": 20, "context": 16},
        ((r"^model\.", ""),),
        run=lambda module, x, text: module(input_features=x, decoder_input_ids=text).logits,
        tolerance=1e-6,
    ),
    Case(
        "clip_vit_b_32",
        clip,
        lambda: (image(), words()),
        {
            "resolution": 32, "patch": 8, "width": 48, "depth": 2, "heads": 4, "embedding": 24,
            "text_width": 32, "text_depth": 2, "text_heads": 4, "context": 16, "vocabulary": 100,
        },
        run=clip_outputs,
        tolerance=1e-6,
    ),
)  # fmt: skip
