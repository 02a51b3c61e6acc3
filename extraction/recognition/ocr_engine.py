"""The OCR engine: its two bundled networks, one that finds lines of text and one that reads strips of print."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import cv2
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

STRIP_HEIGHT = 48  # pixels, of the strips that the recognition network reads
STEP_WIDTH = 8  # pixels of a strip for one step of its output
MAX_SIDE = 1750  # pixels, of A4 150 dpi; larger pictures are reduced before lines are looked for
MIN_SIDE = 736  # pixels; the library enlarges smaller pictures
MARGIN = 16  # pixels of paper left around the print of a picture
PRINTED = 40  # grey levels, by which print is darker than paper
SPECK = 0.004  # of the height of a page: smaller pieces of ink are dust, or stand beside larger ones
MAX_SLIMNESS = 4  # of the sides of a picture: the library blows up a slimmer one by its short side, without a limit
DETECTION = "PP-OCRv6_det_small.onnx"
RECOGNITION = "PP-OCRv6_rec_small.onnx"
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

        The corners go clockwise from the top left. Raises `EngineError`.
        """
        share = min(MAX_SIDE / max(pixels.shape[:2]), 1.0)  # as if the whole picture were looked at
        left, top, right, bottom = find_inked(pixels, least=math.ceil(MIN_SIDE / share))
        inner = pixels[top:bottom, left:right]
        if share < 1:
            size = max(round(share * inner.shape[1]), 1), max(round(share * inner.shape[0]), 1)
            inner = np.asarray(cv2.resize(inner, size, interpolation=cv2.INTER_AREA), np.uint8)
        found = self._find(np.ascontiguousarray(inner))
        return np.asarray(found / share + np.array([left, top], np.float32), np.float32)

    def read_strips(self, strips: Floats) -> Floats:
        """Probabilities of classes along strips of print: (strips, 3, 48, width) to (strips, width / 8, classes).

        Values of `strips` run from -1 (black) to 1 (white); a width must be a multiple of 8. Raises `EngineError`.
        """
        from onnxruntime.capi import onnxruntime_pybind11_state as errors

        try:
            output = self._session.run(None, {self._session.get_inputs()[0].name: strips})
        except (errors.Fail, errors.InvalidArgument, errors.RuntimeException) as error:
            raise EngineError(f"recognition failed on strips of shape {strips.shape}: {error}") from error
        return cast("Floats", output[0])


def find_inked(pixels: npt.NDArray[np.uint8], *, least: int = 0) -> tuple[int, int, int, int]:
    """The part of a picture outside of which there is only paper: left, top, right, bottom in pixels.

    It is `least` pixels wide and high, as far as the picture is. Margins are a third of a page, and looking for lines
    takes its time by the area.
    """
    height, width = pixels.shape[:2]
    dark = cv2.blur(pixels.min(axis=2), (3, 3))
    ink = (dark < float(np.median(dark[::4, ::4])) - PRINTED).astype(np.uint8)
    stats = cv2.connectedComponentsWithStats(ink, connectivity=8)[2][1:]
    stats = stats[stats[:, 2:4].max(axis=1, initial=0) >= SPECK * max(height, width)]
    if not len(stats):
        return 0, 0, width, height
    start, end = stats[:, :2].min(axis=0), (stats[:, :2] + stats[:, 2:4]).max(axis=0)
    left, right = _widen(int(start[0]) - MARGIN, int(end[0]) + MARGIN, least, width)
    top, bottom = _widen(int(start[1]) - MARGIN, int(end[1]) + MARGIN, least, height)
    return left, top, right, bottom


def _widen(start: int, end: int, least: int, most: int) -> tuple[int, int]:
    """From where to where, at least so far, within 0 and `most`."""
    start, end = max(start, 0), min(end, most)
    start = max(min(start, end - least), 0)
    return start, min(max(end, start + least), most)


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
            raise EngineError(f"detection failed on a picture of shape {pixels.shape}: {error}") from error
        return np.zeros((0, 4, 2), np.float32) if boxes is None else np.asarray(boxes, np.float32)

    return find


def _fill_out(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A slim picture with paper at its right or below."""
    height, width = pixels.shape[:2]
    below, beside = max(width // MAX_SLIMNESS - height, 0), max(height // MAX_SLIMNESS - width, 0)
    return np.pad(pixels, ((0, below), (0, beside), (0, 0)), constant_values=255) if below or beside else pixels
