"""QTI 2.1 packages: read by a converter to QTI 3, played item by item, and held to the rules of the model.

No package on the usual registries ships the XSD of QTI 2.1, so the rules below are those of the information
model, each with its section.
"""

import io
import re
import zipfile
from pathlib import PurePosixPath
from typing import Any

import pytest
from lxml import etree
from qti_convert import fix_package_references, upgrade_package

from calculator.learn.exports.qti import sheet_qti
from calculator.learn.worksheet.sheet import Sheet
from tests.helpers.exported import check_feedback, thousand
from tests.helpers.qti_player import QTI, player
from tests.helpers.sheets import MADE

PACKAGE = "{http://www.imsglobal.org/xsd/imscp_v1p1}"
IDENTIFIER = re.compile("[A-Za-z_][A-Za-z0-9_.-]*")
ITEM = ["responseDeclaration", "outcomeDeclaration", "outcomeDeclaration", "itemBody", "responseProcessing"]
BLOCKS = {f"{QTI}p", f"{QTI}pre"}


def files(sheet: Sheet) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(sheet_qti(sheet))) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


@pytest.mark.parametrize("path", ["imsmanifest.xml", "test.xml", "items/"])
def test_every_document_says_that_it_is_xml_in_utf_8(path: str) -> None:
    documents = [data for name, data in files(MADE).items() if name.startswith(path)]
    assert documents
    for data in documents:
        # XML 1.0, "Prolog and Document Type Declaration": nothing may stand before it.
        assert re.match(rb"<\?xml version=(['\"])1\.0\1 encoding=(['\"])UTF-8\2\?>\s*<\w", data)
        info = etree.fromstring(data).getroottree().docinfo
        assert (info.xml_version, info.encoding) == ("1.0", "UTF-8")


def items(sheet: Sheet) -> list[bytes]:
    """Return the items in the order of the test, as its manifest and its references lead to them."""
    content = files(sheet)
    manifest = etree.fromstring(content.pop("imsmanifest.xml"))
    # Content Packaging, "Manifest": metadata, organizations and resources, in this order.
    assert [one.tag for one in manifest] == [
        f"{PACKAGE}{name}" for name in ("metadata", "organizations", "resources")
    ]
    resources = manifest[2]
    # Content Packaging, "Resource": it lists its files, and depends on resources of the same manifest.
    assert {one.get("href") for one in resources} == set(content)
    assert [one.find(f"{PACKAGE}file").get("href") for one in resources] == [
        one.get("href") for one in resources
    ]
    names = [one.get("identifier") for one in resources]
    assert len(set(names)) == len(names)
    assert all(map(IDENTIFIER.fullmatch, names))
    [test] = [one for one in resources if one.get("type") == "imsqti_test_xmlv2p1"]
    needed = [one.get("identifierref") for one in test.iterfind(f"{PACKAGE}dependency")]
    assert needed == [one.get("identifier") for one in resources if one.get("type") == "imsqti_item_xmlv2p1"]
    return [content[path] for path in _referred(etree.fromstring(content[test.get("href")]), sheet)]


def _referred(test: Any, sheet: Sheet) -> list[str]:
    """Return the paths of the items of a test."""
    # "Tests": a test has an identifier, a title and parts; a part has its two modes and sections.
    assert (test.tag, test.get("title")) == (f"{QTI}assessmentTest", sheet.title)
    [part] = test
    assert (part.get("navigationMode"), part.get("submissionMode")) == ("nonlinear", "individual")
    control, section = part
    # "Item Session Control": 0 attempts are unlimited.
    assert (control.get("maxAttempts"), control.get("showFeedback")) == ("0", "true")
    assert section.get("visible") == "true"
    names = [one.get("identifier") for one in section]
    assert len(set(names)) == len(names) == len(sheet.exercises)
    return [one.get("href") for one in section]


def check_item(item: Any) -> None:
    """Check an item against the rules of the information model."""
    # "Items": five required attributes, and the order of the children.
    assert item.tag == f"{QTI}assessmentItem"
    assert set(item.attrib) == {"identifier", "title", "adaptive", "timeDependent"}
    assert IDENTIFIER.fullmatch(item.get("identifier"))
    names = [one.tag.removeprefix(QTI) for one in item]
    assert names[:5] == ITEM
    assert set(names[5:]) == {"modalFeedback"}
    # "Item Variables": identifiers are unique; a response has a cardinality and a base type.
    variables = [one.get("identifier") for one in item[:3]]
    assert variables == ["RESPONSE", "SCORE", "FEEDBACK"]
    assert [one.get("baseType") for one in item[:3]] == ["integer", "float", "identifier"]
    assert {one.get("cardinality") for one in item[:3]} == {"single"}
    # "Expressions": a value has the base type of the variable that it is compared with or given to.
    types = {one.get("identifier"): one.get("baseType") for one in item[:3]}
    for value in item.iter(f"{QTI}baseValue"):
        around = value.getparent()
        name = around.get("identifier") or around[0].get("identifier")
        assert value.get("baseType") == types[name]
    # "Content Model": the body has blocks. "Interactions": a text entry stands inside a block.
    body = item[3]
    assert {one.tag for one in body} <= BLOCKS
    assert not (body.text or "").strip()
    [interaction] = body.iter(f"{QTI}textEntryInteraction")
    assert interaction.getparent().tag == f"{QTI}p"
    assert interaction.get("responseIdentifier") == "RESPONSE"
    # "expectedLength": a hint to the width of the box.
    assert interaction.get("expectedLength") == "12"
    # "Modal Feedback": each belongs to an outcome of base type identifier, and is shown for one value.
    shown = [one.get("identifier") for one in item.iterfind(f"{QTI}modalFeedback")]
    assert len(set(shown)) == len(shown)
    assert all(map(IDENTIFIER.fullmatch, shown))
    assert {one.get("outcomeIdentifier") for one in item.iterfind(f"{QTI}modalFeedback")} == {"FEEDBACK"}


def test_a_thousand_exercises_are_played_with_every_mistake() -> None:
    count = 0
    for sheet in thousand():
        for exercise, document in zip(sheet.exercises, items(sheet), strict=True):
            play = player(document)
            check_item(play.item)
            body = play.item.find(f"{QTI}itemBody")
            assert body[0].text == exercise.question
            assert body.findtext(f"{QTI}pre", "") == exercise.listing
            read = {}
            mistakes = (*exercise.mistakes, *exercise.pairs())
            for value in {exercise.answer, *(mistake.value for mistake in mistakes)}:
                score, [read[value]] = play.answer(value)
                assert score == ("1" if value == exercise.answer else "0")
            check_feedback(exercise, read, pairs=True)
            score, [sentence] = play.answer(10**15)
            assert score == "0"
            assert sentence.startswith("Not yet: no known mistake")
            assert play.answer(None) == ("0", [])
            count += 1
    assert count > 1000


def test_another_program_reads_the_package() -> None:
    for sheet in (MADE, *thousand()[1::12]):
        package = sheet_qti(sheet)
        references = fix_package_references(package)
        assert (list(references.fixed), list(references.unresolved)) == ([], [])
        converted = upgrade_package(package).files
        paths = [path for path in converted if PurePosixPath(path).parent.name == "items"]
        assert len(paths) == len(sheet.exercises)
        for exercise, path in zip(sheet.exercises, paths, strict=True):
            found = converted[path]
            item = etree.fromstring(found if isinstance(found, bytes) else found.encode())
            [correct] = item.iterfind(".//{*}qti-correct-response/{*}qti-value")
            assert correct.text == str(exercise.answer)
            known = len({mistake.value for mistake in exercise.mistakes})
            assert len(item.findall("{*}qti-modal-feedback")) >= known + 2


def test_the_same_exercises_make_the_same_file() -> None:
    assert sheet_qti(MADE) == sheet_qti(MADE)
