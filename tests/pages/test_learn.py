"""The learn page: the lesson with its predictions, exercises that know the mistake, worksheets."""

import base64
from typing import Any

import pytest

from calculator.core.formatting import format_count
from calculator.learn.exercises.generator import MAX_QUESTIONS, exercise, exercises
from calculator.learn.lesson.lesson import STAGES, STEP_COUNT, TOPICS, lesson_step
from calculator.learn.lesson.vote import vote
from calculator.learn.mistakes.coverage import decoder_coverage
from calculator.learn.worksheet.worksheet import sheet
from calculator.settings import Settings
from calculator.ui.learn import worksheet
from calculator.ui.shell.share import qr_svg
from tests.pages.conftest import LEARN, UNUSABLE, Visit, name_of


def learn(link: dict[str, Any] | None = None, view: str = "lesson", **more: Any) -> Visit:
    return Visit(link, page=LEARN, view=view, **more)


def enter(page: Visit, label: str, text: str) -> Visit:
    """Type into the box of that label and press Enter."""
    [box] = [box for box in page.all("text_input") if box.label == label]
    box.set_value(text)
    return page.run()


def answer(page: Visit, text: str) -> Visit:
    """Type an answer to the exercise on the screen, and have it checked."""
    [box] = [box for box in page.all("text_input") if name_of(box).startswith("learn.answer")]
    box.set_value(text)
    return page.press("learn.check")


def successes(page: Visit) -> list[str]:
    return [element.value.replace("**", "").replace("\\", "") for element in page.at.success]


# The lesson


@pytest.mark.parametrize("width", ["usual", "narrow", "wide"])
def test_every_step_has_its_question_and_a_reveal(width: str) -> None:
    page = learn(width=width)
    for place in range(1, STEP_COUNT + 1):
        step = lesson_step(Settings(), place)
        assert f"{place} of {len(STAGES)} · {TOPICS[place - 1].title} · {TOPICS[place - 1].minutes} min" in (
            page.text
        )
        assert f"## {step.question}" in page.text
        assert step.idea in page.text
        assert step.conclusion not in page.text
        assert len(page.charts) == 1
        page.press("lesson.reveal")
        assert step.conclusion in page.text
        for line in step.working:
            assert f"{line.what}: {line.expression} = {format_count(line.value)}" in page.text
        assert step.conclusion not in page.press("lesson.hide").text
        if place < STEP_COUNT:
            page.press("lesson.next")
            assert page.query == {"step": str(place + 1)}


def test_the_way_through_ends_at_both_ends() -> None:
    page = learn()
    assert page.at.button(key="lesson.back").disabled
    assert page.press_late("lesson.back").query == {}
    page = learn({"step": "8"})
    assert page.at.button(key="lesson.next").disabled
    assert page.press_late("lesson.next").query == {"step": "8"}
    assert page.press("lesson.back").query == {"step": "7"}


@pytest.mark.parametrize("place", range(1, STEP_COUNT + 1))
def test_nothing_gives_the_answer_away_before_the_reveal(place: int) -> None:
    page = learn({"step": str(place)} if place > 1 else {})
    answer_text = format_count(lesson_step(Settings(), place).answer)
    shown = page.text + " ".join(chart.alt + str(chart.figure) for chart in page.charts.values())
    if place == 1:  # 16 stands nowhere but in the number of weights
        assert f" {answer_text} weights" not in page.text
    else:
        assert answer_text not in shown
    assert answer_text in page.press("lesson.reveal").text


def test_a_prediction_reveals_and_is_judged() -> None:
    page = learn({"step": "4"})
    enter(page, "Your prediction", "3 072")
    assert "3,072 is the result with the biases forgotten." in page.warnings[0]
    assert "Parameters: 3,072 + 64 = 3,136" in page.text
    assert "3,072 weights and 64 biases. The biases are 2.04 % of the parameters." in page.text
    enter(page, "Your prediction", "3,136")
    assert successes(page) == ["Right: 3,136."]
    # Moved on, the prediction was for another question; the answer goes along.
    page.type("out_channels", "10")
    assert (successes(page), page.warnings) == ([], [])
    assert "Parameters: 480 + 10 = 490" in page.text
    assert "480 weights and 10 biases. The biases are 2.04 % of the parameters." in page.text


@pytest.mark.parametrize("text", [*UNUSABLE.values(), "3.1k", "3.136", "3136.0"])
def test_a_prediction_that_is_no_number_is_refused_and_nothing_revealed(text: str) -> None:
    page = enter(learn({"step": "4", "in": "5"}), "Your prediction", text)
    assert page.query == {"step": "4", "in": "5"}
    assert lesson_step(page.settings, 4).conclusion not in page.text
    assert bool(page.errors) == bool(text.strip())


def test_the_worked_examples_are_taken_through_the_steps() -> None:
    page = learn({"step": "4"})
    for name, count in (("16 → 8", "3,200"), ("6 → 10", "550"), ("3 → 64", "3,136")):
        page.example(name)
        assert f"= {count}\n" not in page.text  # another layer, another prediction
        enter(page, "Your prediction", count)
        assert successes(page) == [f"Right: {count}."]
        assert f"= {count}\n" in page.text
        assert page.settings.step == 4


def test_the_word_deconvolution_is_explained_and_leads_to_the_picture() -> None:
    page = learn()
    assert 'Why not "deconvolution"?' in page.text
    [link] = [link for link in page.all("page_link") if link.label.startswith("See both matrices")]
    assert "see=transposed" in link.proto.query_string


def test_the_presenters_view_shows_the_step_alone() -> None:
    page = learn({"step": "3"}).flip("presenting")
    assert page.query == {"step": "3", "present": "1"}
    assert "learn_view" not in [name_of(group) for group in page.all("button_group")]
    assert "deconvolution" not in page.text
    assert lesson_step(Settings(), 3).question in page.text
    assert page.press("lesson.next").query == {"step": "4", "present": "1"}
    assert page.flip("presenting").query == {"step": "4"}


@pytest.mark.parametrize("place", range(1, STEP_COUNT + 1))
def test_the_class_votes_on_four_numbers_and_learns_what_each_was(place: int) -> None:
    page = learn({"step": str(place), "present": "1"})
    options = vote(lesson_step(Settings(), place))
    letters = "| A | B | C | D |\n| --- | --- | --- | --- |\n"
    numbers = f"| {' | '.join(format_count(option.value) for option in options)} |"
    assert f"{letters}{numbers}" in page.text
    assert not [option for option in options if option.mistake and option.mistake.name in page.text]
    page.press("lesson.reveal")
    names = " | ".join(option.mistake.name if option.mistake else "✓ right" for option in options)
    assert f"{letters}{numbers}\n| {names} |" in page.text
    assert "| A |" not in page.flip("presenting").text


def test_the_map_opens_every_part_and_the_last_part_leads_to_the_exercises() -> None:
    page = learn({"seed": "5", "level": "2"})
    for place in (7, 3, 8):
        assert page.choose("step", place).query == {"seed": "5", "level": "2", "step": str(place)}
    assert "8 of 8 · Your turn" in page.text
    for topic in TOPICS:
        assert topic.recap.replace("\u00a0", " ") in page.text
    [link] = page.code
    assert link.endswith("?learn=exercises&seed=5&level=2")
    [image] = page.all("image")
    [drawn] = image.value
    assert base64.b64decode(drawn.split("base64,")[1]).decode() == qr_svg(link)
    assert "Other devices cannot open this address." in page.text
    page.press("lesson.exercises")
    assert page.query == {"seed": "5", "level": "2", "step": "8"}
    assert exercise(5, 2, 1).question in page.text


def test_the_keys_open_parts_of_the_lesson() -> None:
    page = learn()
    assert page.given["keys"]["keys"] == ["n", "b", *"12345678", "v"]
    assert "PageDown" in learn({"present": "1"}).given["keys"]["keys"]


def test_the_notes_are_for_the_teacher_and_not_on_the_wall() -> None:
    page = learn({"step": "5"})
    asks = [ask.question for ask in TOPICS[4].asks]
    assert not [ask for ask in asks if ask in page.text]
    page.unfold("lesson.notes")
    assert all(ask in page.text for ask in asks)
    assert "Minutes 19 to 25 of 45." in page.text
    assert "lesson.guide" in files(page)
    wall = learn({"step": "5", "present": "1"})
    assert not [one for one in wall.all("expander") if one.key == "lesson.notes"]
    assert "min" not in wall.text.split("Groups")[1][:8]


@pytest.mark.parametrize(
    ("link", "place", "offer", "query"),
    [
        ({}, 5, 0, {"in": "16", "out": "8", "g": "4"}),
        ({"g": "8"}, 5, 1, {"in": "8", "g": "8"}),
        ({"in": "6", "out": "12"}, 5, 1, {"in": "6", "out": "12", "g": "3"}),
        ({"in": "6", "out": "12"}, 7, 0, {"in": "6", "out": "12", "bn": "1"}),
    ],
)
def test_a_step_about_another_layer_has_no_controls_for_it_and_offers_it(
    link: dict[str, str], place: int, offer: int, query: dict[str, str]
) -> None:
    page = learn({**link, "step": str(place)})
    step = lesson_step(page.settings, place)
    assert step.layer_note in page.text
    controls = {key.split(".")[0] for key, _ in page.widgets()} & set(TOPICS[place - 1].controls)
    assert controls == set(TOPICS[place - 1].controls) - set(step.other)
    page.press(f"lesson.offer.{offer}")
    assert page.query == {**query, "step": str(place)}
    assert {key.split(".")[0] for key, _ in page.widgets()} >= set(TOPICS[place - 1].controls)


def test_on_a_wall_a_value_per_axis_is_a_row_of_boxes() -> None:
    page = learn({"step": "6", "dim": "3", "s": "1x2x3", "k": "3x4x5", "present": "1"})
    assert not [slider for slider in page.all("slider") if name_of(slider).startswith("stride")]
    page.type("stride.1", "4")
    assert page.query["s"] == "1x4x3"
    page.type("stride.2", "none")
    assert page.query["s"] == "1x4x3"
    assert "3 is kept" in page.errors[0]
    # One value for all axes has its slider, there too.
    page.slide("padding", 2)
    assert page.query["p"] == "2"
    assert len([slider for slider in page.flip("presenting").all("slider") if "stride" in slider.key]) == 3


def test_on_a_phone_a_value_per_axis_keeps_its_sliders() -> None:
    page = learn({"step": "6", "s": "1x2", "present": "1"}, width="narrow")
    assert [name_of(one) for one in page.all("slider")][:2] == ["stride.0.slider", "stride.1.slider"]


def test_the_keys_stay_off_while_the_page_is_open() -> None:
    def on(page: Visit) -> bool:
        [switch] = [toggle for toggle in page.all("toggle") if name_of(toggle) == "keys.switch"]
        return bool(switch.value)

    page = learn()
    assert on(page)
    assert not on(page.flip("keys.switch"))
    assert not on(page.tab("Exercises"))
    assert on(page.flip("keys.switch"))
    assert on(page.tab("Lesson"))


@pytest.mark.parametrize(
    "link", [{"step": "0"}, {"step": "9"}, {"step": "two"}, {"present": "yes"}, {"learn": "x"}]
)
def test_an_unusable_link_opens_the_lesson_and_says_so(link: dict[str, str]) -> None:
    page = Visit({**link, "in": "5"}, page=LEARN)
    assert len(page.warnings) == 1
    assert page.query == {"in": "5"}
    assert f"1 of {len(STAGES)}" in page.text


def test_a_layer_that_cannot_be_still_has_its_lesson() -> None:
    page = learn({"step": "6", "op": "9"}).press("lesson.reveal")
    assert "Parameters: 3,072 + 64 = 3,136" in page.text
    assert "None of the five" in page.text


# Exercises


def test_a_right_answer_is_praised_and_counted() -> None:
    page = learn({"seed": "7"}, "exercises")
    made = exercise(7, 1, 1)
    assert f"## {made.question}" in page.text
    assert "Nothing tried yet." in page.text
    answer(page, format_count(made.answer))
    assert successes(page) == [f"Right: {format_count(made.answer)}."]
    assert "1 of 1 solved: 1 on the first try." in page.text
    assert page.query == {"seed": "7"}
    assert "The working" in page.text


@pytest.mark.parametrize(("level", "place"), [(1, 1), (2, 2), (3, 1), (3, 3)])
def test_a_wrong_answer_is_known_for_its_mistake(level: int, place: int) -> None:
    page = learn({"seed": "3", "level": str(level), "no": str(place)}, "exercises")
    made = exercise(3, level, place)
    for mistake in made.mistakes:
        answer(page, str(mistake.value))
        assert mistake.name in page.warnings[0]
        assert mistake.hint in page.warnings[0] + page.text
        assert f"How you get {format_count(mistake.value)}: {mistake.name}. " in page.text
        assert f"The first different step is step {mistake.differs_at + 1}." in page.text
        last = mistake.working[-1]
        assert f"{last.what}: {last.expression} = {format_count(last.value)}" in page.text
        assert "The working" not in page.text
    answer(page, str(made.answer))
    assert "1 of 1 solved: 1 after a wrong answer." in page.text


def test_a_calculation_is_an_answer_and_its_factors_are_compared() -> None:
    page = answer(learn({}, "exercises"), "5*16")
    assert "80 is the result with the biases forgotten and the output channels forgotten." in page.warnings[0]
    assert page.warnings[0].endswith(
        "In 5 × 16 the factor 3 is missing (out_channels). The biases are missing."
    )
    assert "How you get 80: the biases forgotten and the output channels forgotten. " in page.text
    assert page.given["learn.kept"]["value"] == [[1, 1, 1, ["80"], False, False, "5 × 16"]]
    back = returned(learn({}, "exercises"), page.given["learn.kept"]["value"])
    assert back.warnings == page.warnings
    assert successes(answer(page, "5*3*16+3")) == ["Right: 243."]


def test_a_wrong_answer_about_a_decoder_is_shown_on_its_layers_and_the_grid_of_the_first_wrong_one() -> None:
    made = next(one for one in exercises(3, 3, 8) if one.listing)
    page = learn({"seed": "3", "level": "3", "no": str(made.number)}, "exercises")
    grids = set()
    for mistake in (*made.mistakes, *made.pairs()[:2]):
        answer(page, str(mistake.value))
        cover = decoder_coverage(made, mistake)
        assert cover is not None
        alt = page.charts["exercise.decoder"].alt
        assert alt.startswith(f"The layers of the decoder. {cover.sentence} ")
        assert ("exercise.counted" in page.charts) == (cover.first is not None)
        if cover.first:
            grid = page.charts["exercise.counted"].alt
            assert grid.startswith(f"The grid of kernels. Layer ({cover.index}). {cover.first.sentence}")
        grids.add(cover.first is not None)
    assert grids == {True, False}
    answer(page, str(made.answer))
    assert "exercise.decoder" not in page.charts


def test_only_the_marks_in_the_grid_are_explained() -> None:
    page = answer(learn({}, "exercises"), "5*3*4+3")
    words = "Counted: 4 instead of 16 weights in each kernel."
    assert page.charts["exercise.counted"].alt == f"The grid of kernels. {words}"


def test_the_figure_names_its_kernels_as_the_question_does() -> None:
    for dim, words in (("1", "kernels of length 5."), ("2", "kernels of 5 × 5.")):
        page = learn({"dim": dim, "in": "6", "out": "9", "k": "5", "step": "3"}).press("lesson.reveal")
        assert f" of 54 {words}" in page.text


def test_a_wrong_answer_is_shown_on_the_grid_of_kernels() -> None:
    page = answer(learn({}, "exercises"), "80")
    words = "Counted: only the kernels of one output channel and 0 instead of 3 biases."
    assert page.charts["exercise.counted"].alt == (
        f"The grid of kernels. {words} A cross marks what was left out."
    )
    assert words in page.text
    # A number that is not explained has no picture, and a right one needs none.
    assert "exercise.counted" not in answer(page, "1234567").charts
    answer(page, "243")
    assert "exercise.counted" not in page.charts
    assert "5 × 3 kernels of 16 weights are 240 weights, and each of the 3 output channels has one bias" in (
        page.text
    )
    assert "Level 2 adds: rectangular kernels, 1-D, 3-D and groups." in page.text


def test_large_layers_are_drawn_in_part_and_the_page_says_so() -> None:
    number = next(
        number
        for number in range(1, 30)
        for layer in [exercise(5, 1, number).layer]
        if layer and layer.bias and layer.out_channels > 8
    )
    page = learn({"seed": "5", "no": str(number)}, "exercises")
    answer(page, str(exercise(5, 1, number).mistakes[0].value))
    assert "Only a part of the grid is drawn." in page.text


def test_the_published_exercise_is_one_press_away() -> None:
    page = learn({"no": "7"}, "exercises").press("learn.published")
    assert page.query == {"level": "4", "seed": "4132024", "q": "4"}
    assert "University of Toronto Mississauga, CSC413, 2024, week 10, exercise 2" in page.text
    for count in (56, 280, 98, 112):
        assert successes(answer(page, str(count))) == [f"Right: {count}."]
        page.press("exercise.next")
    assert "4 of 4 solved" in page.text
    assert "CSC413" not in page.press("learn.reseed").text


def test_sheets_a_and_b_have_other_questions_and_b_its_own_seed() -> None:
    page = learn({"seed": "9", "sheet": "A"}, "worksheet")
    assert "Sheet A · level 1 · seed 9 · 10 questions" in page.text
    page.choose("sheet_letter", "B")
    assert page.query == {"seed": "9", "sheet": "B"}
    assert "Sheet B · level 1 · seed 500000009 · 10 questions" in page.text
    assert sheet(500_000_009, 1, 10, "").exercises[0].question in page.text


def test_a_prediction_may_be_a_calculation() -> None:
    page = enter(learn({"step": "4"}), "Your prediction", "3*64*16")
    assert "The biases are missing." in page.warnings[0]
    assert successes(enter(page, "Your prediction", "3*64*16+64")) == ["Right: 3,136."]


def test_a_wrong_answer_does_not_print_the_right_one() -> None:
    # Without a bias the weights are the answer, and most mistakes come after them.
    seed, made = next(
        (seed, made)
        for seed in range(50)
        for made in [exercise(seed, 1, 1)]
        if "bias=False" in made.question and made.mistakes[0].key == "bias-counted"
    )
    page = learn({"seed": str(seed)}, "exercises")
    answer(page, str(made.mistakes[0].value))
    assert f"= {format_count(made.answer)}" not in page.text
    assert "The working" not in page.text


def test_what_was_answered_last_is_what_is_judged() -> None:
    page = learn({"seed": "7"}, "exercises")
    made = exercise(7, 1, 1)
    answer(page, str(made.answer))
    answer(page, str(made.answer + 1))
    assert successes(page) == []
    assert f"{format_count(made.answer + 1)} is too large" in page.warnings[0]
    assert "1 of 1 solved: 1 on the first try." in page.text


def test_the_working_is_always_there_and_in_the_score() -> None:
    page = learn({"seed": "7", "no": "2"}, "exercises").press("learn.show")
    made = exercise(7, 1, 2)
    for line in made.working:
        assert f"{line.what}: {line.expression} = {format_count(line.value)}" in page.text
    assert "1 not solved, with the working shown." in page.text
    answer(page, str(made.answer))
    assert "1 of 1 solved: 1 with the working shown." in page.text
    # The score goes along to the next one, and is nowhere in the link.
    page.press("exercise.next")
    assert "1 of 1 solved" in page.text
    assert page.query == {"seed": "7", "no": "3"}


@pytest.mark.parametrize("text", [*UNUSABLE.values(), "3.1k", "3.136", "12.", "0x10"])
def test_an_answer_that_is_no_number_is_refused_with_its_reason(text: str) -> None:
    page = learn({"seed": "7", "in": "5"}, "exercises")
    answer(page, text)
    assert len(page.errors) == 1
    assert len(page.errors[0]) < 400
    assert page.query == {"seed": "7", "in": "5"}
    assert "Nothing tried yet." in page.text
    assert answer(page, "1").errors == []


def test_the_way_through_the_exercises() -> None:
    page = learn({}, "exercises")
    assert page.at.button(key="exercise.back").disabled
    assert page.press("exercise.next").query == {"no": "2"}
    assert page.press("exercise.back").query == {}
    page = learn({"no": str(MAX_QUESTIONS)}, "exercises")
    assert page.at.button(key="exercise.next").disabled
    assert page.press_late("exercise.next").query == {"no": str(MAX_QUESTIONS)}
    assert page.choose("level", 3).query == {"no": str(MAX_QUESTIONS), "level": "3"}
    assert exercise(1, 3, MAX_QUESTIONS).question in page.text


def test_another_seed_begins_anew_and_is_in_the_link() -> None:
    page = learn({"no": "4"}, "exercises").press("learn.reseed")
    assert set(page.query) == {"seed"}
    assert exercise(page.settings.seed, 1, 1).question in page.text
    assert page.type("seed", "2,021").query == {"seed": "2021"}


@pytest.mark.parametrize("text", [*UNUSABLE.values(), "1,000,000,000"])
def test_a_seed_that_cannot_be_is_refused(text: str) -> None:
    page = learn({"seed": "5"}, "exercises").type("seed", text)
    [error] = page.refusals("Seed")
    assert error.endswith(" 5 is kept.")
    assert page.query == {"seed": "5"}


def test_the_layer_of_an_exercise_opens_in_the_calculator() -> None:
    page = learn({"seed": "7"}, "exercises").press("learn.show").press("learn.open")
    assert page.page == "app.py"
    assert page.answer[0] == exercise(7, 1, 1).answer


def test_the_score_stays_while_other_pages_are_visited() -> None:
    page = learn({}, "exercises")
    answer(page, str(exercise(1, 1, 1).answer))
    page.go("app.py").go(LEARN)
    page.tab("Exercises")
    assert "1 of 1 solved" in page.text


# Worksheets


def files(page: Visit) -> dict[str, Any]:
    return {button.key: button for button in page.all("download_button")}


def test_a_sheet_is_previewed_and_offered_in_four_files() -> None:
    page = learn({"seed": "9", "q": "5", "level": "2"}, "worksheet")
    made = sheet(9, 2, 5, "")
    assert f"## {made.title}" in page.text
    for one in made.exercises[:3]:
        assert one.question in page.text
    assert "and 2 more on the sheet." in page.text
    assert {f"sheet.{form}.{key}" for form in ("html", "md") for key in (True, False)} <= set(files(page))


def test_a_sheet_is_written_when_its_button_is_clicked(monkeypatch: pytest.MonkeyPatch) -> None:
    def written(*_: object, **__: object) -> str:
        raise AssertionError("a file was written at a rerun")

    for name in ("sheet_html", "sheet_markdown", "qr_svg"):
        monkeypatch.setattr(worksheet, name, written)
    page = learn({"seed": "9"}, "worksheet").run()
    assert len(files(page)) >= 4


def test_a_title_is_taken_as_it_is_typed() -> None:
    page = enter(learn({}, "worksheet"), "Title", "Week 3: <b>up</b> & *down*")
    assert page.query == {"title": "Week 3: <b>up</b> & *down*"}
    assert "## Week 3: <b>up</b> & *down*" in page.text
    assert all(not element.allow_html for element in page.at.markdown)
    assert enter(page, "Title", " ").query == {}


@pytest.mark.parametrize("text", ["x" * 81, "a\x00b", "a\nb"])
def test_a_title_that_cannot_be_is_refused_and_the_old_one_kept(text: str) -> None:
    page = enter(learn({"title": "Week 3"}, "worksheet"), "Title", text)
    assert page.errors[0].startswith("Title must be one line of 1 to 80 visible characters")
    assert page.errors[0].endswith("Week 3 is kept.")
    assert page.query == {"title": "Week 3"}


def test_the_number_of_questions() -> None:
    page = learn({}, "worksheet").type("questions", "1")
    assert page.query == {"q": "1"}
    assert "1 question" in page.text
    page.type("questions", "31")
    assert page.refusals("Questions")[0].endswith("1 is kept.")


def test_every_setting_of_this_page_can_be_set_on_it() -> None:
    on_screen = {
        key.split(".")[0] for view in ("exercises", "worksheet") for key, _ in learn({}, view).widgets()
    }
    assert on_screen >= {"level", "questions"}
    moved = {
        key.split(".")[0]
        for place in range(1, len(STAGES) + 1)
        for link in ({}, {"in": "16", "out": "8", "g": "2", "bn": "1"})
        for key, _ in learn({**link, "step": str(place)}).widgets()
    }
    assert moved >= {"kernel_size", "in_channels", "out_channels", "bias", "groups", "stride", "batch_norm"}


AGAIN = "The server was restarted or the page was loaded again. Your answers came back from your browser."


def returned(page: Visit, value: object) -> Visit:
    """Report the browser's record of a previous session."""
    return page.send("learn.kept", "returned", {"value": value, "text": False})


def test_the_score_comes_back_from_the_browser() -> None:
    page = learn({"seed": "7"}, "exercises")
    assert page.given["learn.kept"]["value"] == []
    made = exercise(7, 1, 1)
    answer(page, "1")
    answer(page, str(made.answer))
    record = page.given["learn.kept"]["value"]
    assert record == [[1, 7, 1, ["1", str(made.answer)], True, False, str(made.answer)]]
    later = returned(learn({"seed": "7"}, "exercises"), record)
    assert "1 of 1 solved: 1 after a wrong answer." in later.text
    assert AGAIN in later.text
    assert successes(later) == [f"Right: {format_count(made.answer)}."]
    assert "The working" in later.text
    assert later.given["learn.kept"]["value"] == record


def test_an_answer_of_this_session_counts_more_than_the_record() -> None:
    page = answer(learn({"seed": "7"}, "exercises"), str(exercise(7, 1, 1).answer))
    returned(page, [[1, 7, 1, ["1"], False, True, "1"], [1, 7, 2, ["1"], False, False, "1"]])
    assert "1 of 2 solved: 1 on the first try." in page.text


@pytest.mark.parametrize("value", [None, {}, "x", 5])
def test_a_record_that_is_no_list_changes_nothing(value: object) -> None:
    page = returned(learn({}, "exercises"), value)
    assert "Nothing tried yet." in page.text
    assert AGAIN not in page.text


def test_entries_that_cannot_be_read_are_counted_on_the_page() -> None:
    page = returned(
        learn({}, "exercises"), [[9, 7, 1, ["1"], True, False, "1"], [1, 7, 1, ["1"], False, False, "1"]]
    )
    assert "0 of 1 solved." in page.text
    assert f"{AGAIN} 1 exercise could not be read." in page.text
