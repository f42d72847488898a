"""The question about a visitor's own layer, for a link that hides the answer until a prediction is made."""

from calculator.core.derivation import derive_parameters
from calculator.core.errors import LayerError
from calculator.frameworks import FRAMEWORKS
from calculator.learn.exercise import Question
from calculator.learn.mistakes.hand_count import QuestionFacts
from calculator.learn.mistakes.layer import layer_mistakes
from calculator.settings import FIELDS, Settings


def mystery_question(settings: Settings) -> Question:
    """Return the question about the layer; settings that describe an impossible layer are left out of it.

    >>> question = mystery_question(Settings())
    >>> question.listing, question.answer
    ('nn.ConvTranspose2d(3, 64, kernel_size=4, stride=2, padding=1)', 3136)
    """
    try:
        layer = settings.layer()
    except LayerError:
        layer = settings.counted_layer()
    answer = layer.parameter_count
    mistakes = layer_mistakes(QuestionFacts(layer, stride_given=True))
    return Question(
        question="How many parameters does this layer have?",
        listing=FRAMEWORKS["pytorch"].code(layer).splitlines()[-1].removeprefix("layer = "),
        answer=answer,
        working=derive_parameters(layer),
        mistakes=tuple(mistake for mistake in mistakes if mistake.value != answer),
        layer=layer,
    )


def mystery_settings(settings: Settings) -> Settings:
    """Return the same layer with its answer hidden, and everything else at its default.

    >>> mystery_settings(Settings(in_channels=5, working=True)) == Settings(in_channels=5, hidden=True)
    True
    """
    layer = {field.name: getattr(settings, field.name) for field in FIELDS if field.scope == "layer"}
    return Settings(**layer, hidden=True)
