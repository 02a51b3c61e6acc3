"""Grey pages and masks kept small as PNG files, until the cells on them are read; by Pillow."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt

from models.picture import Pixels


def pack_pixels(pixels: Pixels | npt.NDArray[np.bool_]) -> bytes:
    """A grey page or a mask as a PNG file, quickly packed."""
    import PIL.Image

    target = io.BytesIO()
    PIL.Image.fromarray(pixels).save(target, "PNG", compress_level=1)
    return target.getvalue()


def unpack_pixels(packed: bytes) -> Pixels:
    """The pixels of `pack_pixels`; of a mask 255 where it is true."""
    import PIL.Image

    with PIL.Image.open(io.BytesIO(packed), formats=("PNG",)) as image:
        return np.asarray(image.convert("L"), dtype=np.uint8)
