"""img2table with its own RapidOCR: tables in PDFs (their text where there is one) and in pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

LIBRARIES = ("img2table", "rapidocr", "onnxruntime", "opencv-contrib-python")
KINDS = ("pdf", "scan")
WARMING = False  # all is loaded before the first document
MIN_CONFIDENCE = 50  # its default


class Peer:
    """Reads the tables of a PDF or a picture."""

    def __init__(self) -> None:
        from img2table.document import PDF, Image
        from img2table.ocr import RapidOCR
        from rapidocr import LangRec

        self._pdf, self._image = PDF, Image
        # The networks that come in the package, which read Chinese and English; another language is a download.
        self._ocr = RapidOCR({"Rec.lang_type": LangRec.CH, "Global.log_level": "critical"} | ONE_THREAD)

    def read(self, path: Path) -> dict[str, Any]:
        """Tables page by page; a merged cell has its text in each of its places."""
        source = path.read_bytes()
        if path.suffix == ".pdf":
            found = self._pdf(source, detect_rotation=False).extract_tables(
                ocr=self._ocr, min_confidence=MIN_CONFIDENCE
            )
            tables = [table for page in sorted(found) for table in found[page]]
        else:
            tables = [
                table
                for image in _split_frames(source)
                for table in self._image(image).extract_tables(ocr=self._ocr, min_confidence=MIN_CONFIDENCE)
            ]
        return {"grids": [[[cell.value or "" for cell in row] for row in t.content.values()] for t in tables]}


ONE_THREAD = {
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


def _split_frames(content: bytes) -> list[bytes]:
    """The pages of a picture file, each as a PNG of its own."""
    import io

    import PIL.Image
    import PIL.ImageSequence

    pages = []
    with PIL.Image.open(io.BytesIO(content)) as image:
        for frame in PIL.ImageSequence.Iterator(image):
            target = io.BytesIO()
            frame.convert("RGB").save(target, "PNG", compress_level=1)
            pages.append(target.getvalue())
    return pages
