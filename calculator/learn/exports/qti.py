"""Exercises as a QTI 2.1 package: a ZIP file with a manifest, a test, and an item for each exercise.

The elements are those of "IMS Question and Test Interoperability, Assessment Test, Section and Item
Information Model", version 2.1. The response processing of an item compares the number with the right answer,
then with each known wrong number, also of two mistakes at once. An empty response gets no reply.

Why this is hand-written:

- The ready-made templates of response processing, such as ``match_correct``, give a score and no reply to a
  certain wrong number.
- An item needs about twenty elements, which ``xml.etree`` writes and escapes.
- Exports need the standard library only, so that they also run without a server.
"""

import io
import zipfile
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from calculator.learn.exercise import Exercise
from calculator.learn.exports.parts import question_name, question_xhtml
from calculator.learn.exports.replies import Reply, any_other_reply, replies
from calculator.learn.worksheet.sheet import Sheet

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
ITEM_TYPE, TEST_TYPE = "imsqti_item_xmlv2p1", "imsqti_test_xmlv2p1"

RESPONSE, SCORE, FEEDBACK = "RESPONSE", "SCORE", "FEEDBACK"
RIGHT, OTHER = "RIGHT", "OTHER"
"""Identifiers of an item's variables, and of the replies to the right answer and to unknown numbers."""

EXPECTED_LENGTH = "12"
"""How many characters wide the box for the answer should be."""

_DATE = (1980, 1, 1, 0, 0, 0)
"""The first date that a ZIP file can store: the same exercises always make the same file."""


def sheet_qti(sheet: Sheet) -> bytes:
    """Return the exercises of a sheet as the bytes of a ZIP file."""
    files = {f"items/{identifier(exercise)}.xml": _item(exercise) for exercise in sheet.exercises}
    tests = {"test.xml": _test(sheet, tuple(files))}
    files = {"imsmanifest.xml": _manifest(tuple(tests), tuple(files)), **tests, **files}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for path, document in files.items():
            package.writestr(zipfile.ZipInfo(path, _DATE), _bytes(document), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def identifier(exercise: Exercise) -> str:
    """Return the identifier of an item: it begins with a letter and has no spaces.

    >>> from calculator.learn.exercises.generator import exercise
    >>> identifier(exercise(2021, 1, 3))
    'level-1-seed-2021-question-3'
    """
    return f"level-{exercise.level}-seed-{exercise.seed}-question-{exercise.number}"


def _bytes(document: Element) -> bytes:
    # As text first: bytes would be encoded piece by piece, which takes twice as long.
    text = "<?xml version='1.0' encoding='UTF-8'?>\n" + ElementTree.tostring(document, encoding="unicode")
    return text.encode("utf-8", "xmlcharrefreplace")


def _item(exercise: Exercise) -> Element:
    """Return an exercise as an ``assessmentItem``."""
    item = Element(
        "assessmentItem", xmlns=QTI, identifier=identifier(exercise), title=question_name(exercise),
        adaptive="false", timeDependent="false",
    )  # fmt: skip
    response = SubElement(
        item, "responseDeclaration", identifier=RESPONSE, cardinality="single", baseType="integer"
    )
    SubElement(SubElement(response, "correctResponse"), "value").text = str(exercise.answer)
    score = SubElement(item, "outcomeDeclaration", identifier=SCORE, cardinality="single", baseType="float")
    SubElement(SubElement(score, "defaultValue"), "value").text = "0"
    SubElement(item, "outcomeDeclaration", identifier=FEEDBACK, cardinality="single", baseType="identifier")
    body = ElementTree.fromstring(f"<itemBody>{question_xhtml(exercise)}</itemBody>")
    SubElement(
        SubElement(body, "p"),
        "textEntryInteraction",
        responseIdentifier=RESPONSE,
        expectedLength=EXPECTED_LENGTH,
    )
    item.append(body)
    known = replies(exercise, pairs=True)
    item.append(_processing(known))
    for reply in known:
        _feedback(item, _reply_identifier(reply), reply.sentence)
    _feedback(item, OTHER, any_other_reply(exercise))
    return item


def _reply_identifier(reply: Reply) -> str:
    return RIGHT if reply.correct else f"N{reply.value}"


def _processing(known: tuple[Reply, ...]) -> Element:
    """Return the response processing: the score, and the identifier of the reply."""
    processing = Element("responseProcessing")
    condition = SubElement(processing, "responseCondition")
    for index, reply in enumerate(known):
        branch = SubElement(condition, "responseElseIf" if index else "responseIf")
        match = SubElement(branch, "match")
        SubElement(match, "variable", identifier=RESPONSE)
        if reply.correct:
            SubElement(match, "correct", identifier=RESPONSE)
            _set(branch, SCORE, "float", "1")
        else:
            SubElement(match, "baseValue", baseType="integer").text = str(reply.value)
        _set(branch, FEEDBACK, "identifier", _reply_identifier(reply))
    other = SubElement(condition, "responseElseIf")
    empty = SubElement(SubElement(other, "not"), "isNull")
    SubElement(empty, "variable", identifier=RESPONSE)
    _set(other, FEEDBACK, "identifier", OTHER)
    return processing


def _set(branch: Element, outcome: str, base_type: str, value: str) -> None:
    """Append the instruction that gives an outcome variable its value."""
    assignment = SubElement(branch, "setOutcomeValue", identifier=outcome)
    SubElement(assignment, "baseValue", baseType=base_type).text = value


def _feedback(item: Element, reply: str, sentence: str) -> None:
    SubElement(
        item, "modalFeedback", outcomeIdentifier=FEEDBACK, identifier=reply, showHide="show"
    ).text = sentence


def _test(sheet: Sheet, items: tuple[str, ...]) -> Element:
    """Return the ``assessmentTest`` with all items; each can be tried again, and shows its reply at once."""
    test = Element("assessmentTest", xmlns=QTI, identifier="test", title=sheet.title)
    part = SubElement(
        test, "testPart", identifier="part", navigationMode="nonlinear", submissionMode="individual"
    )
    SubElement(part, "itemSessionControl", maxAttempts="0", showFeedback="true")
    section = SubElement(part, "assessmentSection", identifier="section", title=sheet.title, visible="true")
    for exercise, path in zip(sheet.exercises, items, strict=True):
        SubElement(section, "assessmentItemRef", identifier=identifier(exercise), href=path)
    return test


def _manifest(tests: tuple[str, ...], items: tuple[str, ...]) -> Element:
    """Return the manifest: the test depends on every item."""
    manifest = Element("manifest", xmlns=PACKAGE, identifier="manifest")
    metadata = SubElement(manifest, "metadata")
    SubElement(metadata, "schema").text = "QTIv2.1 Package"
    SubElement(metadata, "schemaversion").text = "1.0.0"
    SubElement(manifest, "organizations")
    resources = SubElement(manifest, "resources")
    numbered = {path: f"resource-{number}" for number, path in enumerate((*tests, *items))}
    for path, resource_identifier in numbered.items():
        resource = SubElement(
            resources, "resource", identifier=resource_identifier, href=path,
            type=TEST_TYPE if path in tests else ITEM_TYPE,
        )  # fmt: skip
        SubElement(resource, "file", href=path)
        if path in tests:
            for item in items:
                SubElement(resource, "dependency", identifierref=numbered[item])
    return manifest
