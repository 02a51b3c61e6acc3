"""The OCR engine: its two bundled networks, one that finds lines of text and one that reads strips of print."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Floats = npt.NDArray[np.float32]

STRIP_HEIGHT = 48  # pixels, of the strips that the recognition network reads
STEP_WIDTH = 8  # pixels of a strip for one step of its output
MAX_SIDE = 1750  # pixels, of A4 150 dpi; larger pictures are reduced before lines are looked for
ENLARGED = 736  # pixels; the library enlarges smaller pictures
MAX_SLIMNESS = 4  # of the sides of a picture: the library blows up a slimmer one by its short side, without a limit
DETECTION = "PP-OCRv6_det_small.onnx"
RECOGNITION = "PP-OCRv6_rec_small.onnx"
STARVED = ("bad_alloc", "Failed to allocate memory")  # what the networks' runtime says where memory is short
# Off its defaults the library downloads other networks; with the classifier of angles a lone 9 becomes a 6.
SETTINGS: Mapping[str, Any] = {
    "Global.use_cls": False,
    "Global.use_rec": False,
    "Global.log_level": "critical",
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


class EngineError(Exception):
    """The OCR engine is incomplete or fails."""


@dataclass(frozen=True, slots=True)
class OcrEngine:
    """Both networks, loaded.

    `characters` tells what the classes of the recognition network print: class 0 is CTC's blank, the last a space.
    """

    characters: tuple[str, ...]
    _find: Callable[[npt.NDArray[np.uint8]], Floats]
    _session: InferenceSession

    def find_lines(self, pixels: npt.NDArray[np.uint8]) -> Floats:
        """Quadrilaterals of lines of text in a picture (height, width, 3): shape (lines, 4, 2), pixels (x, y).

        The corners go clockwise from the top left. Raises `EngineError`, `MemoryError`.
        """
        return self._find(pixels)

    def read_strips(self, strips: Floats) -> Floats:
        """Probabilities of classes along strips of print: (strips, 3, 48, width) to (strips, width / 8, classes).

        Values of `strips` run from -1 (black) to 1 (white); a width must be a multiple of 8.
        Raises `EngineError`, `MemoryError`.
        """
        from onnxruntime.capi import onnxruntime_pybind11_state as errors

        try:
            output = self._session.run(None, {self._session.get_inputs()[0].name: strips})
        except (errors.Fail, errors.InvalidArgument, errors.RuntimeException) as error:
            raise _explain(error, f"recognition failed on strips of shape {strips.shape}") from error
        return cast("Floats", output[0])


@functools.lru_cache(maxsize=1)
def load_engine() -> OcrEngine:
    """The engine with the networks that come in its package, once a process, with one thread and without a network.

    Raises `EngineError` where one is missing: the library would download it.
    """
    session = _load_session(find_network(RECOGNITION))
    listed = session.get_modelmeta().custom_metadata_map.get("character", "").split("\n")
    characters = ("", *(line.strip("\r") for line in listed), " ")
    return OcrEngine(characters, _load_detection(find_network(DETECTION)), session)


def find_network(name: str) -> Path:
    """The file of a network inside the package of the library; raises `EngineError` where it is not there."""
    import rapidocr

    path = Path(rapidocr.__file__).parent / "models" / name
    if not path.is_file():
        raise EngineError(f"the OCR package has no {name}")
    return path


def _load_session(path: Path) -> InferenceSession:
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False  # it keeps the memory of the largest batch
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except (errors.Fail, errors.InvalidProtobuf, errors.NoSuchFile) as error:
        raise EngineError(f"{path.name} is damaged: {error}") from error


def _load_detection(path: Path) -> Callable[[npt.NDArray[np.uint8]], Floats]:
    from rapidocr import RapidOCR
    from rapidocr.inference_engine.onnxruntime.main import ONNXRuntimeError
    from rapidocr.utils.process_img import ResizeImgError

    finder = RapidOCR(params={**SETTINGS, "Global.max_side_len": MAX_SIDE, "Det.model_path": str(path)})

    def find(pixels: npt.NDArray[np.uint8]) -> Floats:
        try:
            boxes = cast("Any", finder(_fill_out(pixels))).boxes
        except ResizeImgError:  # a picture too thin to hold text
            boxes = None
        except ONNXRuntimeError as error:
            raise _explain(error, f"detection failed on a picture of shape {pixels.shape}") from error
        return np.zeros((0, 4, 2), np.float32) if boxes is None else np.asarray(boxes, np.float32)

    return find


def _explain(error: Exception, what: str) -> Exception:
    """What to raise for an error of the networks' runtime, which puts a whole traceback into its message."""
    said = str(error).strip()
    if any(words in said for words in STARVED):
        return MemoryError(what)
    return EngineError(f"{what}: {said.splitlines()[-1] if said else type(error).__name__}")


def _fill_out(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A slim picture with paper at its right or below."""
    height, width = pixels.shape[:2]
    below, beside = max(width // MAX_SLIMNESS - height, 0), max(height // MAX_SLIMNESS - width, 0)
    return np.pad(pixels, ((0, below), (0, beside), (0, 0)), constant_values=255) if below or beside else pixels
