"""Train the demo's vision-language model: tiny open_clip towers on drawings and WordNet, on two CPU cores.

Run it as

    D=build/demo
    python demo/make/train.py --art $D/art --pixels $D/pixels --wordnet /usr/share/wordnet --out $D/demo.safetensors
"""

import argparse
import copy
import math
import time
from pathlib import Path

import open_clip
import torch
from batches import CONCEPTS, EXTRA, PAIRS, Batch, Batches
from concepts import read_concepts
from drawings import Drawings
from objectives import image_text_loss, text_text_loss
from safetensors.torch import save_file
from token_init import start_text_tower, token_synset_matrix, token_vectors
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader
from words import ConceptWords, WordPairs

from mmneglabel.backbones.causal_text import CausalText
from mmneglabel.backbones.open_clip_weights import known_model
from mmneglabel.corpus.wordnet import open_wordnet

MODEL = Path(__file__).parents[1] / "mmneglabel-demo.json"
PIXEL_MEAN = PIXEL_STD = 0.5
TEXT_SCALE = 20.0
MAX_LOG_SCALE = math.log(100)


def arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--art", type=Path, required=True, help="folder that fetch_art.py filled")
    parser.add_argument("--pixels", type=Path, required=True, help="folder that render_art.py filled")
    parser.add_argument("--wordnet", type=Path, help="folder of WordNet database files; default: nltk_data")
    parser.add_argument("--out", type=Path, required=True, help="where the weights go (.safetensors)")
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1, help="beside the one that makes the pictures")
    parser.add_argument("--lr", type=float, default=2e-3, help="peak learning rate of the picture tower")
    parser.add_argument("--save-every", type=int, default=250, help="steps between saves of the averaged weights")
    return parser.parse_args()


def build_model(wordnet: object, seed: int) -> nn.Module:
    """The towers at their start."""
    name, _ = known_model(str(MODEL))
    torch.manual_seed(seed)
    model = open_clip.create_model(name)
    tokenizer = open_clip.SimpleTokenizer()
    vocabulary, width = model.token_embedding.weight.shape
    matrix = token_synset_matrix(wordnet, tokenizer.encode, vocabulary)
    start_text_tower(model, token_vectors(matrix, width, seed))
    return model.to(memory_format=torch.channels_last)


def optimizer_of(model: nn.Module, lr: float) -> torch.optim.Optimizer:
    """AdamW: decay on matrices alone; the text tower starts from meaning and moves more slowly."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        rate = lr if name.startswith("visual.") else lr / 2
        decay = 0.05 if parameter.ndim > 1 and "embedding" not in name else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    table = [{"params": p, "lr": rate, "weight_decay": decay} for (rate, decay), p in groups.items()]
    return torch.optim.AdamW(table, betas=(0.9, 0.98), eps=1e-6)


def rate_at(step: int, steps: int) -> float:
    """Linear warm-up over 4 % of the steps, then half a cosine."""
    warm = max(1, steps * 4 // 100)
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / (steps - warm)))


def encode_text(model: nn.Module, tokens: Tensor) -> Tensor:
    """Unit text features (N, D); what texts share is computed once, padding not at all (exact in a causal tower)."""
    walk = CausalText(model, end_token=None)  # the largest id, as in CLIP
    return functional.normalize(walk(tokens), dim=1)


def losses(model: nn.Module, batch: Batch, tokenizer: open_clip.SimpleTokenizer) -> tuple[Tensor, Tensor]:
    """Picture-word and word-word loss of a batch."""
    pictures = ((batch.pictures - PIXEL_MEAN) / PIXEL_STD).to(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        images = model.encode_image(pictures)
    images = functional.normalize(images.float(), dim=1)
    tokens = tokenizer(batch.texts, context_length=model.context_length)
    short, right = tokens[: CONCEPTS + EXTRA + PAIRS], tokens[CONCEPTS + EXTRA + PAIRS :]
    own, left = encode_text(model, short).split([CONCEPTS + EXTRA, PAIRS])
    right = encode_text(model, right)
    scale = model.logit_scale.clamp(max=MAX_LOG_SCALE).exp()
    return image_text_loss(images, own, batch.blocked, scale), text_text_loss(left, right, batch.same, TEXT_SCALE)


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, keep: float) -> None:
    """Moves the averaged weights towards the trained ones; batch statistics too."""
    for old, new in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
        if old.is_floating_point():
            old.lerp_(new, 1 - keep)


def save(model: nn.Module, path: Path) -> None:
    """Writes half-precision weights as open_clip reads them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {k: v.half() if v.is_floating_point() else v for k, v in model.state_dict().items()}
    save_file({k: v.contiguous() for k, v in state.items()}, path)


def main() -> None:
    """Trains and saves."""
    args = arguments()
    torch.set_num_threads(args.threads)
    wordnet = open_wordnet(args.wordnet)
    concepts = read_concepts(args.art)
    drawings = Drawings(args.pixels, concepts, "train")
    batches = Batches(concepts, drawings, ConceptWords(concepts, wordnet), WordPairs(wordnet), args.steps, args.seed)
    loader = DataLoader(batches, batch_size=None, num_workers=1, prefetch_factor=8)
    model = build_model(wordnet, args.seed)
    average = copy.deepcopy(model)
    optimizer, tokenizer = optimizer_of(model, args.lr), open_clip.SimpleTokenizer()
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate_at(step, args.steps))
    started, model = time.time(), model.train()
    for step, batch in enumerate(loader, start=1):
        pictured, worded = losses(model, batch, tokenizer)
        optimizer.zero_grad()
        (pictured + 0.5 * worded).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        follow(average, model, min(0.998, step / (step + 10)))
        if step % 50 == 0:
            print(f"step {step} pictures {pictured:.3f} words {worded:.3f} scale {model.logit_scale.exp():.1f} "
                  f"{(time.time() - started) / step:.3f} s/step", flush=True)  # fmt: skip
        if step % args.save_every == 0 or step == args.steps:
            save(average, args.out)


if __name__ == "__main__":
    main()
